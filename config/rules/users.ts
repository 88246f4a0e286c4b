import { nearest } from "../../terminal/nearest";
import { type CheckedLayer, type LayerConfiguration, type LayerContext, wrongEnvironment } from "../layer";
import { clientKeys, resourceServerKeys } from "../schema/api-keys";
import { checkKeys } from "../schema/check-keys";
import {
  accessKeys,
  customAttributeKeys,
  dynamodbAccessKeys,
  groupKeys,
  s3AccessKeys,
  userKeys,
} from "../schema/users-entry-keys";
import { domainKeys, emailKeys, identityPoolKeys, passwordPolicyKeys, smsKeys, usersKeys } from "../schema/users-keys";
import type { UsersConfig } from "../schema/users-types";
import type { SourceFile } from "../source/source-file";
import { accountFaults } from "./account";
import { BUILT_IN_TAGS } from "./server-tags";
import { accessFaults, peoplePrefixes } from "./users-access";
import { NO_PASSWORD, SECRETIVE } from "./users-attributes";
import { clientFaults, clientWarnings } from "./users-clients";
import { completeUsers } from "./users-complete";
import type { UsersFile } from "./users-file";
import { groupFaults, policySizeFaults, policyWarnings } from "./users-groups";
import { derivedNames } from "./users-names";
import { domainsOf, pageFaults } from "./users-pages";
import { checkParts, type UsersValues } from "./users-parts";
import { peopleFaults } from "./users-people";
import { poolFaults, poolWarnings } from "./users-pool";
import { nameFaults, rolesOf } from "./users-roles";
import { checkServices } from "./users-services";
import { sessionFaults, sessionWarnings } from "./users-sessions";

/** People who sign in, and get AWS credentials for what their groups may reach: a user pool and an identity pool. */
export const usersConfiguration: LayerConfiguration<UsersConfig> = {
  name: "users",
  contents:
    "people who sign in and get AWS credentials: a user pool, groups with what each may reach, an identity pool",
  backendFile: "users-backend.hcl",
  variablesFile: "users.tfvars",
  optional: true,
  reads: [],
  knows: ["foundation"],
  keys: usersKeys,
  entries: {
    custom_attributes: customAttributeKeys,
    resource_servers: resourceServerKeys,
    service_clients: clientKeys,
    groups: groupKeys,
    users: userKeys,
  },
  objects: {
    password_policy: passwordPolicyKeys,
    email: emailKeys,
    sms: smsKeys,
    domain: domainKeys,
    identity_pool: identityPoolKeys,
    access: accessKeys,
    "access.s3": s3AccessKeys,
    "access.dynamodb": dynamodbAccessKeys,
  },
  check: checkUsers,
};

function checkUsers(source: SourceFile, { environment, facts, hint }: LayerContext): CheckedLayer<UsersConfig> {
  const { foundation } = facts;
  const { values, faults: keyFaults } = checkKeys(usersKeys, source, [], source.values, secretHint(hint));
  const parts = checkParts(source, values, secretHint(hint));
  const names = derivedNames(values, parts, environment, foundation);
  const bucketName = foundation?.bucketName;
  const file: UsersFile = {
    source,
    environment,
    values,
    parts,
    names,
    hasFoundation: foundation !== undefined,
    bucketName,
  };
  const services = checkServices(file);
  const faults = [
    ...keyFaults,
    ...wrongEnvironment(source, values.environment, environment),
    ...accountFaults(source, environment, BUILT_IN_TAGS, values),
    ...parts.faults,
    ...nameFaults(file),
    ...poolFaults(file),
    ...pageFaults(file),
    ...clientFaults(file),
    ...services.faults,
    ...groupFaults(file),
    ...accessFaults(file),
    ...sessionFaults(file),
    ...peopleFaults(file),
  ];
  const config = faults.length > 0 ? undefined : completeUsers(file, values as UsersValues, services);
  const tooLong = config === undefined ? [] : policySizeFaults(source, config);
  return {
    faults: [...faults, ...tooLong],
    warnings: [...poolWarnings(file), ...clientWarnings(file), ...policyWarnings(file), ...sessionWarnings(file)],
    roles: rolesOf(file),
    domains: domainsOf(file),
    prefixes: peoplePrefixes(file),
    config: tooLong.length > 0 ? undefined : config,
  };
}

/** Whoever looks for a place to write a password finds none, and why. */
function secretHint(elsewhere: LayerContext["hint"]): LayerContext["hint"] {
  return (key) => (SECRETIVE.test(key) && nearest(key, KNOWN) === undefined ? NO_PASSWORD : elsewhere(key));
}

const { keys, entries, objects = {} } = usersConfiguration;
const KNOWN = [keys, ...Object.values(entries), ...Object.values(objects)].flatMap((each) => Object.keys(each));
