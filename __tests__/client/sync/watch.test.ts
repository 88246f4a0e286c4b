import { appendFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { clock } from "../../../client/core/backoff";
import { SettingsError, UnavailableError, UsageError } from "../../../client/core/errors";
import { openSync } from "../../../client/sync/sync";
import { watch } from "../../../client/sync/watch";
import { TransferFixture } from "../support/transfer-fixture";

const realNow = performance.now.bind(performance);

let fixture: TransferFixture;
let data: string;

beforeEach(async () => {
  fixture = await TransferFixture.start(["write"]);
  data = fixture.makeFolder("data");
});
afterEach(() => fixture.stop());

function file(name: string, content: string, secondsOld = 3600): void {
  writeFileSync(join(data, name), content);
  const time = new Date(Date.now() - secondsOld * 1000);
  utimesSync(join(data, name), time, time);
}

/** Watches, and does one step at each wait; ends behind the last. @returns the milliseconds of the waits. */
async function run(...steps: readonly (() => void)[]): Promise<number[]> {
  const waits: number[] = [];
  const end = new AbortController();
  let clockAhead = 0;
  jest.spyOn(performance, "now").mockImplementation(() => realNow() + clockAhead);
  const env = { XDG_STATE_HOME: join(fixture.folder, "state") };
  const options = { folder: data, followSymlinks: false, dryRun: false, all: false, env, ...fixture.common };
  const sync = await openSync(() => fixture.settings(), { ...options, signal: end.signal }, fixture.output);
  jest.spyOn(clock, "sleep").mockImplementation(async (milliseconds = 0, value, how) => {
    waits.push(milliseconds);
    clockAhead += milliseconds;
    const step = steps[waits.length - 1];
    if (step) step();
    else end.abort();
    return setImmediate(value, how);
  });
  try {
    const watching = { folder: data, quietMs: 5_000, intervalMs: 60_000, signal: end.signal };
    await expect(watch(sync, { ...watching, say: fixture.output.say })).rejects.toMatchObject({ code: "interrupted" });
  } finally {
    sync.close();
  }
  return waits;
}

const nothing = () => {};
const stored = () => Object.fromEntries([...fixture.s3.objects].map(([key, { bytes }]) => [key, bytes.toString()]));

it("uploads what is there, then what changes", async () => {
  file("a", "one");
  await run(
    nothing,
    nothing,
    () => file("a", "ONE", 1800),
    () => file("b", "two"),
    nothing,
    nothing,
  );
  expect(stored()).toEqual({ "logs/data/a": "ONE", "logs/data/b": "two" });
  expect(fixture.s3.count("PutObject")).toBe(3);
});

it("a file that is still written to is not sent before it has rested", async () => {
  const grow = () => appendFileSync(join(data, "a"), ".");
  file("a", "", 0);
  await run(grow, grow, grow, grow, grow);
  expect(stored()).toEqual({});
  fixture.s3.calls.length = 0;
  // Its time says that it is new for ever; what is seen says that it rests.
  await run(...Array.from({ length: 8 }, () => nothing));
  expect(stored()).toEqual({ "logs/data/a": "....." });
  expect(fixture.s3.count("PutObject")).toBe(1);
});

it("a file that changes while it is sent is sent once more when it rests, and is no fault", async () => {
  file("a", "one");
  fixture.s3.fault = () => {
    if (fixture.s3.count("PutObject") === 1) file("a", "two!", 0);
    return undefined;
  };
  await run(...Array.from({ length: 8 }, () => nothing));
  expect(stored()).toEqual({ "logs/data/a": "two!" });
  expect(fixture.messages.filter((message) => / changed |failed/.test(message))).toEqual([]);
});

describe("a walk that fails", () => {
  /** Walks that end so, one after the other; behind the last the watch is ended. */
  async function walks(...ends: readonly (Error | undefined)[]) {
    const waits: number[] = [];
    const end = new AbortController();
    jest.spyOn(Math, "random").mockReturnValue(1);
    jest.spyOn(clock, "sleep").mockImplementation(async (milliseconds = 0, value, how) => {
      waits.push(milliseconds);
      return setImmediate(value, how);
    });
    let walk = 0;
    const pass = async () => {
      const error = ends[walk++];
      if (error) throw error;
      if (walk > ends.length) end.abort();
      return { waiting: 0, folders: new Set<string>(), outcome: { failures: 0 } } as never;
    };
    const watching = { folder: data, quietMs: 5_000, intervalMs: 60_000, signal: end.signal };
    const ended = watch({ pass, close: nothing }, { ...watching, say: fixture.output.say });
    return { error: await ended.catch((reason: unknown) => reason), waits };
  }
  const down = new UnavailableError("down", "throttled", { service: "vending API", status: 503, remedy: "Wait" });

  it("is told and repeated, with growing pauses, until one succeeds", async () => {
    const { error, waits } = await walks(down, down, new SettingsError(["no secret"]), undefined, down);
    expect(error).toMatchObject({ code: "interrupted" });
    expect(waits.slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
    expect(waits).toContain(60_000);
    expect(waits.filter((wait) => wait === 2_000)).toHaveLength(2);
    expect(fixture.messages[0]).toBe("down; tried again in 2 s\nwhat to do: Wait");
    expect(fixture.messages).toHaveLength(4);
  });

  it("respects how long a service wants to be left alone", async () => {
    const detail = { service: "vending API", status: 429, retryAfterSeconds: 100 } as const;
    expect((await walks(new UnavailableError("busy", "throttled", detail))).waits[0]).toBe(102_000);
  });

  it.each([
    ["the command line", new UsageError("this server now writes to elsewhere")],
    ["a fault of the program", new TypeError("undefined is no function")],
  ])("for %s ends the watch", async (_, fault) => expect((await walks(fault)).error).toBe(fault));
});

it("a fault of a single file is told once, and holds up no other", async () => {
  file("a", "one");
  file("bad\u0001", "x");
  symlinkSync("a", join(data, "link"));
  await run(nothing, nothing, nothing, () => file("b", "two"), nothing, nothing);
  expect(stored()).toEqual({ "logs/data/a": "one", "logs/data/b": "two" });
  for (const words of [/control character/, /^left out/])
    expect(fixture.messages.filter((message) => words.test(message))).toHaveLength(1);
});
