import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

export const POOL_ID = "eu-west-1_TestPool1";
export const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL_ID}`;
export const RESOURCE_SERVER = "https://s3-uploader.dev.oidc-s3";
export const CLIENT_ID = "1abc2defg3hij4klmno5pqrs6";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function signingKey(kid: string, modulusLength = 2048): SigningKey {
  return { kid, ...generateKeyPairSync("rsa", { modulusLength }) };
}

export function jwks(...keys: readonly SigningKey[]) {
  return {
    keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" })),
  };
}

export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a machine-to-machine access token as Cognito writes them. */
export function accessClaims(overrides: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: CLIENT_ID,
    iss: ISSUER,
    client_id: CLIENT_ID,
    token_use: "access",
    scope: `${RESOURCE_SERVER}/write ${RESOURCE_SERVER}/read`,
    auth_time: now,
    iat: now,
    exp: now + 3600,
    version: 2,
    jti: "5f0e6f6e-6d5f-4a3e-8a3f-0d1b2c3d4e5f",
    ...overrides,
  };
}

export function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A token signed with RS256; `header` goes over the usual one. */
export function sign(key: SigningKey, claims: Claims = accessClaims(), header: Claims = {}): string {
  const input = `${segment({ kid: key.kid, alg: "RS256", ...header })}.${segment(claims)}`;
  return `${input}.${createSign("RSA-SHA256").update(input).sign(key.privateKey).toString("base64url")}`;
}

/** The classic confusion: HS256 with the public key, which everybody has, as the secret. */
export function signHs256(key: SigningKey, claims: Claims = accessClaims()): string {
  const input = `${segment({ kid: key.kid, alg: "HS256" })}.${segment(claims)}`;
  const secret = key.publicKey.export({ type: "spki", format: "pem" });
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}
