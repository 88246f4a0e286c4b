import { createHash, timingSafeEqual } from "node:crypto";
import type { AppClient, FindClient } from "./app-clients";

/** The errors of Cognito's token endpoint: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
type TokenErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "unauthorized_client"
  | "unsupported_grant_type";

export class TokenError extends Error {
  override readonly name = "TokenError";
  constructor(
    readonly code: TokenErrorCode,
    readonly description?: string,
  ) {
    super(code);
  }
}

export interface TokenGrant {
  readonly client: AppClient;
  /** In the order of the request; all of the client's scopes if it names none. */
  readonly scopes: readonly string[];
}

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** What follows the question mark; empty where there is none. */
  readonly query: string;
  readonly body: string;
}

const PARAMETERS = [
  ...["grant_type", "scope", "client_id", "client_secret"],
  ...["code", "redirect_uri", "code_verifier", "refresh_token"],
];
const GRANT_TYPES = ["client_credentials", "authorization_code", "refresh_token"] as const;

/** A request whose client has proved who it is. */
export interface AuthenticatedRequest {
  readonly grantType: (typeof GRANT_TYPES)[number];
  readonly client: AppClient;
  readonly form: URLSearchParams;
}

/**
 * Reads a request to the token endpoint (RFC 6749), with the client's id and secret by Basic authentication or in the
 * body. Like Cognito it takes the other parameters from the body or from the query string.
 * @throws {TokenError} as Cognito answers.
 */
export async function authenticate(request: TokenRequest, findClient: FindClient): Promise<AuthenticatedRequest> {
  const form = formOf(request);
  const asked = form.get("grant_type");
  if (!asked) throw new TokenError("invalid_request", "grant_type is missing");
  const grantType = GRANT_TYPES.find((known) => known === asked);
  if (grantType === undefined) throw new TokenError("unsupported_grant_type");
  // Only machines must have a secret: an app on somebody's own machine could not keep one.
  const client = await clientOf(request, form, findClient, grantType !== "client_credentials");
  return { grantType, client, form };
}

/** The parameters of a request. @throws {TokenError} where they are not as RFC 6749 wants them. */
export function formOf({ contentType, query, body }: TokenRequest): URLSearchParams {
  if (contentType?.split(";")[0]?.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new TokenError("invalid_request", "the content type must be application/x-www-form-urlencoded");
  }
  const form = new URLSearchParams([...new URLSearchParams(query), ...new URLSearchParams(body)]);
  for (const parameter of PARAMETERS) {
    if (form.getAll(parameter).length > 1) throw new TokenError("invalid_request", `${parameter} appears twice`);
  }
  // RFC 6749, section 2.3.1: servers and proxies log addresses.
  if (new URLSearchParams(query).has("client_secret")) {
    throw new TokenError("invalid_request", "client_secret must not be in the query string");
  }
  return form;
}

/** @throws {TokenError} where the client is not known, or has not proved that it is the one. */
export async function clientOf(
  { authorization }: TokenRequest,
  form: URLSearchParams,
  findClient: FindClient,
  mayBePublic: boolean,
): Promise<AppClient> {
  const { clientId, secret } = credentials(authorization, form);
  const client = await findClient(clientId);
  if (client === undefined) throw new TokenError("invalid_client");
  if (client.secrets.length === 0 && mayBePublic && secret === "") return client;
  if (!client.secrets.some((one) => equalInConstantTime(one, secret))) {
    throw new TokenError("invalid_client", "invalid_client_secret");
  }
  return client;
}

/** Decides on the client credentials grant. @throws {TokenError} as Cognito answers. */
export function grantToken({ client, form }: AuthenticatedRequest): TokenGrant {
  if (!client.flows.includes("client_credentials")) throw new TokenError("unauthorized_client");
  return { client, scopes: grantedScopes(form.get("scope"), client) };
}

function credentials(authorization: string | undefined, form: URLSearchParams): { clientId: string; secret: string } {
  const inBody = { clientId: form.get("client_id") ?? "", secret: form.get("client_secret") ?? "" };
  if (authorization === undefined) {
    if (inBody.clientId === "") throw new TokenError("invalid_client");
    return inBody;
  }
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  const decoded = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw new TokenError("invalid_client");
  const clientId = decoded.slice(0, colon);
  if (inBody.clientId !== "" && inBody.clientId !== clientId) {
    throw new TokenError("invalid_request", "client_id differs from the one in the Authorization header");
  }
  return { clientId, secret: decoded.slice(colon + 1) };
}

function grantedScopes(asked: string | null, client: AppClient): readonly string[] {
  const scopes = [...new Set((asked ?? "").split(" ").filter((scope) => scope !== ""))];
  if (scopes.length === 0) return client.scopes;
  if (!scopes.every((scope) => client.scopes.includes(scope))) throw new TokenError("invalid_scope");
  return scopes;
}

/** The hashes have the same length, so comparing any two secrets takes equally long. */
function equalInConstantTime(a: string, b: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
