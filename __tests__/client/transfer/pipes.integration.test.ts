import { execFileSync } from "node:child_process";
import { createReadStream, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { download } from "../../../client/transfer/download";
import { upload } from "../../../client/transfer/upload";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
beforeEach(async () => {
  fixture = await TransferFixture.start();
});
afterEach(() => fixture.stop());

it("a pipe that is downloaded to gets the bytes and stays a pipe", async () => {
  fixture.s3.objects.set("logs/a.bin", { bytes: Buffer.from("new"), headers: {} });
  mkdirSync(join(fixture.folder, "to"));
  const pipe = join(fixture.folder, "to/pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = new Promise<string>((resolve) => {
    const chunks: Buffer[] = [];
    createReadStream(pipe)
      .pipe(new PassThrough())
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", () => resolve(Buffer.concat(chunks).toString()));
  });
  const options = { key: "logs/a.bin", destination: pipe, stdout: new PassThrough(), ...fixture.common };
  await download(fixture.settings(), options, fixture.output);
  expect(await reader).toBe("new");
  expect(readdirSync(join(fixture.folder, "to"))).toEqual(["pipe"]);
});

it("pipes and links in a folder that is uploaded are left out and reported", async () => {
  const folder = join(fixture.folder, "app");
  mkdirSync(folder);
  writeFileSync(join(folder, "one.log"), "1");
  symlinkSync("/etc/hostname", join(folder, "link"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const options = { files: [folder], recursive: true, followSymlinks: false, stdin: Readable.from([]) };
  await upload(fixture.settings(), { ...options, ...fixture.common }, fixture.output);
  expect([...fixture.s3.objects.keys()]).toEqual(["logs/app/one.log"]);
  expect(fixture.messages.filter((message) => message.startsWith("left out"))).toHaveLength(2);
});
