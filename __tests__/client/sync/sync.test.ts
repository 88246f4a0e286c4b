import { setMaxListeners } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { LocalError } from "../../../client/core/errors";
import { SyncState } from "../../../client/sync/state";
import { type SyncOptions, sync } from "../../../client/sync/sync";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
let data: string;
/** Long ago: times that say something. */
const OLD = new Date("2026-01-02T03:04:05Z");

beforeEach(async () => {
  // It may write, and neither list nor read.
  fixture = await TransferFixture.start(["write"]);
  // Each of the requests that are under way listens to it.
  setMaxListeners(0, fixture.controller.signal);
  data = join(fixture.folder, "data");
  mkdirSync(data);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await fixture.stop();
});

function file(name: string, content: string | Buffer, time: Date = OLD): string {
  const path = join(data, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, time, time);
  return path;
}

function run(options: Partial<SyncOptions> = {}): Promise<void> {
  fixture.lines.length = fixture.messages.length = 0;
  const env = { XDG_STATE_HOME: join(fixture.folder, "state") };
  const all = { folder: data, followSymlinks: false, dryRun: false, all: false, env, ...fixture.common, ...options };
  return sync(fixture.settings(), all, fixture.output);
}

const stateFolder = () => join(fixture.folder, "state/oidc-s3/sync");
const stateFile = () =>
  join(stateFolder(), readdirSync(stateFolder()).find((name) => name.endsWith(".jsonl")) ?? "none");
const stored = () => Object.fromEntries([...fixture.s3.objects].map(([key, { bytes }]) => [key, bytes.toString()]));
const puts = () => fixture.s3.count("PutObject");
const summary = () => fixture.messages.at(-1);

describe("what is uploaded", () => {
  it("all at first, then nothing, and nothing is asked of S3 but to store", async () => {
    file("a.txt", "one");
    file("deep/b.txt", "two");
    await run();
    expect(stored()).toEqual({ "logs/data/a.txt": "one", "logs/data/deep/b.txt": "two" });
    expect(fixture.lines.sort()).toEqual([
      expect.stringMatching(/^uploaded .*a\.txt to s3:\/\/uploads\/logs\/data\/a\.txt \(new, 3 B\)$/),
      expect.stringMatching(/b\.txt \(new, 3 B\)$/),
    ]);
    expect(summary()).toBe("2 uploaded (6 B), 0 unchanged");
    await run();
    expect(summary()).toBe("0 uploaded (0 B), 2 unchanged");
    expect([fixture.s3.calls.length, puts()]).toEqual([2, 2]);
  });

  it("what is new, longer, or of another content and time; what was only touched is not", async () => {
    for (const name of ["same", "longer", "other", "touched"]) file(name, name);
    await run();
    file("new", "new");
    appendFileSync(join(data, "longer"), "!");
    file("other", "OTHER", new Date());
    utimesSync(join(data, "touched"), new Date(), new Date("2026-02-02"));
    await run();
    expect(puts()).toBe(4 + 3);
    expect(stored()).toMatchObject({
      "logs/data/new": "new",
      "logs/data/longer": "longer!",
      "logs/data/other": "OTHER",
    });
    expect(summary()).toBe("3 uploaded (15 B), 2 unchanged");
    // The new time is remembered: the content is not read again.
    chmodSync(join(data, "touched"), 0o000);
    await run();
    expect(summary()).toBe("0 uploaded (0 B), 5 unchanged");
  });

  it("what was changed within the tick of its time in which it was uploaded", async () => {
    const now = new Date();
    file("a", "one", now);
    await run();
    file("a", "two", now);
    await run();
    expect(stored()).toEqual({ "logs/data/a": "two" });
  });

  it("what is gone stays in the bucket, and is forgotten here", async () => {
    file("a", "a");
    file("b", "b");
    await run();
    rmSync(join(data, "a"));
    await run();
    expect(Object.keys(stored()).sort()).toEqual(["logs/data/a", "logs/data/b"]);
    expect(readFileSync(stateFile(), "utf8")).not.toContain("logs/data/a");
    file("a", "a");
    await run();
    expect(puts()).toBe(3);
  });

  it("everything with --all", async () => {
    file("a", "a");
    await run();
    await run({ all: true });
    expect(puts()).toBe(2);
  });

  it("large files too, in parts", async () => {
    file("large", Buffer.alloc(20_000, "x"));
    await run();
    await run();
    expect([fixture.s3.count("CreateMultipartUpload"), stored()["logs/data/large"]?.length]).toEqual([1, 20_000]);
  });

  it("under --key, which has a state of its own", async () => {
    file("a", "a");
    await run();
    await run({ key: "logs/elsewhere" });
    expect(Object.keys(stored())).toEqual(["logs/data/a", "logs/elsewhere/a"]);
  });

  it("nothing with --dry-run, which leaves no trace and says what would be", async () => {
    file("a", "a");
    await run({ dryRun: true });
    expect(fixture.lines).toEqual([
      expect.stringMatching(/^would upload .*\/a to s3:\/\/uploads\/logs\/data\/a \(new, 1 B\)$/),
    ]);
    expect(summary()).toBe("1 would be uploaded (1 B), 0 unchanged");
    expect(fixture.s3.calls).toEqual([]);
    await run();
    utimesSync(join(data, "a"), new Date(), new Date("2026-03-03"));
    const before = readFileSync(stateFile(), "utf8");
    await run({ dryRun: true });
    expect([readFileSync(stateFile(), "utf8"), summary()]).toEqual([before, "0 would be uploaded (0 B), 1 unchanged"]);
  });

  it("JSON has a line for each file and one for the sum", async () => {
    file("a", "a");
    symlinkSync("a", join(data, "link"));
    await run({ json: true });
    expect(fixture.lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        bucket: "uploads",
        key: "logs/data/a",
        size: 1,
        change: "new",
        crc32: expect.any(String),
      }),
      { summary: { uploaded: 1, bytes: 1, unchanged: 0, skipped: 1, waiting: 0, failed: 0, dry_run: false } },
    ]);
  });
});

describe("symbolic links", () => {
  beforeEach(() => {
    file("a", "a");
    writeFileSync(join(fixture.folder, "secret"), "secret");
    symlinkSync(join(fixture.folder, "secret"), join(data, "link"));
  });

  it("are left out, and told", async () => {
    await run();
    expect(Object.keys(stored())).toEqual(["logs/data/a"]);
    expect(fixture.messages).toContainEqual(expect.stringMatching(/^left out: .*link: it is a symbolic link/));
  });

  it("are followed if that is wanted", async () => {
    await run({ followSymlinks: true });
    expect(stored()).toMatchObject({ "logs/data/link": "secret" });
  });
});

it("what is this program's own is left out: credentials, and the state that changes as it is written", async () => {
  file("a", "a");
  await run({ folder: fixture.folder, key: "logs/home" });
  expect(Object.keys(stored())).toEqual(["logs/home/data/a"]);
  expect(fixture.messages).toContainEqual(
    expect.stringMatching(/^left out: .*cache\/oidc-s3\/.*: it is this program's own$/),
  );
  await run({ folder: fixture.folder, key: "logs/home" });
  expect(puts()).toBe(1);
});

describe("a file that changes while it is uploaded", () => {
  const during = (change: (sends: number) => void) => {
    let sends = 0;
    fixture.s3.fault = () => {
      change(++sends);
      return undefined;
    };
  };

  it("is uploaded once more, so that what is stored is one version", async () => {
    const path = file("a", "one");
    during((sends) => sends === 1 && appendFileSync(path, ", two"));
    await run();
    expect([puts(), stored()]).toEqual([2, { "logs/data/a": "one, two" }]);
  });

  it("so is one that was put in its place, with the same size and time", async () => {
    file("a", "one");
    during((sends) => {
      if (sends > 1) return;
      file("b.tmp", "two");
      renameSync(join(data, "b.tmp"), join(data, "a"));
    });
    await run();
    expect(stored()).toMatchObject({ "logs/data/a": "two" });
  });

  it("again and again: is a fault, not remembered, and the others go on", async () => {
    const path = file("a", "one");
    file("b", "b");
    fixture.s3.fault = ({ key }) => {
      if (key.endsWith("/a")) appendFileSync(path, "!");
      return undefined;
    };
    await expect(run()).rejects.toMatchObject({ code: "file_changed", exitCode: 6 });
    expect(fixture.messages).toContainEqual(
      expect.stringMatching(/a changed each of the 3 times that it was uploaded/),
    );
    fixture.s3.fault = undefined;
    utimesSync(path, OLD, OLD);
    await run();
    expect(stored()).toEqual({ "logs/data/a": "one!!!", "logs/data/b": "b" });
  });

  it("one that becomes shorter in the middle is uploaded as it is then", async () => {
    const path = file("large", Buffer.alloc(20_000, "x"));
    let cut = false;
    fixture.s3.fault = ({ operation }) => {
      if (!cut && operation === "CreateMultipartUpload") {
        cut = true;
        truncateSync(path, 3);
      }
      return undefined;
    };
    await run();
    expect(stored()).toEqual({ "logs/data/large": "xxx" });
    expect(fixture.s3.uploads.size).toBe(0);
  });

  it("one that is deleted before its turn comes is nothing to tell", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `f${index}`);
    for (const name of names) file(name, name);
    during((sends) => {
      if (sends === 1) for (const name of names) rmSync(join(data, name), { force: true });
    });
    await run();
    expect(fixture.messages).toHaveLength(1);
  });
});

describe("faults", () => {
  it("of single files stop no other, and what failed is tried again", async () => {
    file("a", "a");
    file("b", "b");
    fixture.s3.fault = ({ key }) => (key.endsWith("/a") ? { status: 403, code: "AccessDenied" } : undefined);
    await expect(run()).rejects.toMatchObject({ code: "access_denied", exitCode: 4 });
    expect(stored()).toEqual({ "logs/data/b": "b" });
    expect(fixture.messages).toContainEqual("1 uploaded (1 B), 0 unchanged, 1 failed");
    fixture.s3.fault = undefined;
    await run();
    expect(summary()).toBe("1 uploaded (1 B), 1 unchanged");
  });

  it("nothing of what could not be walked is forgotten", async () => {
    file("a", "a");
    file("b\u0001", "bad name");
    await expect(run()).rejects.toMatchObject({ code: "bad_name" });
    rmSync(join(data, "a"));
    await expect(run()).rejects.toMatchObject({ code: "bad_name" });
    expect(readFileSync(stateFile(), "utf8")).toContain("logs/data/a");
  });

  it.each([
    ["a file", () => file("a", "a"), /is no folder/, 2],
    ["nothing", () => join(data, "none"), /there is no such file or folder/, 6],
  ])("%s in the folder's place", async (_, path, message, exitCode) => {
    await expect(run({ folder: path() })).rejects.toMatchObject({ message: expect.stringMatching(message), exitCode });
    expect(fixture.services.tokenRequests).toEqual([]);
  });

  it("a key outside of the prefix", async () => {
    await expect(run({ key: "other" })).rejects.toMatchObject({ code: "usage" });
    expect(existsSync(stateFolder())).toBe(false);
  });
});

describe("the state", () => {
  it("is private, and goes into a folder of this user's alone", async () => {
    file("a", "a");
    await run();
    expect(statSync(stateFolder()).mode & 0o777).toBe(0o700);
    expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
    expect(readdirSync(stateFolder())).toHaveLength(1);
    chmodSync(stateFolder(), 0o777);
    await expect(run()).rejects.toMatchObject({ code: "state_unusable", exitCode: 6 });
  });

  it("needs a home, or a folder that is named", async () => {
    file("a", "a");
    await expect(run({ env: {} })).rejects.toMatchObject({
      code: "state_unusable",
      remedy: expect.stringMatching(/--state-dir/),
    });
    await run({ env: {}, stateDirectory: join(fixture.folder, "named") });
    expect(readdirSync(join(fixture.folder, "named"))).toHaveLength(1);
    await run({ env: { STATE_DIRECTORY: join(fixture.folder, "systemd") } });
    expect(existsSync(join(fixture.folder, "systemd/oidc-s3/sync"))).toBe(true);
  });

  it("is one process's at a time", async () => {
    file("a", "a");
    fixture.s3.fault = async () => {
      const messages = fixture.messages.length;
      await expect(run()).rejects.toMatchObject({ code: "sync_running", exitCode: 6 });
      fixture.messages.length = messages;
      return undefined;
    };
    await run();
    expect(puts()).toBe(1);
  });

  // Each byte at which a write could have been cut off, by the end of the process or of the machine.
  it("cut off anywhere counts as far as it is whole, and is whole again at once", () => {
    const identity = { folder: data, endpoint: "https://s3", bucket: "uploads", key: "logs/data/" };
    const open = () => SyncState.open(stateFolder(), identity);
    const state = open();
    const keys = ["logs/data/a", "logs/data/ü\n", "logs/data/a"];
    for (const [size, key] of keys.entries()) state.record(key, { size, mtime: "1", crc32: "AAAAAA==" });
    state.close();
    const whole = readFileSync(stateFile());
    const head = whole.indexOf("\n");
    const lengths = [0, 1, head - 1, ...Array.from({ length: whole.length - head + 1 }, (_, index) => head + index)];
    for (const length of lengths) {
      const path = stateFile();
      const kept = whole.subarray(0, length);
      writeFileSync(path, kept);
      const cut = open();
      const lines = kept.toString().split("\n").length - 2;
      const sizes = [lines >= 3 ? 2 : lines >= 1 ? 0 : undefined, lines >= 2 ? 1 : undefined];
      expect([length, ...keys.slice(0, 2).map((key) => cut.get(key)?.size)]).toEqual([length, ...sizes]);
      cut.record("logs/data/next", { size: 9, mtime: "", crc32: "" });
      cut.close();
      const next = open();
      expect([length, next.get("logs/data/next")?.size]).toEqual([length, 9]);
      next.close();
    }
  });

  it.each([
    ["zeros, as a file system may leave them", (text: string) => `${text}${"\0".repeat(100)}\n`],
    ["another version", (text: string) => text.replace('"version":1', '"version":2')],
    ["another folder's", (text: string) => text.replace("data", "atad")],
    ["garbage", () => "{]\n[]\n"],
  ])("with %s in it harms nothing", async (_, damage) => {
    file("a", "a");
    await run();
    writeFileSync(stateFile(), damage(readFileSync(stateFile(), "utf8")));
    await run();
    await run();
    expect(summary()).toBe("0 uploaded (0 B), 1 unchanged");
    expect(readFileSync(stateFile(), "utf8").split("\n")).toHaveLength(3);
  });

  it("that others could have written is not believed", async () => {
    file("a", "a");
    await run();
    chmodSync(stateFile(), 0o666);
    await run();
    expect(puts()).toBe(2);
    expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
  });

  it("that cannot be written ends the run at once: nothing would be remembered", async () => {
    for (let index = 0; index < 100; index++) file(`f${index}`, "x");
    jest.spyOn(SyncState.prototype, "record").mockImplementation(() => {
      throw new LocalError("the disk is full", "state_unwritable");
    });
    await expect(run()).rejects.toMatchObject({ code: "state_unwritable", exitCode: 6 });
    expect(puts()).toBeLessThan(100);
  });

  it("has one line for each key, however often it was uploaded", async () => {
    for (let round = 0; round < 5; round++) {
      file("a", "a".repeat(round + 1));
      await run();
    }
    expect(readFileSync(stateFile(), "utf8").trimEnd().split("\n")).toHaveLength(2);
  });
});

it("an interruption keeps what was uploaded", async () => {
  for (let index = 0; index < 50; index++) file(`f${index}`, `${index}`);
  fixture.s3.fault = async () => {
    if (fixture.s3.objects.size === 10) fixture.controller.abort();
    return undefined;
  };
  await expect(run()).rejects.toThrow();
  const before = fixture.s3.objects.size;
  expect(before).toBeLessThan(50);
  fixture.s3.fault = undefined;
  const sent = puts();
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  await run({ signal });
  expect(fixture.s3.objects.size).toBe(50);
  // Only what was under way may be sent twice.
  expect(puts() - sent).toBeLessThanOrEqual(50 - before + 32);
});
