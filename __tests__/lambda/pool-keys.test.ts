import type { Jwks } from "aws-jwt-verify/jwk";
import {
  FAILED_FETCH_WAIT_MS,
  MAX_KEYS_AGE_MS,
  MAX_KEYS_TRUST_MS,
  PoolKeys,
  REFETCH_WAIT_MS,
} from "../../lambda/pool-keys";

const set = (...kids: string[]) => ({ keys: kids.map((kid) => ({ kid, kty: "RSA" })) }) as unknown as Jwks;

/** Seconds: when the tokens were issued, no later than the first fetch. */
const ISSUED = 1000;

let now = 0;
const fetchKeys = jest.fn<Promise<Jwks>, []>();
let keys: PoolKeys;

beforeEach(() => {
  now = ISSUED * 1000;
  fetchKeys.mockReset().mockResolvedValue(set("a"));
  keys = new PoolKeys(fetchKeys, () => now);
});

const unknown = { code: "invalid_token", reason: "key_unknown" };
const newer = { code: "temporarily_unavailable", reason: "key_newer" };
const unavailable = { code: "temporarily_unavailable", reason: "keys_unavailable" };

it("keys are fetched when first needed, and once", async () => {
  expect(fetchKeys).not.toHaveBeenCalled();
  const first = await keys.for("a", ISSUED);
  expect(await keys.for("a", ISSUED)).toBe(first);
  expect(fetchKeys).toHaveBeenCalledTimes(1);
});

it("requests at the same time share one fetch", async () => {
  await Promise.all([
    keys.for("a", ISSUED),
    keys.for("a", ISSUED),
    expect(keys.for("b", ISSUED)).rejects.toMatchObject(unknown),
  ]);
  expect(fetchKeys).toHaveBeenCalledTimes(1);
});

it("a thousand unknown key ids cause one fetch, and one more for each wait that is over", async () => {
  for (let n = 0; n < 1000; n++) await expect(keys.for(`random-${n}`, ISSUED)).rejects.toMatchObject(unknown);
  expect(fetchKeys).toHaveBeenCalledTimes(1);
  for (let n = 0; n < 1000; n++) {
    now += REFETCH_WAIT_MS / 100;
    await expect(keys.for(`random-${n}`, ISSUED)).rejects.toMatchObject(unknown);
  }
  expect(fetchKeys).toHaveBeenCalledTimes(11);
});

it("a rotated key is found once the wait is over", async () => {
  await keys.for("a", ISSUED);
  fetchKeys.mockResolvedValue(set("a", "b"));
  now += REFETCH_WAIT_MS - 1;
  await expect(keys.for("b", ISSUED)).rejects.toMatchObject(unknown);
  now += 1;
  expect(await keys.for("b", ISSUED)).toEqual(set("a", "b"));
  expect(fetchKeys).toHaveBeenCalledTimes(2);
});

describe("a token issued after the keys were fetched, with a key that was not among them", () => {
  const issued = ISSUED + 10;
  beforeEach(async () => {
    await keys.for("a", ISSUED);
    now = issued * 1000 + 500;
  });

  it("is not refused while nobody may ask anew: the caller comes back when the wait is over, and is served", async () => {
    const remaining = (ISSUED * 1000 + REFETCH_WAIT_MS - now) / 1000;
    await expect(keys.for("b", issued)).rejects.toMatchObject({
      ...newer,
      status: 503,
      retryAfterSeconds: Math.ceil(remaining),
    });
    expect(fetchKeys).toHaveBeenCalledTimes(1);
    fetchKeys.mockResolvedValue(set("a", "b"));
    now += Math.ceil(remaining) * 1000;
    expect(await keys.for("b", issued)).toEqual(set("a", "b"));
  });

  it("is refused once keys fetched after it do not have it either", async () => {
    now = ISSUED * 1000 + REFETCH_WAIT_MS;
    await expect(keys.for("b", issued)).rejects.toMatchObject(unknown);
    await expect(keys.for("b", issued)).rejects.toMatchObject(unknown);
    expect(fetchKeys).toHaveBeenCalledTimes(2);
  });

  it("is not refused by a fetch that was under way before it was issued", async () => {
    now = ISSUED * 1000 + MAX_KEYS_AGE_MS;
    let answer: (found: Jwks) => void = () => {};
    fetchKeys.mockReturnValue(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const started = keys.for("a", ISSUED);
    const later = now / 1000 + 1;
    now += 2000;
    const joined = expect(keys.for("b", later)).rejects.toMatchObject(newer);
    answer(set("a"));
    await Promise.all([started, joined]);
  });
});

it("a key that is withdrawn is no longer trusted once the keys are old", async () => {
  await keys.for("a", ISSUED);
  fetchKeys.mockResolvedValue(set("b"));
  now += MAX_KEYS_AGE_MS;
  await expect(keys.for("a", ISSUED)).rejects.toMatchObject(unknown);
});

describe("when the keys cannot be fetched", () => {
  beforeEach(() => fetchKeys.mockRejectedValue(new Error("down")));

  it("every key id is unavailable, and Cognito is asked once a wait", async () => {
    for (let n = 0; n < 1000; n++) await expect(keys.for(`random-${n}`, ISSUED)).rejects.toMatchObject(unavailable);
    expect(fetchKeys).toHaveBeenCalledTimes(1);
  });

  it("the answer names the seconds after which there is another try, which then succeeds", async () => {
    await expect(keys.for("a", ISSUED)).rejects.toMatchObject({ retryAfterSeconds: FAILED_FETCH_WAIT_MS / 1000 });
    fetchKeys.mockResolvedValue(set("a"));
    await expect(keys.for("a", ISSUED)).rejects.toMatchObject(unavailable);
    now += FAILED_FETCH_WAIT_MS;
    expect(await keys.for("a", ISSUED)).toEqual(set("a"));
  });
});

it("a refetch that fails keeps the known keys, and says of an unknown one only that it cannot be known", async () => {
  await keys.for("a", ISSUED);
  now += REFETCH_WAIT_MS;
  fetchKeys.mockRejectedValue(new Error("down"));
  await expect(keys.for("b", ISSUED)).rejects.toMatchObject(unavailable);
  expect(await keys.for("a", ISSUED)).toEqual(set("a"));
});

it("old keys stay in use while there are no newer ones, with one try a wait", async () => {
  await keys.for("a", ISSUED);
  fetchKeys.mockRejectedValue(new Error("down"));
  now += MAX_KEYS_AGE_MS;
  for (let n = 0; n < 100; n++) expect(await keys.for("a", ISSUED)).toEqual(set("a"));
  expect(fetchKeys).toHaveBeenCalledTimes(2);
});

it("keys that could not be fetched again for a day are trusted no longer, and are again once they could", async () => {
  await keys.for("a", ISSUED);
  fetchKeys.mockRejectedValue(new Error("down"));
  now += MAX_KEYS_TRUST_MS - 1;
  expect(await keys.for("a", ISSUED)).toEqual(set("a"));
  now += 1;
  await expect(keys.for("a", ISSUED)).rejects.toMatchObject(unavailable);
  fetchKeys.mockResolvedValue(set("a"));
  now += FAILED_FETCH_WAIT_MS;
  expect(await keys.for("a", ISSUED)).toEqual(set("a"));
});
