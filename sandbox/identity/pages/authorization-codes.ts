import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { TokenError } from "../../cognito/token-request";
import type { DirectoryUser, PoolClient } from "../directory";
import type { AuthorizeRequest } from "./authorize-request";

const LIFE_MS = 5 * 60_000;

export interface Authorization {
  readonly request: AuthorizeRequest;
  readonly user: DirectoryUser;
  /** Milliseconds since 1970: when the password was proved. */
  readonly startedAt: number;
}

/** What the browser carries from the login page to the app. A code works once and for five minutes. */
export class AuthorizationCodes {
  private readonly codes = new Map<string, { readonly authorization: Authorization; readonly until: number }>();

  constructor(private readonly now: () => number) {}

  issue(authorization: Authorization): string {
    const code = randomUUID();
    this.codes.set(code, { authorization, until: this.now() + LIFE_MS });
    return code;
  }

  /** @throws {TokenError} where it is not this client's code, for this address, with the secret of its challenge. */
  redeem(client: PoolClient, form: URLSearchParams): Authorization {
    const code = form.get("code") ?? "";
    const found = this.codes.get(code);
    // Whoever tries a code with something else has not got the rest: it is no longer safe.
    this.codes.delete(code);
    if (found === undefined || found.until <= this.now()) throw new TokenError("invalid_grant");
    const { request } = found.authorization;
    if (request.client.clientId !== client.clientId || request.redirectUri !== form.get("redirect_uri")) {
      throw new TokenError("invalid_grant");
    }
    if (!isVerifier(request.challenge, form.get("code_verifier"))) {
      throw new TokenError("invalid_grant", "invalid code_verifier");
    }
    return found.authorization;
  }
}

function isVerifier(challenge: string | undefined, verifier: string | null): boolean {
  if (challenge === undefined) return verifier === null;
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
  const expected = createHash("sha256").update(verifier).digest();
  const given = Buffer.from(challenge, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
