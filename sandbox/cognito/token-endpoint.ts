import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  BodyTooLargeError,
  type LoopbackServer,
  readBody,
  sendJson,
  serveOnLoopback,
} from "../process/loopback-server";
import type { FindClient } from "./app-clients";
import { createSigningKey, type SigningKey } from "./signing-key";
import {
  authenticate,
  clientOf,
  formOf,
  grantToken,
  TokenError,
  type TokenGrant,
  type TokenRequest,
} from "./token-request";

const MAX_BODY_BYTES = 64 * 1024;

/** What a pool's domain has for people beside what it has for machines. */
export interface PeopleAtDomain {
  /** Serves the pages. @returns whether the path is one of theirs. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** @throws {TokenError} as Cognito refuses. */
  grant(
    kind: "authorization_code" | "refresh_token",
    form: URLSearchParams,
    clientId: string,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** @throws {TokenError} as Cognito refuses. */
  revoke(form: URLSearchParams, clientId: string): Promise<void>;
}

export interface TokenEndpointOptions {
  readonly userPoolId: string;
  /** The `iss` claim: Cognito's own address of the pool, since that is what verifiers compare. */
  readonly issuer: string;
  readonly findClient: FindClient;
  /** The key that tokens are signed with; one of its own by default. */
  readonly key?: SigningKey;
  /** Where people sign in to the pool, too. */
  readonly people?: PeopleAtDomain;
  readonly report?: (error: unknown) => void;
  /** Milliseconds since 1970; tests set it. */
  readonly now?: () => number;
}

export interface TokenEndpoint {
  /** What clients post to. */
  readonly url: string;
  /** Where the public key is. */
  readonly jwksUri: string;
  /** How many tokens were issued since the start: Cognito bills each. */
  readonly issued: () => number;
  /** A token with any claims, signed as the endpoint signs: for tests of what a verifier refuses. */
  readonly sign: (claims: Readonly<Record<string, unknown>>) => string;
  close(): Promise<void>;
}

/** Serves what Cognito's hosted domain serves to machines: `POST /oauth2/token`, and the pool's JWKS. */
export async function startTokenEndpoint(options: TokenEndpointOptions): Promise<TokenEndpoint> {
  const { userPoolId, issuer, findClient, people, report, now = Date.now } = options;
  const { key = createSigningKey() } = options;
  const jwksPath = `/${userPoolId}/.well-known/jwks.json`;
  let issued = 0;

  const answerToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const authenticated = await authenticate(await readTokenRequest(request), findClient);
    const { grantType, form, client } = authenticated;
    if (grantType !== "client_credentials") {
      if (people === undefined) throw new TokenError("unauthorized_client");
      sendJson(response, 200, await people.grant(grantType, form, client.clientId), NOT_STORED);
      return;
    }
    const token = key.sign(accessTokenClaims(grantToken(authenticated), issuer, Math.floor(now() / 1000)));
    issued += 1;
    const { accessTokenSeconds } = client;
    sendJson(response, 200, { access_token: token, expires_in: accessTokenSeconds, token_type: "Bearer" }, NOT_STORED);
  };

  const answerRevocation = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const read = await readTokenRequest(request);
    const form = formOf(read);
    const { clientId } = await clientOf(read, form, findClient, true);
    await people?.revoke(form, clientId);
    sendJson(response, 200, {}, NOT_STORED);
  };

  const server: LoopbackServer = await serveOnLoopback(async (request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (path === jwksPath && request.method === "GET") {
      sendJson(response, 200, key.jwks, { "cache-control": "public, max-age=86400" });
    } else if (await people?.handle(request, response)) {
      return;
    } else if (path !== "/oauth2/token" && (path !== "/oauth2/revoke" || people === undefined)) {
      sendJson(response, 404, { error: "not_found" });
    } else if (request.method !== "POST") {
      sendJson(response, 405, { error: "invalid_request" }, { allow: "POST" });
    } else {
      try {
        await (path === "/oauth2/token" ? answerToken : answerRevocation)(request, response);
      } catch (error) {
        answerError(response, error);
      }
    }
  }, report);
  return {
    url: `${server.url}/oauth2/token`,
    jwksUri: `${server.url}${jwksPath}`,
    issued: () => issued,
    sign: (claims) => key.sign(claims),
    close: () => server.close(),
  };
}

async function readTokenRequest(request: IncomingMessage): Promise<TokenRequest> {
  const body = (await readBody(request, MAX_BODY_BYTES)).toString("utf8");
  const { authorization, "content-type": contentType } = request.headers;
  const query = (request.url ?? "").split(/\?(.*)/s, 2)[1] ?? "";
  return { authorization, contentType, query, body };
}

const NOT_STORED = { "cache-control": "no-store", pragma: "no-cache" } as const;

function answerError(response: ServerResponse, error: unknown): void {
  if (error instanceof BodyTooLargeError) {
    sendJson(response, 413, { error: "invalid_request" }, { connection: "close" });
  } else if (error instanceof TokenError) {
    const description = error.description === undefined ? {} : { error_description: error.description };
    sendJson(response, 400, { error: error.code, ...description }, NOT_STORED);
  } else {
    throw error;
  }
}

/** The claims of Cognito's access tokens for machines: there is no `aud`, and `sub` is the app client. */
function accessTokenClaims(
  { client, scopes }: TokenGrant,
  issuer: string,
  nowSeconds: number,
): Record<string, unknown> {
  return {
    sub: client.clientId,
    token_use: "access",
    scope: scopes.join(" "),
    auth_time: nowSeconds,
    iss: issuer,
    exp: nowSeconds + client.accessTokenSeconds,
    iat: nowSeconds,
    version: 2,
    jti: randomUUID(),
    client_id: client.clientId,
  };
}
