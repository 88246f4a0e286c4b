import type { Directory, PoolClient } from "../directory";

/** What an app asks of the sign-in pages: the authorization request of RFC 6749 with PKCE (RFC 7636). */
export interface AuthorizeRequest {
  readonly client: PoolClient;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  /** PKCE's, by S256. */
  readonly challenge: string | undefined;
}

/** A request that the app must hear of: sent back to it with `error` and its own `state`. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
  constructor(
    readonly redirectUri: string,
    readonly code: string,
    readonly state: string | undefined,
    readonly description: string,
  ) {
    super(code);
  }
}

/** A request that only the person at the browser may see: where to send it is what is wrong with it. */
export class BrokenRequest extends Error {
  override readonly name = "BrokenRequest";
}

const PARAMETERS = [
  ...["response_type", "client_id", "redirect_uri", "scope", "state", "nonce"],
  ...["code_challenge", "code_challenge_method"],
];

/**
 * Reads the parameters of `/oauth2/authorize` and `/login`, which are the same.
 * @throws {BrokenRequest} for a client or an address that the pool does not know: nothing is sent there.
 * @throws {RefusedRequest} for anything else that is wrong.
 */
export async function readAuthorizeRequest(
  query: URLSearchParams,
  poolId: string,
  directory: Directory,
): Promise<AuthorizeRequest> {
  const repeated = PARAMETERS.find((name) => query.getAll(name).length > 1);
  if (repeated !== undefined) throw new BrokenRequest(`${repeated} appears twice`);
  const client = await directory.client(query.get("client_id") ?? "");
  if (client === undefined || client.poolId !== poolId) throw new BrokenRequest("there is no such client");
  const redirectUri = query.get("redirect_uri") ?? "";
  // To the letter: an address that only begins like one of them may be anybody's.
  if (!client.callbackUrls.includes(redirectUri)) throw new BrokenRequest("redirect_mismatch");
  const state = query.get("state") ?? undefined;
  const refuse = (code: string, description: string) => new RefusedRequest(redirectUri, code, state, description);
  if (query.get("response_type") !== "code") throw refuse("unsupported_response_type", "response_type must be code");
  if (!client.oauthFlows.includes("code")) throw refuse("unauthorized_client", "the client may not use this flow");
  const challenge = query.get("code_challenge") ?? undefined;
  if (challenge !== undefined && query.get("code_challenge_method") !== "S256") {
    throw refuse("invalid_request", "code_challenge_method must be S256");
  }
  if (challenge !== undefined && !/^[\w-]{43}$/.test(challenge)) {
    throw refuse("invalid_request", "code_challenge is no hash of SHA-256 in base64url");
  }
  const asked = [...new Set((query.get("scope") ?? "").split(/[ +]/).filter((scope) => scope !== ""))];
  if (!asked.every((scope) => client.oauthScopes.includes(scope))) {
    throw refuse("invalid_scope", "a scope is not among those of the client");
  }
  const scope = (asked.length > 0 ? asked : client.oauthScopes).join(" ");
  return { client, redirectUri, scope, state, nonce: query.get("nonce") ?? undefined, challenge };
}

/** An address of the app, with what it is to know. */
export function withParameters(redirectUri: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
