import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { DownloadOptions } from "../../../client/transfer/download";
import { downloadFolder } from "../../../client/transfer/download-folder";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
afterEach(() => fixture.stop());

async function start(keys: readonly string[], scopes?: Parameters<typeof TransferFixture.start>[0]): Promise<void> {
  fixture = await TransferFixture.start(scopes);
  for (const key of keys) fixture.s3.objects.set(key, { bytes: Buffer.from(`of ${key}`), headers: {} });
}

const to = (name = ""): string => join(fixture.folder, "to", name);

function run(key: string, options: Partial<DownloadOptions> = {}): Promise<void> {
  const all = { key, destination: to(), stdout: new PassThrough(), ...fixture.common, ...options };
  return downloadFolder(fixture.settings(), all, fixture.output);
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

it("fetches all objects below the key with their folders, page by page, and nothing else", async () => {
  await start([
    "logs/sync/a",
    "logs/sync/d/b c+d",
    "logs/sync/d/e/ünï 🎉",
    "logs/sync/d/",
    "logs/sync-old/x",
    "logs/y",
  ]);
  await run("logs/sync");
  expect(filesBelow(to())).toEqual(["a", "d/b c+d", "d/e/ünï 🎉"]);
  expect(readFileSync(to("d/b c+d"), "utf8")).toBe("of logs/sync/d/b c+d");
  expect(fixture.lines).toHaveLength(3);
});

it("the server's whole prefix is a folder too", async () => {
  await start(["logs/a", "logs/b/c", "other/d"]);
  await run("logs/", { json: true });
  expect(filesBelow(to())).toEqual(["a", "b/c"]);
  expect(fixture.lines.map((line) => JSON.parse(line).file).sort()).toEqual([to("a"), to("b/c")]);
});

it("no key leads out of the folder; the other objects come", async () => {
  await start(["logs/../../escaped", "logs/a/../../b", "logs//c", "logs/./d", "logs/good"]);
  await expect(run("logs/")).rejects.toMatchObject({ message: "4 of 5 were not downloaded", exitCode: 6 });
  expect(filesBelow(fixture.folder).filter((name) => !name.startsWith("cache/"))).toEqual(["to/good"]);
  expect(fixture.messages.join("\n")).toContain("the key logs/../../escaped cannot be a file below a folder");
});

it("a file in a folder's place is a fault of that object alone, and stays as it is", async () => {
  await start(["logs/a/b", "logs/c"]);
  mkdirSync(to());
  writeFileSync(to("a"), "mine");
  await expect(run("logs/")).rejects.toMatchObject({ exitCode: 6 });
  expect(filesBelow(to())).toEqual(["a", "c"]);
  expect(readFileSync(to("a"), "utf8")).toBe("mine");
});

it("a link in a file's place is replaced, and what it leads to stays", async () => {
  await start(["logs/a"]);
  mkdirSync(to());
  writeFileSync(join(fixture.folder, "mine"), "mine");
  symlinkSync("../mine", to("a"));
  await run("logs/");
  expect(readFileSync(join(fixture.folder, "mine"), "utf8")).toBe("mine");
  expect(readFileSync(to("a"), "utf8")).toBe("of logs/a");
});

it("nothing there, no folder to go to, or outside of the prefix: told", async () => {
  await start(["logs/a"]);
  await expect(run("logs/none")).rejects.toMatchObject({ code: "no_such_key", exitCode: 7 });
  await expect(run("logs/", { destination: "-" })).rejects.toMatchObject({ code: "usage" });
  await expect(run("other/")).rejects.toMatchObject({ code: "usage" });
  expect(existsSync(to())).toBe(false);
});

it("a level that may not list is told before anything is sent to S3", async () => {
  await start(["logs/a"], ["write", "read"]);
  await expect(run("logs/")).rejects.toMatchObject({ code: "scope_not_allowed" });
  expect(fixture.s3.calls).toEqual([]);
});
