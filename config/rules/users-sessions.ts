import { MIN_PEOPLE_SESSION_SECONDS } from "../schema/users-keys";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";

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

/** What would let people take a role that is not theirs, or guests do more than they are meant to. */
export function sessionFaults(file: UsersFile): Fault[] {
  const { source, values, parts, names } = file;
  const { enabled, guests } = parts.identityPool.values;
  const refuse = (problem: Problem) =>
    longSessions(file).map(({ path, seconds }) => faultAt(source, path, problem, seconds));
  if (enabled === false) {
    const remedy = `write ${MIN_PEOPLE_SESSION_SECONDS}, or identity_pool = { enabled = true }`;
    return refuse({ message: "is of credentials, and without the identity pool nobody gets any", remedy });
  }
  if (guests === true) return refuse(WITH_GUESTS);
  if (values.role_tag_guard === true || names.groupRoles.length === 0) return [];
  const groups = names.groupRoles.map(({ group }) => `"${group}"`).join(" or ");
  return refuse({
    message: `is above ${MIN_PEOPLE_SESSION_SECONDS}, which needs the basic flow, in which the caller names the role: whoever signs in could take that of ${groups}`,
    remedy: `write ${MIN_PEOPLE_SESSION_SECONDS}, since oidc-s3 renews credentials unseen, or read what role_tag_guard = true asks for in docs/configuration.md`,
  });
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html: guests' session policy is of the enhanced flow alone. */
const WITH_GUESTS: Problem = {
  message: `is above ${MIN_PEOPLE_SESSION_SECONDS}, which needs the basic flow, in which AWS does not narrow what guests may do`,
  remedy: `write ${MIN_PEOPLE_SESSION_SECONDS}, or guests = false`,
};

/** What is allowed, and hardly meant. */
export function sessionWarnings(file: UsersFile): Fault[] {
  const { source, values, parts, names } = file;
  const withRole = new Set(names.groupRoles.map(({ group }) => group));
  const idle = parts.groups.flatMap(({ name, checked }) => {
    const { session_duration: seconds = 0 } = checked.values;
    if (withRole.has(name) || seconds <= MIN_PEOPLE_SESSION_SECONDS) return [];
    const message = "counts for nothing: the group grants nothing, and so has no role";
    const remedy = "remove it, or give the group access or a policy_file";
    return [faultAt(source, ["groups", name, "session_duration"], { message, remedy }, seconds)];
  });
  if (values.role_tag_guard !== true) return idle;
  const isNeeded = longSessions(file).length > 0 && names.groupRoles.length > 0;
  if (isNeeded) return idle;
  const message =
    "guards nothing: without long sessions, or without groups that grant something, nobody can take another's role";
  return [...idle, faultAt(source, ["role_tag_guard"], { message, remedy: "remove it" }, true)];
}
