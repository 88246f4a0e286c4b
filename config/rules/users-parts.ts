import { dirname } from "node:path";
import type { LayerContext } from "../layer";
import { clientKeys, resourceServerKeys } from "../schema/api-keys";
import { type CheckedKeys, checkEntries, checkKeys, type Keys, type Values } from "../schema/check-keys";
import {
  accessKeys,
  customAttributeKeys,
  dynamodbAccessKeys,
  groupKeys,
  s3AccessKeys,
  userKeys,
} from "../schema/users-entry-keys";
import {
  domainKeys,
  emailKeys,
  identityPoolKeys,
  passwordPolicyKeys,
  smsKeys,
  type usersKeys,
} from "../schema/users-keys";
import type { Fault, KeyPath } from "../source/fault";
import type { SourceFile } from "../source/source-file";
import { type CheckedPolicy, checkPolicyFile } from "./policy-file";

export type UsersValues = Values<typeof usersKeys>;

/** An `access`, with what it holds, each checked by its own keys. */
export interface CheckedAccess {
  readonly path: KeyPath;
  readonly lambda: readonly string[];
  readonly s3?: Partial<Values<typeof s3AccessKeys>> | undefined;
  readonly dynamodb?: Partial<Values<typeof dynamodbAccessKeys>> | undefined;
  readonly faults: readonly Fault[];
}

/** The objects and entries of a file, each checked by its own keys, and the policies that they name. */
export type UsersParts = ReturnType<typeof checkParts>;
export type CheckedGroup = UsersParts["groups"][number];
export type CheckedUser = UsersParts["users"][number];

export function checkParts(source: SourceFile, values: Partial<UsersValues>, hint: LayerContext["hint"]) {
  const object = <K extends Keys>(keys: K, key: keyof UsersValues): CheckedKeys<K> | undefined => {
    const found = values[key] as Readonly<Record<string, unknown>> | undefined;
    return found === undefined ? undefined : checkKeys(keys, source, [key], found, hint);
  };
  const all = <K extends Keys>(keys: K, key: keyof UsersValues, example: string, ownHint = hint) => {
    const found = (values[key] ?? {}) as Readonly<Record<string, unknown>>;
    return checkEntries(keys, source, key, found, ownHint, `write its keys in braces: { ${example} }`);
  };
  // Of an object that is not there, or wrong as a whole, the defaults count.
  const orDefaults = <K extends Keys>(keys: K, key: keyof UsersValues): CheckedKeys<K> =>
    object(keys, key) ?? checkKeys(keys, source, [key], {}, hint);
  const policy = (name: string | undefined) => (name === undefined ? undefined : policyOf(source, name));

  const customAttributeHint = (key: string) =>
    key === "required" ? "remove it: Cognito asks nobody for attributes of a pool's own" : hint(key);
  const identityPool = orDefaults(identityPoolKeys, "identity_pool");
  const parts = {
    passwordPolicy: orDefaults(passwordPolicyKeys, "password_policy"),
    email: object(emailKeys, "email"),
    sms: object(smsKeys, "sms"),
    domain: object(domainKeys, "domain"),
    identityPool: { ...identityPool, policy: policy(identityPool.values.guest_policy_file) },
    access: checkAccess(source, ["access"], values.access, hint),
    customAttributes: all(customAttributeKeys, "custom_attributes", 'type = "string"', customAttributeHint),
    resourceServers: all(resourceServerKeys, "resource_servers", 'identifier = "…", scopes = { … }'),
    serviceClients: all(clientKeys, "service_clients", 'scopes = { "…/…" = true }'),
    groups: all(groupKeys, "groups", "precedence = 1").map((group) => ({
      ...group,
      access: checkAccess(source, ["groups", group.name, "access"], group.checked.values.access, hint),
      policy: policy(group.checked.values.policy_file),
    })),
    users: all(userKeys, "users", 'groups = ["…"]'),
  };
  const { passwordPolicy, email, sms, domain, access, customAttributes, resourceServers, serviceClients } = parts;
  const entries = [...customAttributes, ...resourceServers, ...serviceClients, ...parts.groups, ...parts.users];
  const checks = [
    ...[passwordPolicy, email, sms, domain, identityPool, access],
    ...entries.map(({ checked }) => checked),
    ...parts.groups.map((group) => group.access),
  ];
  return { ...parts, faults: checks.flatMap((check) => check?.faults ?? []) };
}

function policyOf(source: SourceFile, name: string): CheckedPolicy {
  return checkPolicyFile(dirname(source.file), name);
}

function checkAccess(
  source: SourceFile,
  path: KeyPath,
  found: Readonly<Record<string, unknown>> | undefined,
  hint: LayerContext["hint"],
): CheckedAccess {
  const { values, faults } = checkKeys(accessKeys, source, path, found ?? {}, hint);
  const s3 = values.s3 && checkKeys(s3AccessKeys, source, [...path, "s3"], values.s3, hint);
  const dynamodb =
    values.dynamodb && checkKeys(dynamodbAccessKeys, source, [...path, "dynamodb"], values.dynamodb, hint);
  return {
    path,
    lambda: values.lambda ?? [],
    s3: s3?.values,
    dynamodb: dynamodb?.values,
    faults: [...faults, ...(s3?.faults ?? []), ...(dynamodb?.faults ?? [])],
  };
}

/** Whether a group or everybody is granted anything, and so needs a role of IAM. */
export function grantsAnything({ s3, dynamodb, lambda }: CheckedAccess, policyFile: string | undefined): boolean {
  return s3 !== undefined || dynamodb !== undefined || lambda.length > 0 || policyFile !== undefined;
}
