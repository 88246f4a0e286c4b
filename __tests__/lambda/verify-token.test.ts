import type { Jwks } from "aws-jwt-verify/jwk";
import { deadlineOf } from "../../lambda/deadline";
import { PoolKeys } from "../../lambda/pool-keys";
import { createTokenVerifier, type VerifiedToken } from "../../lambda/verify-token";
import {
  accessClaims,
  CLIENT_ID,
  type Claims,
  ISSUER,
  jwks,
  RESOURCE_SERVER,
  type SigningKey,
  sign,
  signingKey,
} from "./support/tokens";

const key = signingKey("pool-key");
const another = signingKey(key.kid);
const deadline = deadlineOf(() => 10_000);
const fetchKeys = jest.fn<Promise<Jwks>, []>();
const seconds = () => Math.floor(Date.now() / 1000);

beforeEach(() => fetchKeys.mockReset().mockResolvedValue(jwks(key) as Jwks));

function verify(token: string): Promise<VerifiedToken> {
  return createTokenVerifier(ISSUER, new PoolKeys(fetchKeys))(token, deadline);
}

function verifyClaims(claims: Claims, header?: Claims, signer: SigningKey = key) {
  return verify(sign(signer, accessClaims(claims), header));
}

it("an access token of the pool is accepted", async () => {
  const scope = `${RESOURCE_SERVER}/write`;
  expect(await verifyClaims({ scope })).toEqual({ clientId: CLIENT_ID, scope, issuedAt: expect.any(Number) });
});

it("a token without scopes is verified with none", async () => {
  expect((await verifyClaims({ scope: undefined })).scope).toBe("");
});

it.each<[string, Claims]>([
  ["issued by a clock five seconds ahead", { iat: seconds() + 4 }],
  ["valid from a moment ago", { nbf: seconds() - 1 }],
])("%s: accepted", async (_, claims) => {
  expect((await verifyClaims(claims)).clientId).toBe(CLIENT_ID);
});

describe("refused before the pool is asked for its keys", () => {
  it.each<[string, Claims, string]>([
    ["another issuer", { iss: `${ISSUER}x` }, "issuer_wrong"],
    ["no issuer", { iss: undefined }, "issuer_wrong"],
    ["an ID token", { token_use: "id", aud: CLIENT_ID }, "token_use_wrong"],
    ["no token use", { token_use: undefined }, "token_use_wrong"],
    ["expired this second", { exp: seconds() }, "token_expired"],
    ["expired long ago", { exp: 0 }, "token_expired"],
    ["no expiry", { exp: undefined }, "claims_malformed"],
    ["an expiry that is text", { exp: String(seconds() + 60) }, "claims_malformed"],
    ["an expiry beyond all dates", { exp: 1e300 }, "claims_malformed"],
    ["no time of issue", { iat: undefined }, "claims_malformed"],
    ["a scope that is a list", { scope: ["write"] }, "claims_malformed"],
    ["not before in a minute", { nbf: seconds() + 60 }, "token_not_yet_valid"],
    ["issued in a minute", { iat: seconds() + 60 }, "token_not_yet_valid"],
    ["no client", { client_id: undefined }, "client_id_missing"],
    ["an empty client", { client_id: "" }, "client_id_missing"],
    ["a client that is a number", { client_id: 1 }, "client_id_missing"],
  ])("%s", async (_, claims, reason) => {
    await expect(verifyClaims(claims)).rejects.toMatchObject({ code: "invalid_token", reason });
    expect(fetchKeys).not.toHaveBeenCalled();
  });

  it.each<[string, Claims, string]>([
    ["no algorithm", { alg: undefined }, "algorithm_not_allowed"],
    ["alg none", { alg: "none" }, "algorithm_not_allowed"],
    ["RS512", { alg: "RS512" }, "algorithm_not_allowed"],
    ["alg in other cases", { alg: "rs256" }, "algorithm_not_allowed"],
    ["no key id", { kid: undefined }, "token_malformed"],
    ["an empty key id", { kid: "" }, "token_malformed"],
    ["a key id that is a number", { kid: 1 }, "token_malformed"],
    ["a critical extension", { crit: ["b64"], b64: false }, "token_malformed"],
  ])("%s in the header", async (_, header, reason) => {
    await expect(verifyClaims({}, header)).rejects.toMatchObject({ code: "invalid_token", reason });
    expect(fetchKeys).not.toHaveBeenCalled();
  });

  it.each([
    "",
    ".",
    "..",
    "a.b",
    "a.b.c.d",
    "a..c",
    "e30.e30.e30=",
    " e30.e30.e30",
    "bnVsbA.e30.AA",
    "W10.e30.AA",
    "gAAA.e30.AA",
  ])("%p is no token", async (token) => {
    await expect(verify(token)).rejects.toMatchObject({ code: "invalid_token" });
    expect(fetchKeys).not.toHaveBeenCalled();
  });
});

describe("keys", () => {
  it("a signature by another key under the pool's key id is refused", async () => {
    await expect(verifyClaims({}, {}, another)).rejects.toMatchObject({
      code: "invalid_token",
      reason: "signature_invalid",
    });
  });

  it("a key id that the pool lacks is refused", async () => {
    await expect(verifyClaims({}, { kid: "other" })).rejects.toMatchObject({
      code: "invalid_token",
      reason: "key_unknown",
    });
  });

  it("keys that cannot be fetched are 503, never 401", async () => {
    fetchKeys.mockRejectedValue(new Error("down"));
    await expect(verifyClaims({})).rejects.toMatchObject({
      status: 503,
      code: "temporarily_unavailable",
      reason: "keys_unavailable",
      retryAfterSeconds: 2,
    });
  });

  it("a fetch that outlasts the invocation is 503 in time", async () => {
    fetchKeys.mockReturnValue(new Promise(() => {}));
    const verifier = createTokenVerifier(ISSUER, new PoolKeys(fetchKeys));
    jest.useFakeTimers();
    try {
      const startedAt = performance.now();
      const call = verifier(
        sign(key),
        deadlineOf(() => 600),
      );
      const refusal = expect(call).rejects.toMatchObject({ status: 503 });
      await jest.advanceTimersByTimeAsync(1499);
      await refusal;
      expect(performance.now() - startedAt).toBeLessThan(1500);
    } finally {
      jest.useRealTimers();
    }
  });

  it("a new key under an old id is used, and the old one no longer", async () => {
    let now = Date.now();
    const verifier = createTokenVerifier(ISSUER, new PoolKeys(fetchKeys, () => now));
    const lasting = { exp: seconds() + 86_400 };
    await verifier(sign(key, accessClaims(lasting)), deadline);
    fetchKeys.mockResolvedValue(jwks(another) as Jwks);
    now += 3_600_001;
    await verifier(sign(another, accessClaims(lasting)), deadline);
    await expect(verifier(sign(key, accessClaims(lasting)), deadline)).rejects.toMatchObject({
      reason: "signature_invalid",
    });
  });
});
