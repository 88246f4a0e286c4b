import { createSign, createVerify, generateKeyPairSync, randomUUID } from "node:crypto";

export type Claims = Readonly<Record<string, unknown>>;

export interface SigningKey {
  /** The public half, as Cognito's `/.well-known/jwks.json` shows it. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** A JSON Web Token with the claims, signed RS256. */
  sign(claims: Claims): string;
  /** The claims of a token that this key has signed, expired or not; undefined for any other text. */
  read(token: string): Claims | undefined;
}

/** A fresh RSA key for one run: no token of another run, or of Cognito, verifies with it. */
export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const kid = randomUUID();
  const header = encode({ kid, alg: "RS256" });
  return {
    jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid }] },
    sign(claims) {
      const signed = `${header}.${encode(claims)}`;
      return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
    },
    read(token) {
      const [head, claims, signature, ...rest] = token.split(".");
      // Its own header, to the letter: no other algorithm and no other key is ever asked about.
      if (head !== header || claims === undefined || signature === undefined || rest.length > 0) return undefined;
      const isValid = createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(publicKey, signature, "base64url");
      return isValid ? JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) : undefined;
    },
  };
}

/** The keys of issuers, each made when it is first asked for. */
export class SigningKeys {
  private readonly keys = new Map<string, SigningKey>();

  of(issuer: string): SigningKey {
    const key = this.keys.get(issuer) ?? createSigningKey();
    this.keys.set(issuer, key);
    return key;
  }

  /** Undefined where nothing has been signed yet. */
  known(issuer: string): SigningKey | undefined {
    return this.keys.get(issuer);
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
