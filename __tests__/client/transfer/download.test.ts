import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { Crc64Nvme } from "@aws-sdk/checksums/crc";
import { InterruptedError } from "../../../client/core/errors";
import { type DownloadOptions, download } from "../../../client/transfer/download";
import { crcOf } from "../support/fake-s3";
import { retryAtOnce } from "../support/stand-ins";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
let stdout: Buffer[];
beforeEach(async () => {
  fixture = await TransferFixture.start();
  mkdirSync(join(fixture.folder, "to"));
  stdout = [];
});
afterEach(() => fixture.stop());

function run(key: string, destination: string | undefined, options: Partial<DownloadOptions> = {}): Promise<void> {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      stdout.push(chunk as Buffer);
      done();
    },
  });
  const all = { key, destination, stdout: sink, ...fixture.common, ...options };
  return download(fixture.settings(), all, fixture.output);
}

function store(key: string, bytes: Buffer, headers: Record<string, string> = {}, parts?: number[]): void {
  fixture.s3.objects.set(key, { bytes, headers, ...(parts ? { parts } : {}) });
}

const to = (name = ""): string => join(fixture.folder, "to", name);
const left = (): string[] => readdirSync(to());

async function crc64(bytes: Buffer): Promise<string> {
  const check = new Crc64Nvme();
  check.update(bytes);
  return Buffer.from(await check.digest()).toString("base64");
}

function composite(bytes: Buffer, parts: readonly number[]): string {
  let at = 0;
  const digests = parts.map((size) => {
    at += size;
    return Buffer.from(crcOf(bytes.subarray(at - size, at)), "base64");
  });
  return `${crcOf(Buffer.concat(digests))}-${parts.length}`;
}

const bytes = randomBytes(50_001);
const parts = [20_000, 5_000, 25_001];
const kinds: readonly [string, () => Promise<Record<string, string>>, number[]?][] = [
  ["no check", async () => ({})],
  ["a CRC32", async () => ({ "x-amz-checksum-crc32": crcOf(bytes) })],
  ["a CRC64NVME", async () => ({ "x-amz-checksum-crc64nvme": await crc64(bytes) })],
  ["a SHA256", async () => ({ "x-amz-checksum-sha256": createHash("sha256").update(bytes).digest("base64") })],
  ["a CRC32 of parts", async () => ({ "x-amz-checksum-crc32": composite(bytes, parts) }), parts],
];

describe.each(kinds)("an object with %s", (_name, headers, sizes) => {
  beforeEach(async () => store("logs/a.bin", bytes, await headers(), sizes));

  it("arrives as it is, in a file and in a pipe", async () => {
    await run("logs/a.bin", to());
    await run("logs/a.bin", "-");
    expect(readFileSync(to("a.bin")).equals(bytes)).toBe(true);
    expect(Buffer.concat(stdout).equals(bytes)).toBe(true);
    expect(left()).toEqual(["a.bin"]);
  });

  it("resumes where connections break", async () => {
    let calls = 0;
    fixture.s3.fault = () => (calls++ % 2 === 0 ? { cutAfter: 1500 } : undefined);
    const random = retryAtOnce();
    await run("logs/a.bin", to());
    await run("logs/a.bin", "-");
    random.mockRestore();
    expect(readFileSync(to("a.bin")).equals(bytes)).toBe(true);
    expect(Buffer.concat(stdout).equals(bytes)).toBe(true);
  });

  it("that arrives damaged is refused, and no file is there", async () => {
    // Without a check nothing can tell it: then that is said in the result.
    if (Object.keys(await headers()).length === 0) {
      await run("logs/a.bin", to());
      expect(fixture.lines.join()).toContain("not compared");
      return;
    }
    fixture.s3.fault = () => ({ flipByte: 7 });
    await expect(run("logs/a.bin", to())).rejects.toMatchObject({ code: "damaged", exitCode: 7 });
    await expect(run("logs/a.bin", "-")).rejects.toMatchObject({ code: "damaged" });
    expect(left()).toEqual([]);
  });
});

it("a large object comes in parallel, a small one in one request", async () => {
  store("logs/large", bytes);
  store("logs/small", bytes.subarray(0, 4096));
  await run("logs/small", to());
  expect(fixture.s3.count("GetObject")).toBe(1);
  await run("logs/large", to());
  expect(fixture.s3.count("GetObject")).toBe(2 + Math.ceil(50_001 / 4096));
});

it("where a store does not serve parts by themselves, the object comes whole, and that it was not compared is reported", async () => {
  store("logs/a.bin", bytes, { "x-amz-checksum-crc32": composite(bytes, parts) });
  fixture.s3.servesParts = false;
  await run("logs/a.bin", to());
  await run("logs/a.bin", "-");
  expect(readFileSync(to("a.bin")).equals(bytes)).toBe(true);
  expect(Buffer.concat(stdout).equals(bytes)).toBe(true);
  expect(fixture.lines.join()).toContain("not compared");
});

it("an empty object is an empty file", async () => {
  store("logs/empty", Buffer.alloc(0), { "x-amz-checksum-crc32": "AAAAAA==" });
  await run("logs/empty", to());
  expect(readFileSync(to("empty"))).toHaveLength(0);
});

describe("nothing half is left in place", () => {
  beforeEach(() => {
    store("logs/a.bin", bytes);
    writeFileSync(to("a.bin"), "old");
  });
  afterEach(() => {
    expect(left()).toEqual(["a.bin"]);
    expect(readFileSync(to("a.bin"), "utf8")).toBe("old");
  });

  it("when it is interrupted", async () => {
    fixture.s3.fault = async ({ range }) => {
      if (range?.startsWith("bytes=8192")) fixture.controller.abort(new InterruptedError());
      return undefined;
    };
    await expect(run("logs/a.bin", to())).rejects.toBeInstanceOf(InterruptedError);
  });

  it("when the object is replaced meanwhile", async () => {
    fixture.s3.fault = async () => {
      store("logs/a.bin", randomBytes(50_001));
      return undefined;
    };
    await expect(run("logs/a.bin", to())).rejects.toMatchObject({ code: "replaced" });
  });

  it("when S3 refuses", async () => {
    fixture.s3.fault = () => ({ status: 403, code: "AccessDenied" });
    await expect(run("logs/a.bin", to())).rejects.toMatchObject({ code: "access_denied", exitCode: 4 });
  });

  it("when there is no such object", async () => {
    fixture.s3.objects.clear();
    await expect(run("logs/a.bin", to())).rejects.toMatchObject({
      code: "no_such_key",
      exitCode: 7,
      message: "S3 has nothing at logs/a.bin",
      remedy: expect.stringContaining("For all below a folder: download --recursive"),
    });
  });
});

describe("where to", () => {
  beforeEach(() => store("logs/a.bin", Buffer.from("new")));

  it("a file is replaced whole; a link to it as well, and what it led to stays", async () => {
    writeFileSync(to("real"), "old");
    symlinkSync("real", to("link"));
    await run("logs/a.bin", to("link"));
    expect(readFileSync(to("link"), "utf8")).toBe("new");
    expect(readFileSync(to("real"), "utf8")).toBe("old");
  });

  it("a folder is told apart from an object, with the command that fetches it", async () => {
    await expect(run("logs/d/", fixture.folder)).rejects.toMatchObject({
      code: "usage",
      message: "the key logs/d/ names a folder",
      remedy: expect.stringContaining("oidc-s3 download --recursive logs/d/"),
    });
  });

  it.each(["logs/", "logs/..", "logs/x/.", "logs/a\0b"])(
    "the key %j does not choose a name in a folder",
    async (key) => {
      await expect(run(key, to())).rejects.toMatchObject({ code: "usage" });
      expect(fixture.s3.calls).toEqual([]);
    },
  );

  it.each([
    ["nowhere/", "there is no folder"],
    ["nowhere/file", "no such file or folder"],
  ])("%s is reported", async (destination, message) => {
    await expect(run("logs/a.bin", to(destination))).rejects.toThrow(message);
  });
});

it("a key outside of the prefix is reported before anything is sent at all", async () => {
  await expect(run("other/a", to())).rejects.toMatchObject({ code: "usage" });
  expect(fixture.services.tokenRequests).toEqual([]);
});

it("a level that may only write is reported before anything is sent to S3", async () => {
  const writer = await TransferFixture.start(["write"]);
  try {
    const options = { key: "logs/a", destination: to(), stdout: new PassThrough(), ...writer.common };
    await expect(download(writer.settings(), options, writer.output)).rejects.toMatchObject({
      code: "scope_not_allowed",
      remedy: expect.stringContaining('"read-write"'),
    });
    expect(writer.s3.calls).toEqual([]);
  } finally {
    await writer.stop();
  }
});

it("the result is reported, on the standard output only where that is free", async () => {
  store("logs/a", Buffer.from("x"), { "x-amz-checksum-crc32": crcOf(Buffer.from("x")) });
  await run("logs/a", "-", { json: true });
  expect(fixture.lines).toEqual([]);
  await run("logs/a", to(), { json: true });
  expect(JSON.parse(fixture.lines[0] ?? "")).toMatchObject({ key: "logs/a", size: 1, checked: "CRC32" });
});
