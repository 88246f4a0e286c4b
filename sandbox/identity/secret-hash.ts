import { createHmac, timingSafeEqual } from "node:crypto";
import type { PoolClient } from "./directory";
import { type Json, notAuthorized } from "./service-error";

/**
 * Checks SECRET_HASH, by which a client that has a secret proves that it knows it.
 * @param names any of those that the user goes by.
 * @throws {ServiceError} where it is missing or wrong.
 */
export function checkSecretHash({ clientId, secret }: PoolClient, input: Json, ...names: readonly string[]): void {
  const given = input.SECRET_HASH ?? input.SecretHash;
  if (secret === undefined) {
    if (given === undefined) return;
    throw notAuthorized(`Client ${clientId} is not configured with secret but secret was received`);
  }
  if (typeof given !== "string") {
    throw notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`);
  }
  const proof = Buffer.from(given, "base64");
  const isProved = names.some((name) => {
    const expected = createHmac("sha256", secret).update(`${name}${clientId}`).digest();
    return proof.length === expected.length && timingSafeEqual(proof, expected);
  });
  if (!isProved) throw notAuthorized(`SecretHash does not match for the client: ${clientId}`);
}
