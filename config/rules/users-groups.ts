import { addressName, MAX_ROLE_NAME_CHARACTERS } from "../../access/names";
import { peoplePolicies } from "../../access/people";
import { COGNITO_TEXT } from "../schema/people-rules";
import type { PeopleAccessConfig, UsersConfig } from "../schema/users-types";
import type { Fault, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { addressFaults } from "./api-scopes";
import { MAX_POLICY_CHARACTERS } from "./policy-file";
import type { UsersFile } from "./users-file";

const MAX_GROUP_NAME = 128;
const MAX_DESCRIPTION = 2048;
/** IAM's characters for names of roles, which those of groups become a part of. */
const GROUP_NAME = /^[\w+=,.@-]+$/;
/** What outputs and addresses call everybody's role and that of guests. */
const RESERVED = ["authenticated", "unauthenticated", "users_authenticated", "users_unauthenticated"];

/** Names that AWS or Terraform would refuse or not tell apart, precedences that tie, and faults of policies. */
export function groupFaults(file: UsersFile): Fault[] {
  const { source, parts } = file;
  return [
    ...parts.groups.flatMap((group) => nameFaults(file, group.name)),
    ...addressFaults(
      source,
      "groups",
      "aws_cognito_user_group",
      parts.groups.map(({ name }) => name),
    ),
    ...roleFaults(file),
    ...precedenceFaults(file),
    ...parts.groups.flatMap(({ name, checked, policy }) => [
      ...lengthFaults(file, name, checked.values.description ?? ""),
      ...(policy?.problems ?? []).map((problem) =>
        faultAt(source, ["groups", name, "policy_file"], problem, checked.values.policy_file),
      ),
    ]),
  ];
}

function nameFaults({ source }: UsersFile, name: string): Fault[] {
  // An empty name is a fault of its address.
  if (name === "") return [];
  const problems: Problem[] = [];
  if (!GROUP_NAME.test(name)) {
    const message = COGNITO_TEXT.test(name) ? "is a name that IAM has no role for" : "is a name that Cognito refuses";
    problems.push({ message, remedy: "use letters A-Z, digits and _ + = , . @ - alone" });
  }
  if (name.length > MAX_GROUP_NAME) {
    const message = `has ${name.length} characters, and Cognito allows ${MAX_GROUP_NAME}`;
    problems.push({ message, remedy: `shorten it by ${name.length - MAX_GROUP_NAME}` });
  }
  if (RESERVED.includes(addressName(name).toLowerCase())) {
    const message = "is what outputs and addresses call everybody's role, or guests'";
    problems.push({ message, remedy: "rename it; what everybody may reach is access, outside of groups" });
  }
  return problems.map((problem) => faultAt(source, ["groups", name], problem));
}

function roleFaults({ source, names }: UsersFile): Fault[] {
  const byName = new Map<string, string>();
  return names.groupRoles.flatMap(({ group, roleName }) => {
    const faults: Fault[] = [];
    const excess = roleName.length - MAX_ROLE_NAME_CHARACTERS;
    if (excess > 0) {
      const message = `gives a role name of ${roleName.length} characters, "${roleName}", and IAM allows ${MAX_ROLE_NAME_CHARACTERS}`;
      faults.push(faultAt(source, ["groups", group], { message, remedy: `shorten it by ${excess}` }));
    }
    const same = byName.get(roleName.toLowerCase());
    if (same === undefined) byName.set(roleName.toLowerCase(), group);
    else {
      const remedy = "rename one: IAM does not tell capitals from small letters";
      faults.push(faultAt(source, ["groups", group], { message: `gives the same role name as "${same}"`, remedy }));
    }
    return faults;
  });
}

/** On a tie Cognito names no preferred role, and members get that of everybody. */
function precedenceFaults({ source, parts }: UsersFile): Fault[] {
  const byPrecedence = new Map<number, string>();
  return parts.groups.flatMap(({ name, checked }) => {
    const { precedence } = checked.values;
    if (precedence === undefined) return [];
    const same = byPrecedence.get(precedence);
    if (same === undefined) byPrecedence.set(precedence, name);
    if (same === undefined) return [];
    const message = `is that of "${same}" too: on a tie Cognito prefers no role, and who is in both gets neither`;
    return [
      faultAt(source, ["groups", name, "precedence"], { message, remedy: "give one another number" }, precedence),
    ];
  });
}

function lengthFaults({ source }: UsersFile, name: string, description: string): Fault[] {
  const excess = description.length - MAX_DESCRIPTION;
  if (excess <= 0) return [];
  const message = `has ${description.length} characters, and Cognito allows ${MAX_DESCRIPTION}`;
  return [faultAt(source, ["groups", name, "description"], { message, remedy: `shorten it by ${excess}` })];
}

/** Of any account: its number has twelve digits in each ARN. */
const ANY_ACCOUNT = "000000000000";

/** Roles whose policies would together be longer than IAM takes. */
export function policySizeFaults(source: SourceFile, config: UsersConfig): Fault[] {
  const account = { region: config.awsRegion, id: ANY_ACCOUNT };
  const sizeOf = (access: readonly PeopleAccessConfig[], own = "") =>
    [...Object.values(peoplePolicies(access, account)), own].reduce((sum, policy) => sum + policy.length, 0);
  const fault = (path: readonly string[], characters: number): Fault[] => {
    if (characters <= MAX_POLICY_CHARACTERS) return [];
    const message = `gives a role policies of ${characters} characters in all, and IAM allows a role's inline policies ${MAX_POLICY_CHARACTERS}`;
    return [faultAt(source, path, { message, remedy: "name fewer functions, or shorten the policy" })];
  };
  const ofGroups = config.groups.filter(({ roleName }) => roleName !== undefined);
  return [
    ...fault(["access"], sizeOf([config.access])),
    ...ofGroups.flatMap(({ key, access, policyJson }) =>
      fault(["groups", key], sizeOf([config.access, access], policyJson)),
    ),
  ];
}

/** Policies that allow everything. */
export function policyWarnings({ source, parts }: UsersFile): Fault[] {
  const ofGroups = parts.groups.flatMap(({ name, checked, policy }) =>
    (policy?.warnings ?? []).map((warning) =>
      faultAt(source, ["groups", name, "policy_file"], warning, checked.values.policy_file),
    ),
  );
  const { policy, values } = parts.identityPool;
  const ofGuests = (policy?.warnings ?? []).map((warning) =>
    faultAt(source, ["identity_pool", "guest_policy_file"], warning, values.guest_policy_file),
  );
  return [...ofGroups, ...ofGuests];
}
