import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { clock } from "../../../client/core/backoff";
import { refreshCredentials } from "../../../client/credentials/refresh-loop";
import { loadSettings } from "../../../client/settings/settings";
import { FakeServices } from "../support/fake-services";

let services: FakeServices;
let home: string;
let now: number;
let began: number;

beforeEach(async () => {
  services = await new FakeServices().start();
  home = mkdtempSync(join(tmpdir(), "oidc-s3-loop-"));
  began = now = Date.now();
  jest.spyOn(Date, "now").mockImplementation(() => now);
  // Waiting is what lets time pass.
  jest.spyOn(clock, "sleep").mockImplementation((milliseconds = 0, value, options) => {
    now += Math.max(1, milliseconds);
    return setImmediate(value, options);
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await services.stop();
  rmSync(home, { recursive: true });
});

const seconds = () => (now - began) / 1000;

/** Keeps credentials fresh for that many seconds. @returns the seconds at which there were new ones, and when each expires. */
async function run(end: number): Promise<{ readonly at: number; readonly until: number }[]> {
  const given: { at: number; until: number }[] = [];
  const stop = new AbortController();
  const settings = loadSettings({
    env: { ...services.environment, XDG_CACHE_HOME: home },
    defaultConfigFile: "/nowhere",
  });
  const loop = refreshCredentials({
    settings: () => {
      if (seconds() >= end) stop.abort();
      stop.signal.throwIfAborted();
      return settings;
    },
    options: {},
    signal: stop.signal,
    onCredentials: ({ expiration }) => given.push({ at: seconds(), until: (expiration.getTime() - began) / 1000 }),
    onFailure: () => {},
  });
  await expect(loop).rejects.toThrow(/abort/);
  return given;
}

it("renews when half of the life is left, or up to a tenth of that later", async () => {
  const given = await run(12 * 3600);
  const lives = given.slice(1).map(({ at }, index) => at - (given[index]?.at ?? 0));
  expect(lives.length).toBeGreaterThan(20);
  expect(Math.min(...lives)).toBeGreaterThanOrEqual(1_799);
  expect(Math.max(...lives)).toBeLessThanOrEqual(1_981);
  expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(30);
});

it("so an outage of 25 minutes that begins right before lets nothing expire", async () => {
  const outage = () => seconds() > 1_790 && seconds() < 1_790 + 25 * 60;
  services.token = () => (outage() ? { cut: true } : {});
  services.vending = () => (outage() ? { cut: true } : {});
  for (let round = 0; round < 5; round++) {
    now = began = now + 48 * 3600 * 1000;
    const given = await run(2 * 3600);
    for (const [index, { at }] of given.slice(1).entries()) expect(at).toBeLessThan(given[index]?.until ?? 0);
  }
});

it("takes as many tokens of an hour a month as README's formula says", async () => {
  // In two days the cache is swept by the times of its files, which are real ones.
  const days = 1.9;
  await run(days * 86_400);
  const aMonth = (services.tokenRequests.length / days) * (2_628_000 / 86_400);
  expect(aMonth).toBeGreaterThan(680);
  expect(aMonth).toBeLessThan(735);
});
