import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { buildClient } from "./client";

/** A Node.js that a program can be put into. */
export interface NodeProgram {
  readonly file: string;
  readonly architecture: Architecture;
  /** The oldest version of the GNU C library that it runs with. */
  readonly glibc: string;
  /** The text of its licences, and of those of what is in it: they must accompany every copy. */
  readonly licence: string;
}

export type Architecture = "x64" | "arm64";

/** The machines of ELF headers, by Node.js's names. */
const MACHINES: ReadonlyMap<number, Architecture> = new Map([
  [62, "x64"],
  [183, "arm64"],
]);

/** Node.js looks for a program in itself where this ends with a 1. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** Where Node.js's licence is, from the folder of its binary: in its archives, and in NodeSource's packages. */
const LICENCES = ["../LICENSE", "../share/doc/nodejs/LICENSE"];

/**
 * Looks whether a program can be put into this Node.js, and be passed on.
 * @throws {Error} where it can't, with all reasons.
 */
export function inspectNode(file = process.execPath): NodeProgram {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file; --node names a binary of Node.js`);
  const bytes = readFileSync(file);
  const isElf = bytes.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
  const architecture = isElf ? MACHINES.get(bytes.readUInt16LE(18)) : undefined;
  const licenceFile = LICENCES.map((path) => join(dirname(file), path)).find(existsSync);
  const licence = licenceFile === undefined ? "" : readFileSync(licenceFile, "utf8");
  const faults: string[] = [];
  if (architecture === undefined) faults.push("it is no program for Linux on x86-64 or arm64");
  // Distributions build Node.js as a small program and a library.
  if (!bytes.includes(`${FUSE}:0`)) faults.push("it has no place for a program, as builds of nodejs.org have");
  // The blob that holds the program is made by the Node.js that runs here, and has another form in each version.
  if (!bytes.includes(`${process.release.sourceUrl}`))
    faults.push(`it is not Node.js ${process.version}, which runs here`);
  if (!licence.startsWith("Node.js is licensed for use")) {
    const where = licenceFile ?? LICENCES.map((path) => resolve(dirname(file), path)).join(" or ");
    faults.push(`its licence, which must accompany it, is not at ${where}`);
  }
  if (architecture === undefined || faults.length > 0) {
    throw new Error(
      `${file} cannot become a part of the client:\n${faults.map((fault) => `  - ${fault}`).join("\n")}\n` +
        `Unpack https://nodejs.org/dist/${process.version}/node-${process.version}-linux-x64.tar.gz (or -arm64) and name its bin/node by --node`,
    );
  }
  return { file, architecture, glibc: newestGlibc(bytes), licence };
}

/** The newest of the versions of glibc's symbols that a program names. */
function newestGlibc(bytes: Buffer): string {
  const minors = [...bytes.toString("latin1").matchAll(/\0GLIBC_2\.(\d+)(?=\0)/g)].map(([, minor]) => Number(minor));
  return `2.${Math.max(0, ...minors)}`;
}

/**
 * Makes the client and Node.js one executable, by Node.js's
 * [single-executable applications](https://nodejs.org/api/single-executable-applications.html). Without a snapshot and
 * without compiled code, which would tie it to the machine that it is made on.
 */
export async function buildExecutable(outfile: string, node: NodeProgram): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-executable-"));
  try {
    // The name of `main` gets into the blob as it stands here.
    const configuration = {
      main: basename(await buildClient(folder)),
      output: "blob",
      disableExperimentalSEAWarning: true,
    };
    writeFileSync(join(folder, "sea.json"), JSON.stringify(configuration));
    execFileSync(process.execPath, ["--experimental-sea-config", "sea.json"], { cwd: folder, stdio: "pipe" });
    copyFileSync(node.file, outfile);
    chmodSync(outfile, 0o755);
    // Its own process, since it warns of section names that Node.js's linker has left out.
    const injection = [outfile, "NODE_SEA_BLOB", join(folder, "blob"), "--sentinel-fuse", FUSE];
    execFileSync(process.execPath, [require.resolve("postject/dist/cli.js"), ...injection], { stdio: "pipe" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
