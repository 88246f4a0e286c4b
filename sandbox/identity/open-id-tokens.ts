import type { WebIdentity } from "../../iam/web-identity";
import type { Claims, SigningKeys } from "../cognito/signing-key";
import { unverified } from "./tokens";

export const IDENTITY_ISSUER = "https://cognito-identity.amazonaws.com";
const LIFE_SECONDS = 600;
const TAGS = "https://aws.amazon.com/tags";

/** Makes and reads the tokens that an identity pool vouches for somebody by. */
export class OpenIdTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly now: () => number,
  ) {}

  sign({ sub, aud, amr, tags }: WebIdentity): string {
    const iat = Math.floor(this.now() / 1000);
    const named = Object.entries(tags).map(([key, value]) => [key, [value]]);
    return this.keys.of(IDENTITY_ISSUER).sign({
      ...{ sub, aud, amr, iss: IDENTITY_ISSUER, iat, exp: iat + LIFE_SECONDS },
      ...(named.length === 0 ? {} : { [TAGS]: { principal_tags: Object.fromEntries(named) } }),
    });
  }

  /** @returns "invalid" for any text that is no such token, to the last character; "expired" after ten minutes. */
  read(token: string): WebIdentity | "invalid" | "expired" {
    if (unverified(token)?.iss !== IDENTITY_ISSUER) return "invalid";
    const claims = this.keys.known(IDENTITY_ISSUER)?.read(token);
    if (claims === undefined) return "invalid";
    if (Number(claims.exp) * 1000 <= this.now()) return "expired";
    const { sub, aud, amr } = claims;
    return { sub: String(sub), aud: String(aud), amr: Array.isArray(amr) ? amr.map(String) : [], tags: tagsIn(claims) };
  }
}

function tagsIn(claims: Claims): Record<string, string> {
  const { principal_tags: tags = {} } = (claims[TAGS] ?? {}) as { principal_tags?: Record<string, string[]> };
  return Object.fromEntries(Object.entries(tags).map(([key, values]) => [key, values[0] ?? ""]));
}
