import { isPermissionLevel, isScope, type PermissionLevel, type Scope } from "./permission-level";

/** The shortest and longest life of vended credentials in seconds: AWS's minimum, and its cap for role chaining. */
export const MIN_SESSION_SECONDS = 900;
export const MAX_SESSION_SECONDS = 3600;

/** What the client-roles table says of one app client; the vending Lambda trusts this and never the caller. */
export interface ClientRole {
  readonly clientId: string;
  readonly serverName: string;
  readonly roleArn: string;
  readonly s3PathPrefix: string;
  readonly s3Permissions: PermissionLevel;
  readonly allowedScopes: readonly Scope[];
  /** Seconds that vended credentials live at most. */
  readonly maxSessionDuration: number;
}

/** The types of DynamoDB attributes that a client-role item has. */
export type ItemAttribute = { readonly S: string } | { readonly N: string } | { readonly SS: readonly string[] };
export type ClientRoleItem = Readonly<Record<string, ItemAttribute>>;

/** The record as a DynamoDB item; `max_session_duration` is written only where it is not the default. */
export function clientRoleItem(role: ClientRole): ClientRoleItem {
  return {
    client_id: { S: role.clientId },
    server_name: { S: role.serverName },
    role_arn: { S: role.roleArn },
    s3_path_prefix: { S: role.s3PathPrefix },
    s3_permissions: { S: role.s3Permissions },
    allowed_scopes: { SS: role.allowedScopes },
    ...(role.maxSessionDuration === MAX_SESSION_SECONDS
      ? {}
      : { max_session_duration: { N: String(role.maxSessionDuration) } }),
  };
}

/** A client-role item that is not as the servers layer writes it. */
export class ClientRoleItemError extends Error {
  override readonly name = "ClientRoleItemError";
}

/**
 * Reads an item of the client-roles table.
 * @throws {ClientRoleItemError} where an attribute is missing or of another type or range.
 */
export function parseClientRoleItem(item: Readonly<Record<string, unknown>>): ClientRole {
  const text = (attribute: string): string => {
    const value = (item[attribute] as { S?: unknown } | undefined)?.S;
    if (typeof value !== "string" || value === "") throw fault(attribute, "a string");
    return value;
  };
  const level = text("s3_permissions");
  if (!isPermissionLevel(level)) throw fault("s3_permissions", "a permission level");
  const scopes = scopeSet(item.allowed_scopes);
  if (!scopes?.every(isScope)) throw fault("allowed_scopes", "a set of scopes");
  return {
    clientId: text("client_id"),
    serverName: text("server_name"),
    roleArn: text("role_arn"),
    s3PathPrefix: text("s3_path_prefix"),
    s3Permissions: level,
    allowedScopes: scopes,
    maxSessionDuration: sessionDuration(item.max_session_duration),
  };
}

/** Scopes may have the resource server's identifier in front, as OAuth clients write them: it is dropped. */
function scopeSet(attribute: unknown): unknown[] | undefined {
  const scopes = (attribute as { SS?: unknown } | undefined)?.SS;
  if (!Array.isArray(scopes)) return undefined;
  return scopes.map((scope) => (typeof scope === "string" ? scope.slice(scope.lastIndexOf("/") + 1) : scope));
}

function sessionDuration(attribute: unknown): number {
  if (attribute === undefined) return MAX_SESSION_SECONDS;
  const seconds = Number((attribute as { N?: unknown }).N);
  if (!Number.isInteger(seconds) || seconds < MIN_SESSION_SECONDS || seconds > MAX_SESSION_SECONDS) {
    throw fault("max_session_duration", `a number from ${MIN_SESSION_SECONDS} to ${MAX_SESSION_SECONDS}`);
  }
  return seconds;
}

function fault(attribute: string, expected: string): ClientRoleItemError {
  return new ClientRoleItemError(`the client-roles table's attribute ${attribute} is not ${expected}`);
}

/**
 * The role session name, which CloudTrail shows beside each call: the server's name. STS wants at least two
 * characters; "@" is in no server name, so the longer form of a one-character name collides with none.
 */
export function roleSessionName(serverName: string): string {
  return serverName.length < 2 ? `${serverName}@` : serverName;
}
