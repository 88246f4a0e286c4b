import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";

export interface SigningKey {
  /** The public half, as Cognito's `/.well-known/jwks.json` shows it. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** A JSON Web Token with the claims, signed RS256. */
  sign(claims: Readonly<Record<string, unknown>>): string;
}

/** A fresh RSA key for one run: no token of another run, or of Cognito, verifies with it. */
export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const kid = randomUUID();
  return {
    jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid }] },
    sign(claims) {
      const signed = `${encode({ kid, alg: "RS256" })}.${encode(claims)}`;
      return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
