import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuiltClient, until } from "../support/built-client";
import { TransferFixture } from "../support/transfer-fixture";

jest.setTimeout(120_000);

const client = new BuiltClient();
let fixture: TransferFixture;
let data: string;

beforeAll(() => client.build());
afterAll(() => client.remove());
beforeEach(async () => {
  fixture = await TransferFixture.start(["write"]);
  data = fixture.makeFolder("data");
});
afterEach(() => fixture.stop());

const environment = () => ({ ...fixture.environment, XDG_STATE_HOME: join(fixture.folder, "state") });
const run = (...args: string[]) => client.run(["sync", ...args], environment());
const puts = () => fixture.s3.count("PutObject");
const stored = (name: string) => fixture.s3.objects.get(`logs/data/${name}`)?.bytes.toString();
const stateFolder = () => join(fixture.folder, "state/oidc-s3/sync");

function file(name: string, content: string): void {
  writeFileSync(join(data, name), content);
  utimesSync(join(data, name), 1, 1);
}

it("kill -9 at any moment: at worst something is uploaded again, and the next run goes on", async () => {
  const FILES = 300;
  for (let index = 0; index < FILES; index++) file(`f${index}`, `${index}`);
  fixture.s3.fault = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 20));
  let killed = 0;
  for (let round = 0; round < 4; round++) {
    const before = puts();
    const { child, ended } = client.start(["sync", data], environment());
    // In the middle of the uploads, each time at another one.
    await until(() => puts() >= before + 15 + round * 7 || child.exitCode !== null, "uploads", 60_000);
    child.kill("SIGKILL");
    if ((await ended).signal === "SIGKILL") killed++;
    for (const name of readdirSync(stateFolder()).filter((entry) => entry.endsWith(".jsonl")))
      expect(statSync(join(stateFolder(), name)).mode & 0o777).toBe(0o600);
  }
  expect(killed).toBeGreaterThanOrEqual(3);
  fixture.s3.fault = undefined;
  const before = puts();
  expect(await run(data)).toMatchObject({ code: 0, stderr: expect.stringMatching(/ unchanged\n$/) });
  // It went on: what the killed ones had uploaded was not all sent again.
  expect(puts() - before).toBeLessThan(FILES);
  expect(fixture.s3.objects.size).toBe(FILES);
  // At worst what was under way: 32 requests at each kill.
  expect(puts()).toBeLessThanOrEqual(FILES + killed * 32);
  expect(await run(data)).toMatchObject({ code: 0, stderr: `oidc-s3: 0 uploaded (0 B), ${FILES} unchanged\n` });
  expect(readdirSync(stateFolder())).toHaveLength(1);
});

it("two at once: the second says so", async () => {
  file("a", "a");
  let release = () => {};
  const held = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  fixture.s3.fault = () => held;
  const { ended } = client.start(["sync", data], environment());
  await until(() => puts() === 1, "the first upload", 60_000);
  expect(await run(data)).toMatchObject({
    code: 6,
    stderr: expect.stringMatching(/another sync of .*data is running/),
  });
  release();
  expect(await ended).toMatchObject({ code: 0 });
});

it("--watch uploads what changes, and ends by SIGTERM with 0", async () => {
  file("a", "one");
  const { child, ended, stderr } = client.start(
    ["sync", "--watch", "--settle", "1", "--interval", "3600", data],
    environment(),
  );
  await until(() => stored("a") === "one", "the first walk", 60_000);
  // An hour between walks: these are noticed.
  file("b", "two");
  await until(() => stored("b") === "two", "a new file", 60_000);
  writeFileSync(join(data, "a"), "ONE!");
  await until(() => stored("a") === "ONE!", "a changed file", 60_000);
  mkdirSync(join(data, "deep"));
  file("deep/c", "three");
  await until(() => stored("deep/c") === "three", "a file in a new folder", 60_000);
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, signal: null });
  expect(stderr()).not.toMatch(/fault|Error/);
  expect(puts()).toBe(4);
  expect(readdirSync(stateFolder()).filter((name) => name.endsWith(".lock"))).toEqual([]);
  const [state = ""] = readdirSync(stateFolder());
  expect(readFileSync(join(stateFolder(), state), "utf8")).toContain("logs/data/deep/c");
});

it.each([
  [["--watch", "--dry-run"], 2, /neither with --dry-run nor with --all/],
  [["--watch", "--settle", "0"], 2, /--settle: "0" is not a number of seconds/],
  [["--key", "elsewhere"], 2, /outside of this server's prefix/],
])("%j: exit code %i", async (args, code, message) => {
  expect(await run(...args, data)).toMatchObject({ code, stderr: expect.stringMatching(message) });
});
