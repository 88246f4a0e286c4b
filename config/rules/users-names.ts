import { groupRoleName, peopleRoleName } from "../../access/people-names";
import type { LayerFacts } from "../layer";
import { isEmail, isPhone } from "../schema/people-rules";
import { type CheckedUser, grantsAnything, type UsersParts, type UsersValues } from "./users-parts";

const PROJECT = "oidc-s3";

export interface NamedGroupRole {
  readonly group: string;
  readonly roleName: string;
}

/** The names that come from others, where the file does not say them. */
export function derivedNames(
  values: Partial<UsersValues>,
  parts: UsersParts,
  environment: string,
  foundation: LayerFacts | undefined,
) {
  const projectName = values.project_name ?? foundation?.projectName ?? PROJECT;
  const deployment = { projectName, environment };
  const stem = `${projectName}-users-${environment}`;
  return {
    projectName,
    userPoolName: values.user_pool_name ?? stem,
    clientName: values.client_name ?? `${stem}-cli`,
    identityPoolName: parts.identityPool.values.name ?? stem,
    roleName: peopleRoleName(deployment, "authenticated"),
    guestRoleName: peopleRoleName(deployment, "unauthenticated"),
    groupRoles: parts.groups
      .filter(({ access, checked }) => grantsAnything(access, checked.values.policy_file))
      .map(({ name: group }): NamedGroupRole => ({ group, roleName: groupRoleName(deployment, group) })),
  };
}

export type UsersNames = ReturnType<typeof derivedNames>;

/** The address of a user, who may be named by it. */
export function emailOf({ name, checked }: CheckedUser): string | undefined {
  return checked.values.email ?? (isEmail(name) ? name : undefined);
}

/** The phone number of a user, who may be named by it. */
export function phoneOf({ name, checked }: CheckedUser): string | undefined {
  return checked.values.attributes?.phone_number ?? (isPhone(name) ? name : undefined);
}

/** What Cognito is told as a user's name: where people sign in by address or number alone, it wants one of these. */
export function userNameOf(user: CheckedUser, signIn: readonly string[]): string | undefined {
  if (signIn.includes("username")) return user.name;
  const ways = [
    signIn.includes("email") ? emailOf(user) : undefined,
    signIn.includes("phone") ? phoneOf(user) : undefined,
  ];
  return ways.find((way) => way === user.name) ?? ways.find((way) => way !== undefined);
}
