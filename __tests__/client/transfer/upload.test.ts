import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { InterruptedError } from "../../../client/core/errors";
import { type UploadOptions, upload } from "../../../client/transfer/upload";
import { retryAtOnce } from "../support/stand-ins";
import { SMALL, TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
beforeEach(async () => {
  fixture = await TransferFixture.start();
});
afterEach(() => fixture.stop());

function file(name: string, bytes: Buffer | string): string {
  const path = join(fixture.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

function run(files: readonly string[], options: Partial<UploadOptions> = {}): Promise<void> {
  const stdin = Readable.from([]);
  const all = { files, recursive: false, followSymlinks: false, stdin, ...fixture.common, ...options };
  return upload(fixture.settings(), all, fixture.output);
}

describe("keys", () => {
  it("a plain upload goes to prefix + file name, --key is the whole key", async () => {
    await run([file("deep/a.txt", "one")]);
    await run([file("b.txt", "two")], { key: "logs/other/c.txt" });
    expect([...fixture.s3.objects].map(([key, { bytes }]) => [key, bytes.toString()])).toEqual([
      ["logs/a.txt", "one"],
      ["logs/other/c.txt", "two"],
    ]);
  });

  it.each([
    ["outside of the prefix", "other/a.txt", "outside of this server's prefix logs/"],
    ["a sibling with the same start", "logs", "outside of this server's prefix"],
    [".. as a folder", "logs/../other/a", "has . or .. as a folder"],
    ["a folder", "logs/x/", "names a folder"],
    ["a control character", "logs/a\u001b[2J", "\\x1b"],
    ["too long", `logs/${"ä".repeat(600)}`, "S3 allows 1024"],
    ["empty", "", "empty"],
  ])("%s is refused before anything is sent at all", async (_name, key, message) => {
    await expect(run([file("a.txt", "x")], { key })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(message),
    });
    expect(fixture.services.tokenRequests).toEqual([]);
    expect(fixture.s3.calls).toEqual([]);
  });

  it("two files that would become one key are refused", async () => {
    const files = [file("x/a.txt", "1"), file("y/a.txt", "2")];
    await expect(run(files)).rejects.toThrow("would both become logs/a.txt");
    expect(fixture.s3.calls).toEqual([]);
  });

  it("the vending API's prefix counts where the settings have another, and that is reported", async () => {
    const path = file("a.txt", "x");
    const settings = fixture.settings({ S3_PATH_PREFIX: "old/" });
    const options = {
      files: [path],
      recursive: false,
      followSymlinks: false,
      stdin: Readable.from([]),
      ...fixture.common,
    };
    await upload(settings, options, fixture.output);
    expect([...fixture.s3.objects.keys()]).toEqual(["logs/a.txt"]);
    expect(fixture.messages.join()).toContain(
      "S3_PATH_PREFIX (in the environment) is old/, but the vending API says logs/: using that",
    );
  });
});

it("a level without the scope is reported before anything is sent to S3", async () => {
  const reader = await TransferFixture.start(["read"]);
  try {
    const options = { files: [file("a.txt", "x")], recursive: false, followSymlinks: false, stdin: Readable.from([]) };
    await expect(upload(reader.settings(), { ...options, ...reader.common }, reader.output)).rejects.toMatchObject({
      code: "scope_not_allowed",
      exitCode: 4,
      message: "this server may not upload: it may only download",
      remedy: expect.stringContaining('"read-write"'),
    });
    expect(reader.s3.calls).toEqual([]);
  } finally {
    await reader.stop();
  }
});

describe("content", () => {
  it.each([0, 1, 4095, 4096, 4097, 8192, 50_000])(
    "%i bytes of a file and of a pipe arrive as they are",
    async (size) => {
      const bytes = randomBytes(size);
      await run([file("a.bin", bytes)]);
      await run(["-"], { key: "logs/piped", stdin: Readable.from(size === 0 ? [] : slices(bytes, 1000)) });
      expect(fixture.s3.objects.get("logs/a.bin")?.bytes.equals(bytes)).toBe(true);
      expect(fixture.s3.objects.get("logs/piped")?.bytes.equals(bytes)).toBe(true);
      expect(fixture.s3.uploads.size).toBe(0);
      const multipart = size > SMALL.part ? Math.ceil(size / SMALL.part) * 2 : 0;
      expect(fixture.s3.count("UploadPart")).toBe(size === SMALL.part ? 1 : multipart);
    },
  );

  it("parts too large for memory are streamed, checked and sent again", async () => {
    const sizes = { ...SMALL, part: 1, largestBuffered: 1 };
    const bytes = randomBytes(3 * 1024 * 1024);
    let failed = false;
    fixture.s3.fault = ({ operation }) => {
      if (operation !== "UploadPart" || failed) return undefined;
      failed = true;
      return { status: 503, code: "SlowDown" };
    };
    const random = retryAtOnce();
    // More than 10,000 parts of one byte: parts of 1 MiB.
    await run([file("big.bin", bytes)], { sizes });
    random.mockRestore();
    expect(fixture.s3.objects.get("logs/big.bin")?.bytes.equals(bytes)).toBe(true);
    expect(fixture.s3.count("UploadPart")).toBe(4);
  });

  it("a part that S3 fails to take is sent again", async () => {
    const bytes = randomBytes(20_000);
    let failed = false;
    fixture.s3.fault = ({ operation }) => {
      if (operation !== "UploadPart" || failed) return undefined;
      failed = true;
      return { status: 500, code: "InternalError" };
    };
    await run([file("a.bin", bytes)]);
    expect(fixture.s3.objects.get("logs/a.bin")?.bytes.equals(bytes)).toBe(true);
  });

  it("--json gives key, size and check of each file", async () => {
    await run([file("a.txt", "hello world")], { json: true });
    expect(JSON.parse(fixture.lines[0] ?? "")).toMatchObject({ key: "logs/a.txt", size: 11, crc32: "DUoRhQ==" });
  });
});

describe("no part is left behind", () => {
  it("when S3 refuses a part", async () => {
    fixture.s3.fault = ({ operation, query }) =>
      operation === "UploadPart" && query.get("partNumber") === "3" ? { status: 403, code: "AccessDenied" } : undefined;
    await expect(run([file("a.bin", randomBytes(50_000))])).rejects.toMatchObject({
      code: "access_denied",
      exitCode: 4,
    });
    expect(fixture.s3.uploads.size).toBe(0);
    expect(fixture.s3.objects.size).toBe(0);
    expect(fixture.s3.count("AbortMultipartUpload")).toBe(1);
  });

  it.each(["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"])(
    "when %s is interrupted",
    async (operation) => {
      fixture.s3.fault = async (call) => {
        if (call.operation === operation) fixture.controller.abort(new InterruptedError());
        return undefined;
      };
      await expect(run([file("a.bin", randomBytes(50_000))])).rejects.toBeInstanceOf(InterruptedError);
      expect(fixture.s3.uploads.size).toBe(0);
      const last = fixture.s3.calls.findLastIndex(({ operation: name }) => name === "UploadPart");
      const removed = fixture.s3.calls.findIndex(({ operation: name }) => name === "AbortMultipartUpload");
      // Completing may have won; where it has not, nothing is sent after the parts were removed.
      if (operation !== "CompleteMultipartUpload") expect(removed).toBeGreaterThan(last);
    },
  );

  it("when the pipe breaks", async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield randomBytes(10_000);
      throw Object.assign(new Error("EIO"), { code: "EIO", syscall: "read" });
    }
    await expect(run(["-"], { key: "logs/x", stdin: Readable.from(broken()) })).rejects.toMatchObject({ exitCode: 6 });
    expect(fixture.s3.uploads.size).toBe(0);
    expect(fixture.s3.objects.size).toBe(0);
  });

  it("when a quiet pipe's part is refused: nobody waits for the rest of it", async () => {
    fixture.s3.fault = ({ operation }) =>
      operation === "UploadPart" ? { status: 403, code: "AccessDenied" } : undefined;
    const quiet = new Readable({ read: () => {} });
    quiet.push(randomBytes(5000));
    await expect(run(["-"], { key: "logs/x", stdin: quiet })).rejects.toMatchObject({ code: "access_denied" });
    expect(fixture.s3.uploads.size).toBe(0);
  });

  it("and where they cannot be removed, their id is reported", async () => {
    fixture.s3.fault = ({ operation }) =>
      /UploadPart|Abort/.test(operation) ? { status: 403, code: "AccessDenied" } : undefined;
    await run([file("a.bin", randomBytes(50_000))]).catch(() => {});
    expect(fixture.messages.join()).toContain([...fixture.s3.uploads.keys()][0]);
  });
});

describe("folders", () => {
  it("everything below goes below prefix + folder name; links are left out and reported", async () => {
    file("app/one.log", "1");
    file("app/deep/er/two.log", "2");
    file("app/empty", "");
    mkdirSync(join(fixture.folder, "app/nothing-in-it"));
    symlinkSync("/etc/hostname", join(fixture.folder, "app/link"));
    await run([join(fixture.folder, "app")], { recursive: true });
    expect([...fixture.s3.objects.keys()].sort()).toEqual([
      "logs/app/deep/er/two.log",
      "logs/app/empty",
      "logs/app/one.log",
    ]);
    expect(fixture.messages.filter((message) => message.startsWith("left out"))).toHaveLength(1);
  });

  it("--follow-symlinks follows them, but not in circles", async () => {
    file("app/one.log", "1");
    file("else/two.log", "2");
    symlinkSync("../else", join(fixture.folder, "app/link"));
    symlinkSync("..", join(fixture.folder, "app/self"));
    await run([join(fixture.folder, "app")], { recursive: true, followSymlinks: true, key: "logs/x" });
    expect([...fixture.s3.objects.keys()]).toEqual(expect.arrayContaining(["logs/x/one.log", "logs/x/link/two.log"]));
    expect(fixture.messages.join()).toContain("leads back");
  });

  it("is refused without --recursive", async () => {
    await expect(run([fixture.folder])).rejects.toMatchObject({
      message: `${fixture.folder} is a folder`,
      remedy: "Give --recursive, which uploads a folder with all that is below it",
    });
  });

  it("faults of single files are reported, the others go on, and the exit code says so", async () => {
    file("app/good", "1");
    writeFileSync(Buffer.concat([Buffer.from(join(fixture.folder, "app/bad-")), Buffer.from([0xff])]), "x");
    const missing = join(fixture.folder, "missing");
    const closed = file("closed", "x");
    chmodSync(closed, 0);
    const asRoot = process.getuid?.() === 0;
    await expect(run([missing, closed, join(fixture.folder, "app")], { recursive: true })).rejects.toMatchObject({
      exitCode: 6,
      message: asRoot ? "2 of 4 were not uploaded" : "3 of 4 were not uploaded",
    });
    expect([...fixture.s3.objects.keys()]).toContain("logs/app/good");
    expect(fixture.messages.join("\n")).toMatch(
      /no such file[\s\S]*not valid UTF-8|not valid UTF-8[\s\S]*no such file/,
    );
  });
});

it("credentials that run out in the middle are renewed, and the upload goes on", async () => {
  fixture.services.lifeSeconds = 60;
  const bytes = randomBytes(100_000);
  await run([file("a.bin", bytes)]);
  const keys = new Set(
    fixture.s3.calls.map(({ headers }) => /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1]),
  );
  expect(keys.size).toBeGreaterThan(1);
  expect(fixture.s3.objects.get("logs/a.bin")?.bytes.equals(bytes)).toBe(true);
});

it("a token endpoint that refuses ends all of it at once", async () => {
  fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
  await expect(run([file("a", "1"), file("b", "2")])).rejects.toMatchObject({ code: "invalid_client" });
  expect(fixture.messages).toEqual([]);
});

function slices(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
