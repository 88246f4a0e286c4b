import { createPublicKey, type JsonWebKey } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { isJwks, type Jwk, type Jwks } from "aws-jwt-verify/jwk";
import { withTimeLimit } from "./deadline";
import { DEPENDENCY_LIMIT_MS, MAX_JWKS_BYTES } from "./limits";

/** A shorter RSA key must not be used with RS256: RFC 7518, section 3.3. */
const MIN_MODULUS_BITS = 2048;

/** An answer from the JWKS address that cannot be used; the message holds nothing of it. */
export class JwksAnswerError extends Error {
  override readonly name = "JwksAnswerError";
}

/**
 * Fetches the user pool's keys, once, within its time limit. Redirects are not followed: the address is fixed.
 * @throws {JwksAnswerError | TimeLimitError | Error} where there is no answer with a key in it.
 */
export async function fetchJwks(uri: string): Promise<Jwks> {
  return parseJwks(await withTimeLimit(DEPENDENCY_LIMIT_MS.jwks, (signal) => getText(uri, signal)));
}

/** Node.js's own client and not `fetch`: the AWS SDK has loaded it, and `fetch` adds 10 ms to a cold start. */
async function getText(uri: string, signal: AbortSignal): Promise<string> {
  const { get } = uri.startsWith("https:") ? https : http;
  const request = get(uri, { signal, headers: { accept: "application/json" } });
  // An error after the response is the response's too, where it is handled.
  request.on("error", () => {});
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  try {
    if (response.statusCode !== 200) throw new JwksAnswerError(`status ${response.statusCode}`);
    return await readText(response);
  } finally {
    request.destroy();
  }
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_JWKS_BYTES) throw new JwksAnswerError(`more than ${MAX_JWKS_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Keeps the keys that can verify RS256 and no others: a key for encryption or another algorithm verifies no token. */
function parseJwks(text: string): Jwks {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JwksAnswerError("not JSON");
  }
  if (!isJwks(value as Parameters<typeof isJwks>[0])) throw new JwksAnswerError("not a JWKS");
  const keys = (value as Jwks).keys.filter(canVerifyRs256);
  if (keys.length === 0) throw new JwksAnswerError("no RSA key for signatures");
  return { keys };
}

function canVerifyRs256(jwk: Jwk): boolean {
  const { kty, kid, use = "sig", alg = "RS256" } = jwk;
  if (kty !== "RSA" || !kid || use !== "sig" || alg !== "RS256") return false;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    return (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_MODULUS_BITS;
  } catch {
    return false;
  }
}
