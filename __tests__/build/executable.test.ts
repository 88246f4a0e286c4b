import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectNode } from "../../build/executable";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-node-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LICENCE = "Node.js is licensed for use as follows:";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";

/** What of a Node.js is looked at: the head of an ELF file, and texts in it. */
function fakeNode(machine: number, ...texts: readonly string[]): string {
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  head.writeUInt16LE(machine, 18);
  const file = join(folder, "bin", "node");
  writeFileSync(file, Buffer.concat([head, Buffer.from(texts.join("\0"))]));
  return file;
}

it.each([
  [62, "x64"],
  [183, "arm64"],
])("knows the architecture by the ELF header: machine %i is %s", (machine, architecture) => {
  writeFileSync(join(folder, "LICENSE"), LICENCE);
  const file = fakeNode(machine, `${process.release.sourceUrl}`, FUSE);
  expect(inspectNode(file)).toMatchObject({ file, architecture, licence: LICENCE });
});

it("knows the oldest C library by the newest symbol", () => {
  writeFileSync(join(folder, "LICENSE"), LICENCE);
  const symbols = ["GLIBC_2.2.5", "GLIBC_2.27", "GLIBC_2.28", "GLIBC_2.9", "GLIBC_PRIVATE", ""];
  expect(inspectNode(fakeNode(62, `${process.release.sourceUrl}`, FUSE, ...symbols)).glibc).toBe("2.28");
});

it("finds the licence where NodeSource's packages have it", () => {
  mkdirSync(join(folder, "share/doc/nodejs"), { recursive: true });
  writeFileSync(join(folder, "share/doc/nodejs/LICENSE"), LICENCE);
  expect(inspectNode(fakeNode(62, `${process.release.sourceUrl}`, FUSE)).licence).toBe(LICENCE);
});

it("says of a Node.js that is none of nodejs.org, or of another version, all that stands in the way, and what to do", () => {
  const file = fakeNode(40, "https://nodejs.org/download/release/v18.20.4/node-v18.20.4.tar.gz");
  let message = "";
  try {
    inspectNode(file);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain(`${file} cannot become a part of the client:\n`);
  for (const fault of [
    "it is no program for Linux on x86-64 or arm64",
    "it has no place for a program",
    `it is not Node.js ${process.version}`,
    `is not at ${join(folder, "LICENSE")} or ${join(folder, "share/doc/nodejs/LICENSE")}`,
    `Unpack https://nodejs.org/dist/${process.version}/`,
  ])
    expect(message).toContain(fault);
});

it("a Node.js that already holds a program is refused: it would go on with that one", () => {
  writeFileSync(join(folder, "LICENSE"), LICENCE);
  const used = fakeNode(62, `${process.release.sourceUrl}`, FUSE.replace(":0", ":1"));
  expect(() => inspectNode(used)).toThrow("it has no place for a program");
});

it("a file that is not there is named", () => {
  expect(() => inspectNode(join(folder, "none"))).toThrow(`${join(folder, "none")}: there is no such file`);
});
