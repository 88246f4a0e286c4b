import { VendingError } from "../../lambda/errors";
import { fetchJwks } from "../../lambda/fetch-jwks";
import { PoolKeys } from "../../lambda/pool-keys";
import { createTokenVerifier, type VerifyToken } from "../../lambda/verify-token";
import { GatewayError } from "./answers";
import type { Access } from "./deployed-api";

/** The claims of a verified token. */
export type Claims = Readonly<Record<string, unknown>>;

/** Milliseconds that API Gateway waits for anything at most, by default. */
const LIMIT_MS = 29_000;

/**
 * Decides whether a token lets a request in, as API Gateway's Cognito authorizer does: any one of the method's scopes
 * suffices, whichever client has it. The vending function's own modules verify the token.
 */
export class CognitoAuthorizer {
  private readonly verifiers = new Map<string, VerifyToken>();

  /**
   * @param jwksUriOf where the keys of a user pool are; undefined for a pool whose tokens nobody issues here.
   * @param now milliseconds.
   */
  constructor(
    private readonly jwksUriOf: (userPoolId: string) => string | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param values every value of the header that the authorizer reads.
   * @throws {GatewayError}
   */
  async authorise(values: readonly string[], access: Access & { kind: "scopes" }): Promise<Claims> {
    const token = tokenOf(values);
    const verify = this.verifierFor(token, access.userPoolArns);
    const { scope } = await verified(() => verify(token, { remainingMs: () => LIMIT_MS }));
    const granted = scope.split(" ");
    if (!access.scopes.some((needed) => granted.includes(needed))) throw new GatewayError("scopeMissing");
    return payloadOf(token);
  }

  /** The issuer that the token names chooses among the authorizer's user pools, and among no others. */
  private verifierFor(token: string, userPoolArns: readonly string[]): VerifyToken {
    const [only] = userPoolArns;
    const arn = userPoolArns.length === 1 ? only : userPoolArns.find((each) => issuerOf(each) === namedIssuer(token));
    if (arn === undefined) throw new GatewayError("unauthorized");
    const known = this.verifiers.get(arn);
    if (known !== undefined) return known;
    const uri = this.jwksUriOf(userPoolIdOf(arn));
    if (uri === undefined) throw new GatewayError("unauthorized");
    const made = createTokenVerifier(issuerOf(arn), new PoolKeys(() => fetchJwks(uri), this.now), this.now);
    this.verifiers.set(arn, made);
    return made;
  }
}

/**
 * The token by itself, or after the scheme `Bearer` as RFC 6750 has it: in any case, with one space or more. A comma or
 * another space means two values, however they came.
 */
function tokenOf(values: readonly string[]): string {
  const [value = "", ...others] = values;
  const token = /^(?:bearer +)?([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
  if (token === undefined || others.length > 0) throw new GatewayError("unauthorized");
  return token;
}

async function verified<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof VendingError)) throw error;
    if (error.reason === "keys_unavailable") throw new GatewayError("gatewayFault", error);
    throw new GatewayError(error.reason === "token_expired" ? "expired" : "unauthorized");
  }
}

/** `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID` */
function userPoolIdOf(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}

function issuerOf(arn: string): string {
  return `https://cognito-idp.${arn.split(":")[3]}.amazonaws.com/${userPoolIdOf(arn)}`;
}

/** What an unverified token says of itself. */
function namedIssuer(token: string): unknown {
  try {
    return payloadOf(token).iss;
  } catch {
    return undefined;
  }
}

function payloadOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}
