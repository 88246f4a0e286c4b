import { deleteObjects, list } from "../../../client/transfer/list-delete";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
afterEach(() => fixture.stop());

const KEYS = ["logs/a", "logs/b c+d", "logs/\u0001control", "logs/ünï/🎉"];

async function start(scopes?: Parameters<typeof TransferFixture.start>[0]): Promise<void> {
  fixture = await TransferFixture.start(scopes);
  for (const key of KEYS) fixture.s3.objects.set(key, { bytes: Buffer.from(key), headers: {} });
  fixture.s3.objects.set("other/a", { bytes: Buffer.from(""), headers: {} });
}

describe("list", () => {
  it("lists all pages, every key as it is, and nothing outside of the prefix", async () => {
    await start();
    await list(fixture.settings(), { ...fixture.common, json: true }, fixture.output);
    expect(fixture.lines.map((line) => JSON.parse(line).key)).toEqual([...KEYS].sort());
  });

  it("lines for people cannot drive their terminal", async () => {
    await start();
    await list(fixture.settings(), { ...fixture.common, prefix: "logs/\u0001" }, fixture.output);
    expect(fixture.lines).toEqual(["2026-01-02T03:04:05Z               13  logs/\\x01control"]);
  });

  it("a prefix outside of this server's is reported before anything is sent at all", async () => {
    await start();
    await expect(list(fixture.settings(), { ...fixture.common, prefix: "log" }, fixture.output)).rejects.toMatchObject({
      code: "usage",
    });
    expect(fixture.services.tokenRequests).toEqual([]);
  });

  it("a level that may not list is reported before anything is sent to S3", async () => {
    await start(["write", "read"]);
    await expect(list(fixture.settings(), fixture.common, fixture.output)).rejects.toMatchObject({
      code: "scope_not_allowed",
      message: "this server may not list: it may only upload, download",
    });
    expect(fixture.s3.calls).toEqual([]);
  });
});

describe("delete", () => {
  it("deletes the keys, each once", async () => {
    await start();
    await deleteObjects(
      fixture.settings(),
      { ...fixture.common, keys: ["logs/a", "logs/b c+d", "logs/a"] },
      fixture.output,
    );
    expect([...fixture.s3.objects.keys()]).toEqual(["logs/\u0001control", "logs/ünï/🎉", "other/a"]);
    expect(fixture.s3.count("DeleteObject")).toBe(2);
  });

  it("does not claim that there was anything: S3 does not tell", async () => {
    await start();
    await deleteObjects(fixture.settings(), { ...fixture.common, keys: ["logs/never-there"] }, fixture.output);
    expect(fixture.lines).toEqual(["deleted s3://uploads/logs/never-there, if it was there"]);
  });

  it("wildcards and folders are refused, all at once and before anything is sent at all", async () => {
    await start();
    const keys = ["logs/a", "logs/*", "logs/old-?", "logs/sync/"];
    const work = deleteObjects(fixture.settings(), { ...fixture.common, keys }, fixture.output);
    await expect(work).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(
        /^logs\/\* has a wildcard.*\nlogs\/old-\? has a wildcard.*\nlogs\/sync\/ names a folder, and S3 knows none.*$/,
      ),
      remedy: expect.stringMatching(/--literal/),
    });
    expect(fixture.services.tokenRequests).toEqual([]);
    expect(fixture.s3.objects.has("logs/a")).toBe(true);
  });

  it("but not where they are meant as they are", async () => {
    await start();
    for (const key of ["logs/*", "logs/sync/"]) fixture.s3.objects.set(key, { bytes: Buffer.alloc(0), headers: {} });
    const keys = ["logs/*", "logs/sync/"];
    await deleteObjects(fixture.settings(), { ...fixture.common, keys, literal: true }, fixture.output);
    expect([...fixture.s3.objects.keys()].sort()).toEqual([...KEYS, "other/a"].sort());
  });

  it("one key outside of the prefix keeps all of them from being deleted", async () => {
    await start();
    const keys = ["logs/a", "other/a"];
    await expect(deleteObjects(fixture.settings(), { ...fixture.common, keys }, fixture.output)).rejects.toMatchObject({
      code: "usage",
    });
    expect(fixture.s3.calls).toEqual([]);
  });

  it("a level that may not delete is reported before anything is sent to S3", async () => {
    await start(["write", "read"]);
    await expect(
      deleteObjects(fixture.settings(), { ...fixture.common, keys: ["logs/a"] }, fixture.output),
    ).rejects.toMatchObject({ code: "scope_not_allowed" });
    expect(fixture.s3.calls).toEqual([]);
  });

  it("a fault of one key is reported, the others go on", async () => {
    await start();
    fixture.s3.fault = ({ key }) => (key === "logs/a" ? { status: 403, code: "AccessDenied" } : undefined);
    await expect(
      deleteObjects(fixture.settings(), { ...fixture.common, json: true, keys: KEYS }, fixture.output),
    ).rejects.toMatchObject({ message: "1 of 4 were not deleted", exitCode: 4 });
    expect(fixture.lines.map((line) => JSON.parse(line)).find(({ key }) => key === "logs/a")).toMatchObject({
      error: "access_denied",
    });
  });
});
