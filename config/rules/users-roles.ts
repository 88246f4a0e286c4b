import { MAX_ROLE_NAME_CHARACTERS } from "../../access/names";
import type { CheckedLayer } from "../layer";
import { MAX_NAME_CHARACTERS } from "../schema/cognito-rules";
import type { Fault } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";

/** IAM roles that the layer makes, each with the key that its name comes from. */
export function rolesOf({ names, parts }: UsersFile): NonNullable<CheckedLayer["roles"]> {
  const { enabled, guests } = parts.identityPool.values;
  if (enabled === false) return [];
  return [
    { name: names.roleName, path: ["project_name"] },
    ...(guests === true ? [{ name: names.guestRoleName, path: ["project_name"] }] : []),
    ...names.groupRoles.map(({ group, roleName }) => ({ name: roleName, path: ["groups", group] })),
  ];
}

/** What AWS would refuse of names that are made of project and environment; those of groups are judged with them. */
export function nameFaults({ source, values, names, parts }: UsersFile): Fault[] {
  // A part that is wrong by itself is reported already.
  if (values.project_name === undefined && (source.values.project_name ?? undefined) !== undefined) return [];
  const faults: Fault[] = [];
  const shorten = (what: string, name: string, most: number) => {
    if (name.length <= most) return;
    const message = `gives ${what} of ${name.length} characters, "${name}", and AWS allows ${most}`;
    const remedy = `shorten the project's name, or the environment's, by ${name.length - most}`;
    faults.push(faultAt(source, ["project_name"], { message, remedy }, values.project_name));
  };
  const { enabled, guests } = parts.identityPool.values;
  if (enabled !== false)
    shorten("an IAM role", guests === true ? names.guestRoleName : names.roleName, MAX_ROLE_NAME_CHARACTERS);
  if (values.user_pool_name === undefined) shorten("a user pool's name", names.userPoolName, MAX_NAME_CHARACTERS);
  return faults;
}
