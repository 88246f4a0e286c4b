/**
 * What may be shown of a client secret, so that two people can see that theirs is the same: the first 48 bits of its
 * SHA-256. Cognito's secrets are of 50 random characters and more, which no guessing from a hash finds; of a chosen
 * password it would help to guess.
 */
export async function secretFingerprint(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return Buffer.from(hash).toString("hex").slice(0, 12);
}
