import { fetchJwks } from "../../lambda/fetch-jwks";
import { DEPENDENCY_LIMIT_MS } from "../../lambda/limits";
import { type Behaviour, CloudStub } from "./support/cloud-stub";
import { jwks, signingKey } from "./support/tokens";

const key = signingKey("pool-key");
const published = jwks(key).keys[0];
const stub = new CloudStub(jwks(key));
let uri: string;

beforeAll(async () => {
  uri = `${await stub.start()}/pool/jwks.json`;
});
afterEach(() => stub.reset());
afterAll(() => stub.stop());

const body = (value: unknown): Behaviour => ({ body: JSON.stringify(value) });

it("the pool's keys are fetched", async () => {
  expect(await fetchJwks(uri)).toEqual(jwks(key));
});

it("keys that cannot verify RS256 are left out", async () => {
  const others = [
    { ...published, kid: "for-encryption", use: "enc" },
    { ...published, kid: "other-algorithm", alg: "RS512" },
    { kty: "EC", kid: "elliptic", crv: "P-256", x: "AA", y: "AA" },
    { kty: "RSA", kid: "no-key", n: "!", e: "" },
    jwks(signingKey("too-short", 1024)).keys[0],
  ];
  stub.behaviour.jwks = body({ keys: [...others, published] });
  expect((await fetchJwks(uri)).keys.map(({ kid }) => kid)).toEqual([key.kid]);
});

it.each<[string, Behaviour]>([
  ["a failure", { status: 500, body: "{}" }],
  ["a refusal", { status: 403, body: JSON.stringify(jwks(key)) }],
  ["a redirect", { status: 302, body: "", headers: { location: "/pool/jwks.json" } }],
  ["garbage", { body: "<html>not keys</html>" }],
  ["an empty answer", { body: "" }],
  ["no list of keys", body({ keys: {} })],
  ["no key", body({ keys: [] })],
  ["keys of other kinds only", body({ keys: [{ ...published, use: "enc" }] })],
  ["an answer without end", { body: " ".repeat(200_000) + JSON.stringify(jwks(key)) }],
  ["an answer that breaks off", { body: "{", headers: { "content-length": "100", connection: "close" } }],
  ["a connection that ends", "reset"],
])("%s is an error", async (_, behaviour) => {
  stub.behaviour.jwks = behaviour;
  await expect(fetchJwks(uri)).rejects.toThrow();
  expect(stub.calls.jwks).toBe(1);
});

it("an address where nobody listens is an error", async () => {
  await expect(fetchJwks("http://127.0.0.1:9/jwks.json")).rejects.toThrow("ECONNREFUSED");
});

it("no answer is an error within the limit", async () => {
  stub.behaviour.jwks = "hang";
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
  try {
    const startedAt = performance.now();
    const refusal = expect(fetchJwks(uri)).rejects.toMatchObject({ name: "TimeLimitError" });
    while (stub.calls.jwks === 0) await new Promise(setImmediate);
    await jest.advanceTimersByTimeAsync(DEPENDENCY_LIMIT_MS.jwks);
    await refusal;
    expect(performance.now() - startedAt).toBeLessThan(DEPENDENCY_LIMIT_MS.jwks + 2000);
  } finally {
    jest.useRealTimers();
  }
});
