import { camelKeys, type Values } from "../schema/check-keys";
import { environmentDefaults } from "../schema/foundation-keys";
import { wholeAddressName } from "../schema/terraform-address";
import type {
  customAttributeKeys,
  dynamodbAccessKeys,
  groupKeys,
  s3AccessKeys,
  userKeys,
} from "../schema/users-entry-keys";
import type { emailKeys, passwordPolicyKeys, smsKeys } from "../schema/users-keys";
import type {
  GroupConfig,
  IdentityPoolConfig,
  PeopleAccessConfig,
  UserConfig,
  UsersConfig,
  UsersDomainConfig,
} from "../schema/users-types";
import { sorted } from "../sorted";
import type { UsersFile } from "./users-file";
import { emailOf, type UsersNames, userNameOf } from "./users-names";
import type { CheckedAccess, CheckedGroup, CheckedUser, UsersParts, UsersValues } from "./users-parts";
import type { CheckedServices } from "./users-services";

/** The configuration of a file without a fault. */
export function completeUsers(file: UsersFile, values: UsersValues, services: CheckedServices): UsersConfig {
  const { environment, names, parts, bucketName } = file;
  const { environment: _environment, project_name, user_pool_name, client_name, session_duration, ...others } = values;
  const { history_size, ...passwordPolicy } = parts.passwordPolicy.values as Values<typeof passwordPolicyKeys>;
  const { projectName, userPoolName, clientName } = names;
  return {
    ...camelKeys({
      ...others,
      deletion_protection: values.deletion_protection ?? environmentDefaults(environment).deletion_protection,
    }),
    environment,
    projectName,
    userPoolName,
    clientName,
    mfaMethods: values.mfa === "off" ? [] : values.mfa_methods,
    passwordPolicy: { ...camelKeys(passwordPolicy), passwordHistorySize: history_size },
    customAttributes: sorted(parts.customAttributes, ({ name }) => name).map(({ name, checked }) => ({
      name,
      ...camelKeys(checked.values as Values<typeof customAttributeKeys>),
    })),
    email: parts.email && camelKeys(parts.email.values as Values<typeof emailKeys>),
    sms: parts.sms && camelKeys(parts.sms.values as Values<typeof smsKeys>),
    domain: domainOf(parts),
    resourceServers: sorted(services.resourceServers, ({ address }) => address),
    serviceClients: sorted(services.serviceClients, ({ key }) => key),
    triggers: sorted(Object.entries(values.triggers), ([name]) => name).map(([name, lambdaArn]) => ({
      name,
      address: wholeAddressName(name),
      lambdaArn,
    })),
    groups: sorted(parts.groups, ({ name }) => name).map((group) => groupOf(group, names, bucketName)),
    users: sorted(parts.users, ({ name }) => name).map((user) => userOf(user, values, parts)),
    identityPool: identityPoolOf(parts, names),
    access: accessOf(parts.access, bucketName),
    sessionDurationSeconds: session_duration,
  };
}

function domainOf({ domain }: UsersParts): UsersDomainConfig | undefined {
  if (domain === undefined) return undefined;
  const {
    prefix,
    name = prefix ?? "",
    certificate_arn: certificateArn,
    managed_login_version: version,
  } = domain.values;
  return { name, certificateArn, managedLoginVersion: version === 2 ? 2 : 1 };
}

function identityPoolOf({ identityPool }: UsersParts, names: UsersNames): IdentityPoolConfig | undefined {
  const { values, policy } = identityPool;
  if (values.enabled === false) return undefined;
  const { identityPoolName: name, roleName, guestRoleName } = names;
  const guests = values.guests === true ? { roleName: guestRoleName, policyJson: policy?.json ?? "" } : undefined;
  return { name, roleName, guests };
}

function groupOf(
  { name: key, checked, access, policy }: CheckedGroup,
  names: UsersNames,
  bucket: string | undefined,
): GroupConfig {
  const {
    description,
    precedence,
    session_duration: sessionDurationSeconds,
  } = checked.values as Values<typeof groupKeys>;
  return {
    key,
    address: wholeAddressName(key),
    description,
    precedence,
    access: accessOf(access, bucket),
    policyJson: policy?.json,
    roleName: names.groupRoles.find(({ group }) => group === key)?.roleName,
    sessionDurationSeconds,
  };
}

function accessOf({ s3, dynamodb, lambda }: CheckedAccess, bucketName: string | undefined): PeopleAccessConfig {
  const { shared_prefix, ...objects } = (s3 ?? {}) as Values<typeof s3AccessKeys>;
  return {
    s3: s3 && { ...camelKeys(objects), bucket: objects.bucket ?? bucketName ?? "" },
    dynamodb: dynamodb && camelKeys(dynamodb as Values<typeof dynamodbAccessKeys>),
    lambda: [...new Set(lambda)].sort(),
  };
}

function userOf(user: CheckedUser, { sign_in: signIn }: UsersValues, parts: UsersParts): UserConfig {
  const { name: key, checked } = user;
  const { groups, enabled, invite, attributes } = checked.values as Values<typeof userKeys>;
  const own = new Set(parts.customAttributes.map(({ name }) => name));
  return {
    key,
    address: wholeAddressName(key),
    userName: userNameOf(user, signIn) ?? key,
    email: emailOf(user),
    groups: [...new Set(groups)].sort(),
    enabled,
    invite,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [own.has(name) ? `custom:${name}` : name, value]),
    ),
  };
}
