import type { UsersConfig } from "../../config/schema/users-types";

/** The longest life of credentials that Cognito gives itself. */
const ENHANCED_FLOW_SECONDS = 3600;

/** The roles whose sessions may be longer, which the basic flow alone gives: groups by their keys, the other one by none. */
export function rolesWithLongSessions({ groups, sessionDurationSeconds }: UsersConfig) {
  return [
    { group: undefined, seconds: sessionDurationSeconds },
    ...groups
      .filter(({ roleName }) => roleName !== undefined)
      .map(({ key, sessionDurationSeconds: seconds }) => ({ group: key, seconds })),
  ].filter(({ seconds }) => seconds > ENHANCED_FLOW_SECONDS);
}
