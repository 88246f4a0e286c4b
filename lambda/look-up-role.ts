import { type ClientRole, ClientRoleItemError, parseClientRoleItem } from "../access/client-role";
import { prefixFaults } from "../access/prefix";
import { awsCall } from "./aws-call";
import type { Deadline } from "./deadline";
import type { GetItem } from "./dynamodb";
import { VendingError } from "./errors";
import { isServerRole } from "./role-arn";

export type LookUpRole = (clientId: string, deadline: Deadline) => Promise<ClientRole>;

/**
 * Makes the function that finds what a verified client may have. What the table says is checked too: it decides which
 * role is assumed and which prefix is reached, and others may write to it.
 * @throws {VendingError} unknown_client, or internal_error where the entry is not as the servers layer writes it.
 */
export function createRoleLookUp(getItem: GetItem, table: string, serverRolePrefix: string): LookUpRole {
  return async (clientId, deadline) => {
    // A consistent read: a server that was removed must not be served from a replica that is behind.
    const input = { TableName: table, Key: { client_id: { S: clientId } }, ConsistentRead: true };
    const item = await awsCall("dynamodb", deadline, (signal) => getItem(input, signal));
    if (!item) throw new VendingError("client_unknown");
    const role = parse(item);
    if (role.clientId !== clientId) throw new VendingError("client_role_malformed", { detail: "client_id differs" });
    const prefixFault = prefixFaults(role.s3PathPrefix)[0];
    if (prefixFault) throw new VendingError("client_role_malformed", { detail: `s3_path_prefix ${prefixFault.fault}` });
    if (!isServerRole(serverRolePrefix, role.roleArn)) throw new VendingError("role_outside_deployment");
    return role;
  };
}

function parse(item: Readonly<Record<string, unknown>>): ClientRole {
  try {
    return parseClientRoleItem(item);
  } catch (error) {
    if (error instanceof ClientRoleItemError)
      throw new VendingError("client_role_malformed", { detail: error.message });
    throw error;
  }
}
