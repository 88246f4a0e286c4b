import type { Jwks } from "aws-jwt-verify/jwk";
import fc from "fast-check";
import { deadlineOf } from "../../lambda/deadline";
import { VendingError } from "../../lambda/errors";
import { PoolKeys } from "../../lambda/pool-keys";
import { createTokenVerifier } from "../../lambda/verify-token";
import { BundledFunction, bundleBeside, functionEnvironment } from "./support/bundled-function";
import { CloudStub } from "./support/cloud-stub";
import { nodeBinaries } from "./support/node-versions";
import { accessClaims, CLIENT_ID, ISSUER, jwks, segment, sign, signingKey } from "./support/tokens";

// Processes start slowly on a busy machine.
jest.setTimeout(30_000);

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const key = signingKey("pool-key");
const token = sign(key);
const parts = token.split(".") as [string, string, string];
/** A second genuine token, whose parts are mixed with those of the first; whole, it is to be accepted like it. */
const otherToken = sign(key, accessClaims({ jti: "another" }));
const other = otherToken.split(".");
const GENUINE = [token, otherToken];
const deadline = deadlineOf(() => 10_000);
const verify = createTokenVerifier(ISSUER, new PoolKeys(async () => jwks(key) as Jwks));

/** "accepted", or the code of the refusal. */
async function outcome(text: string): Promise<string> {
  try {
    await verify(text, deadline);
    return "accepted";
  } catch (error) {
    if (error instanceof VendingError) return error.code;
    throw error;
  }
}

const position = fc.nat(token.length - 1);
const replacedAt = (index: number, text: string) => token.slice(0, index) + text + token.slice(index + 1);
const withPart = (index: number, part: string) => parts.with(index, part).join(".");

/** One bit of the decoded bytes of a segment turned over. */
const bitFlip = fc.tuple(fc.nat(2), fc.nat()).map(([index, random]) => {
  const bytes = Buffer.from(parts[index] ?? "", "base64url");
  const bit = random % (bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return withPart(index, bytes.toString("base64url"));
});
const newCharacter = fc
  .tuple(
    position,
    fc.oneof(fc.constantFrom(...ALPHABET, "+", "/", "=", ".", " ", "\n", "%"), fc.string({ minLength: 1 })),
  )
  .map(([index, text]) => replacedAt(index, text));
const inserted = fc
  .tuple(position, fc.constantFrom("=", ".", " ", "\t", "\n", "\0", "A", "é"))
  .map(([index, text]) => token.slice(0, index) + text + token.slice(index));
const deleted = fc
  .tuple(position, fc.integer({ min: 1, max: 40 }))
  .map(([i, n]) => token.slice(0, i) + token.slice(i + n));
const affixed = fc
  .tuple(fc.constantFrom("", " ", "=", "==", "\n", ".", "Bearer "), fc.constantFrom("", " ", "=", "==", "\n", ".", "A"))
  .map(([before, after]) => before + token + after);
const rearranged = fc
  .array(fc.constantFrom(...parts, ...other, ""), { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join("."));
const newHeader = fc
  .record(
    {
      alg: fc.constantFrom("none", "HS256", "RS256", "RS512", "ES256", "PS256", ""),
      kid: fc.constantFrom(key.kid, "x"),
      typ: fc.string(),
    },
    { requiredKeys: [] },
  )
  .map((header) => withPart(0, segment(header)));
const newClaim = fc
  .tuple(fc.constantFrom("client_id", "sub", "scope", "exp", "iat", "iss", "token_use", "extra"), fc.jsonValue())
  .map(([name, value]) => withPart(1, segment(accessClaims({ [name]: value }))));
const newSignature = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => withPart(2, Buffer.from(bytes).toString("base64url")));
const standardBase64 = fc.constantFrom(...parts.keys()).map((index) => {
  return withPart(index, Buffer.from(parts[index] ?? "", "base64url").toString("base64"));
});

const kinds = {
  bitFlip,
  newCharacter,
  inserted,
  deleted,
  affixed,
  rearranged,
  newHeader,
  newClaim,
  newSignature,
  standardBase64,
  anyText: fc.string(),
};
const mutant = fc
  .oneof(...Object.entries(kinds).map(([kind, texts]) => texts.map((text) => ({ kind, text }))))
  .filter(({ text }) => !GENUINE.includes(text));

it.each(GENUINE)("genuine token %# is accepted", async (text) => {
  expect((await verify(text, deadline)).clientId).toBe(CLIENT_ID);
});

it("no mutation of it is", async () => {
  await fc.assert(
    fc.asyncProperty(mutant, async ({ kind, text }) => {
      expect({ kind, text, outcome: await outcome(text) }).toEqual({ kind, text, outcome: "invalid_token" });
    }),
    { numRuns: 5000 },
  );
});

it("no other character at any place is", async () => {
  for (let index = 0; index < token.length; index++) {
    const next = ALPHABET[(ALPHABET.indexOf(token[index] ?? "") + 1) % 64] ?? "";
    expect([index, await outcome(replacedAt(index, next))]).toEqual([index, "invalid_token"]);
  }
});

it("no other spelling of a segment's last character is, whose spare bits decoders drop", async () => {
  for (const end of [parts[0].length, parts[0].length + 1 + parts[1].length, token.length]) {
    for (const character of ALPHABET) {
      const text = replacedAt(end - 1, character);
      expect(await outcome(text)).toBe(text === token ? "accepted" : "invalid_token");
    }
  }
});

it("no other end of a segment is, with one or two characters more or others", async () => {
  const characters = [...ALPHABET, "+", "/", "=", "."];
  const tails = [...characters, ...characters.flatMap((first) => characters.map((second) => first + second))];
  const wrong: string[] = [];
  for (const [index, part] of parts.entries()) {
    const spellings = new Set(tails.flatMap((tail) => [part + tail, part.slice(0, -tail.length) + tail]));
    spellings.delete(part);
    for (const spelling of spellings) {
      const result = await outcome(withPart(index, spelling));
      if (result !== "invalid_token") wrong.push(`segment ${index} ending in ${spelling.slice(-4)}: ${result}`);
    }
  }
  expect(wrong).toEqual([]);
});

describe("the bundled handler", () => {
  const stub = new CloudStub(jwks(key));
  const bundle = bundleBeside(stub);

  it.each(nodeBinaries())("accepts no mutation on $name", async ({ path }) => {
    const lambda = await BundledFunction.start(bundle.path, functionEnvironment(stub.url), path);
    const invoke = (text: string) => lambda.invoke({ body: JSON.stringify({ access_token: text }) });
    try {
      expect((await invoke(token)).statusCode).toBe(200);
      stub.reset();
      await fc.assert(
        fc.asyncProperty(mutant, async ({ kind, text }) => {
          const { statusCode, body } = await invoke(text);
          const refused = statusCode === 400 || statusCode === 401;
          expect({ kind, text, answer: refused ? "refused" : { statusCode, body } }).toMatchObject({
            answer: "refused",
          });
        }),
        { numRuns: 500 },
      );
      expect(stub.calls).toMatchObject({ dynamodb: 0, sts: 0 });
    } finally {
      await lambda.stop();
    }
  });
});
