import { MIN_PEOPLE_SESSION_SECONDS } from "../schema/users-keys";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";
import { grantsAnything } from "./users-parts";

// Credentials of more than an hour come by the basic flow, in which the caller names the role and its trust policy sees
// the identity pool, whether somebody has signed in, and the identity. So whoever signs in could take every role that
// trusts the pool: either there is one alone, or a session tag of the token's preferred role must be asked for.

interface LongSession {
  readonly path: KeyPath;
  readonly seconds: number;
}

function longSessions({ values, parts, names }: UsersFile): LongSession[] {
  const withRole = new Set(names.groupRoles.map(({ group }) => group));
  const all = [
    { path: ["session_duration"], seconds: values.session_duration },
    ...parts.groups
      .filter(({ name }) => withRole.has(name))
      .map(({ name, checked }) => ({
        path: ["groups", name, "session_duration"],
        seconds: checked.values.session_duration,
      })),
  ];
  return all.flatMap(({ path, seconds = 0 }) => (seconds > MIN_PEOPLE_SESSION_SECONDS ? [{ path, seconds }] : []));
}

/** What would let people take a role that is not theirs, or nobody take any. */
export function sessionFaults(file: UsersFile): Fault[] {
  const { source, values, parts, names } = file;
  const long = longSessions(file);
  const { enabled, guests } = parts.identityPool.values;
  const refuse = (problem: Problem) => long.map(({ path, seconds }) => faultAt(source, path, problem, seconds));
  if (enabled === false) {
    const remedy = `write ${MIN_PEOPLE_SESSION_SECONDS}, or identity_pool = { enabled = true }`;
    return refuse({ message: "is of credentials, and without the identity pool nobody gets any", remedy });
  }
  if (values.role_tag_guard === true) return [...guardFaults(file), ...(guests === true ? refuse(WITH_GUESTS) : [])];
  if (guests === true) return refuse(WITH_GUESTS);
  const others = names.groupRoles.map(({ group }) => `"${group}"`);
  if (others.length === 0) return [];
  return refuse({
    message: `is above ${MIN_PEOPLE_SESSION_SECONDS}, which needs the basic flow, in which the caller names the role: whoever signs in could take that of ${others.join(" or ")}`,
    remedy: `write ${MIN_PEOPLE_SESSION_SECONDS}, since oidc-s3 renews credentials unseen, or read in docs/users.md what role_tag_guard = true asks for`,
  });
}

const WITH_GUESTS: Problem = {
  message: `is above ${MIN_PEOPLE_SESSION_SECONDS}, which needs the basic flow, and that would be open to guests, too`,
  remedy: `write ${MIN_PEOPLE_SESSION_SECONDS}, or guests = false`,
};

/** Under the guard a role is for those whose token prefers it, and no token prefers that of people without a group's. */
function guardFaults({ source, values, parts, names }: UsersFile): Fault[] {
  const faults: Fault[] = [];
  if (names.groupRoles.length === 0) {
    const message = "lets those in whose token prefers a role, and without a group that grants something no token does";
    return [
      faultAt(
        source,
        ["role_tag_guard"],
        { message, remedy: "write false: with one role there is nothing to guard" },
        true,
      ),
    ];
  }
  const message = "is for people whose groups have no role, and under role_tag_guard these get no credentials";
  if (grantsAnything(parts.access, undefined)) {
    faults.push(faultAt(source, ["access"], { message, remedy: "grant it to a group that they are in" }));
  }
  const { session_duration: seconds = 0 } = values;
  if (seconds > MIN_PEOPLE_SESSION_SECONDS) {
    const remedy = `write it into the groups, and ${MIN_PEOPLE_SESSION_SECONDS} here`;
    faults.push(faultAt(source, ["session_duration"], { message, remedy }, seconds));
  }
  return faults;
}

/** What is allowed, and hardly meant. */
export function sessionWarnings(file: UsersFile): Fault[] {
  const { source, values, parts, names } = file;
  const withRole = new Set(names.groupRoles.map(({ group }) => group));
  const idle = parts.groups
    .filter(
      ({ name, checked }) => !withRole.has(name) && (checked.values.session_duration ?? 0) > MIN_PEOPLE_SESSION_SECONDS,
    )
    .map(({ name, checked }) => {
      const message = "counts for nothing: the group grants nothing, and so has no role";
      const remedy = "remove it, or give the group access or a policy_file";
      return faultAt(
        source,
        ["groups", name, "session_duration"],
        { message, remedy },
        checked.values.session_duration,
      );
    });
  if (values.role_tag_guard !== true || longSessions(file).length > 0) return idle;
  const message =
    "guards nothing: no session is longer than an hour, and the enhanced flow gives nobody another's role";
  return [...idle, faultAt(source, ["role_tag_guard"], { message, remedy: "remove it" }, true)];
}
