import { SERVER_NAME_CHARACTERS } from "../access/names";

const SERVER_NAME = new RegExp(`^[${SERVER_NAME_CHARACTERS}]+$`);

/** Whether the ARN is that of a server's role of this deployment: the prefix and a name, with no path in between. */
export function isServerRole(serverRolePrefix: string, roleArn: string): boolean {
  return roleArn.startsWith(serverRolePrefix) && SERVER_NAME.test(roleArn.slice(serverRolePrefix.length));
}
