import { type ClientControl, ClientControlError, parseClientControlItem } from "../access/client-control";
import { type ClientRole, ClientRoleItemError, parseClientRoleItem } from "../access/client-role";
import { prefixFaults } from "../access/prefix";
import { awsCall } from "./aws-call";
import type { Deadline } from "./deadline";
import type { Item, ReadItems } from "./dynamodb";
import { type Reason, VendingError } from "./errors";
import { isServerRole } from "./role-arn";

/** What the tables say of a client. */
export interface ClientEntry {
  readonly role: ClientRole;
  /** What an operator has decided about it, if anything. */
  readonly control: ClientControl | undefined;
}

export type LookUpClient = (clientId: string, deadline: Deadline) => Promise<ClientEntry>;

export interface ClientTables {
  readonly roles: string;
  readonly controls: string;
}

/**
 * Makes the function that finds what a verified client may have. What the tables say is checked too: it decides which
 * role is assumed and which prefix is reached, and others may write to them. Nothing is assumed of a control that cannot
 * be read: docs/adr/0025-control-beside-terraform.md.
 * @throws {VendingError} unknown_client, or internal_error where an entry is not as it is written here.
 */
export function createClientLookUp(readItems: ReadItems, tables: ClientTables, serverRolePrefix: string): LookUpClient {
  return async (clientId, deadline) => {
    const key = { client_id: { S: clientId } };
    // Consistently: a server that was removed or disabled must not be served from a replica that is behind.
    const keys = { [tables.roles]: key, [tables.controls]: key };
    const items = await awsCall("dynamodb", deadline, (signal) => readItems(keys, signal));
    const [role, control] = [items[tables.roles], items[tables.controls]];
    if (!role) throw new VendingError("client_unknown");
    return {
      role: checkedRole(role, clientId, serverRolePrefix),
      control: control && checkedControl(control, clientId),
    };
  };
}

function checkedRole(item: Item, clientId: string, serverRolePrefix: string): ClientRole {
  const role = parsed("client_role_malformed", ClientRoleItemError, () => parseClientRoleItem(item));
  if (role.clientId !== clientId) throw new VendingError("client_role_malformed", { detail: "client_id differs" });
  const prefixFault = prefixFaults(role.s3PathPrefix)[0];
  if (prefixFault) throw new VendingError("client_role_malformed", { detail: `s3_path_prefix ${prefixFault.fault}` });
  if (!isServerRole(serverRolePrefix, role.roleArn)) throw new VendingError("role_outside_deployment");
  return role;
}

function checkedControl(item: Item, clientId: string): ClientControl {
  const control = parsed("control_malformed", ClientControlError, () => parseClientControlItem(item));
  if (control.clientId !== clientId) throw new VendingError("control_malformed", { detail: "client_id differs" });
  return control;
}

function parsed<T>(reason: Reason, fault: new (message: string) => Error, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof fault) throw new VendingError(reason, { detail: error.message });
    throw error;
  }
}
