/** What a server may do under its prefix: the values of `s3_permissions` in `servers.tfvars`, none after one that allows more. */
export const PERMISSION_LEVELS = ["write", "read", "read-write", "full"] as const;
export type PermissionLevel = (typeof PERMISSION_LEVELS)[number];

/** The custom scopes of the Cognito resource server, without its identifier in front, with what each allows. */
export const SCOPE_DESCRIPTIONS = {
  write: "Upload objects under the server's prefix",
  read: "Download objects under the server's prefix",
  delete: "Delete objects under the server's prefix",
  list: "List objects under the server's prefix",
} as const;
export type Scope = keyof typeof SCOPE_DESCRIPTIONS;
export const SCOPES = Object.keys(SCOPE_DESCRIPTIONS) as readonly Scope[];

const SCOPES_OF_LEVEL: Readonly<Record<PermissionLevel, readonly Scope[]>> = {
  write: ["write"],
  read: ["read"],
  "read-write": ["write", "read"],
  full: ["write", "read", "delete", "list"],
};

const OBJECT_ACTIONS_OF_SCOPE: Readonly<Record<Scope, readonly string[]>> = {
  // Aborting is part of writing: a failed multipart upload must be cleaned up by the server that began it.
  write: ["s3:PutObject", "s3:AbortMultipartUpload"],
  read: ["s3:GetObject"],
  delete: ["s3:DeleteObject"],
  list: [],
};

/** The scopes of a permission level, in the order of {@link SCOPES}. */
export function scopesOf(level: PermissionLevel): readonly Scope[] {
  return SCOPES_OF_LEVEL[level];
}

/** The level that allows these scopes and the fewest others. */
export function leastLevelWith(scopes: readonly Scope[]): PermissionLevel {
  return PERMISSION_LEVELS.find((level) => scopes.every((scope) => scopesOf(level).includes(scope))) ?? "full";
}

/** The S3 actions on objects that the scopes allow; `list` is an action on the bucket and has none. */
export function objectActionsOf(scopes: Iterable<Scope>): string[] {
  return [...scopes].flatMap((scope) => OBJECT_ACTIONS_OF_SCOPE[scope]);
}

export function isPermissionLevel(value: unknown): value is PermissionLevel {
  return PERMISSION_LEVELS.some((level) => level === value);
}

export function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value);
}

/** A scope as OAuth clients and tokens spell it: `<resource server identifier>/<scope>`. */
export function qualifiedScope(resourceServerIdentifier: string, scope: Scope): string {
  return `${resourceServerIdentifier}/${scope}`;
}

/**
 * The scopes of one resource server in a token's `scope` claim, a space-separated list (RFC 6749, section 3.3).
 * Scopes of other resource servers and unknown names are left out: they allow nothing here.
 */
export function scopesInClaim(claim: string, resourceServerIdentifier: string): Scope[] {
  const granted = new Set(claim.split(" "));
  return SCOPES.filter((scope) => granted.has(qualifiedScope(resourceServerIdentifier, scope)));
}
