import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { version } from "../client/package.json";
import { licenceNotices, packClient } from "./client";
import { buildExecutable, inspectNode, type NodeProgram } from "./executable";

const PROJECT = join(__dirname, "..");

/** What `npm run pack` can make, by the names that its command line has for them. */
export const PACKAGE_KINDS = ["tgz", "exe"] as const;
export type PackageKind = (typeof PACKAGE_KINDS)[number];

export const CHECKSUMS_FILE = "SHA256SUMS";

export interface PackageOptions {
  /** The Node.js that becomes a part of them; the one that runs this by default. */
  readonly nodeFile?: string | undefined;
  /** Of gzip, which every system can unpack; xz makes them a third smaller in fifteen times the time. */
  readonly compressionLevel?: number;
}

/**
 * Makes packages of the client, and the file of their checksums.
 * @returns the packages' file names.
 */
export async function makePackages(
  outputFolder: string,
  kinds: readonly PackageKind[],
  { nodeFile, compressionLevel = 6 }: PackageOptions = {},
): Promise<string[]> {
  mkdirSync(outputFolder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "oidc-s3-packages-"));
  try {
    const names: string[] = [];
    if (kinds.includes("tgz")) names.push(basename(await packClient(outputFolder)));
    if (kinds.some((kind) => kind !== "tgz")) {
      const node = inspectNode(nodeFile);
      const executable = join(work, "oidc-s3");
      await buildExecutable(executable, node);
      const contents = { executable, node, licences: `${await licenceNotices()}\n${node.licence}`, compressionLevel };
      if (kinds.includes("exe")) names.push(archive(outputFolder, work, contents));
    }
    writeChecksums(outputFolder, names);
    return names;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Contents {
  readonly executable: string;
  readonly node: NodeProgram;
  /** Of all that is in the executable. */
  readonly licences: string;
  readonly compressionLevel: number;
}

/** The executable with its licences, for systems that take neither .deb nor .rpm. */
function archive(
  outputFolder: string,
  work: string,
  { executable, node, licences, compressionLevel }: Contents,
): string {
  const name = `oidc-s3-${version}-linux-${node.architecture}`;
  const folder = join(work, name);
  mkdirSync(folder);
  copyFileSync(executable, join(folder, "oidc-s3"));
  copyFileSync(join(PROJECT, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licences);
  execFileSync(
    "tar",
    [
      [
        "--create",
        "--file",
        join(outputFolder, `${name}.tar.gz`),
        "--use-compress-program",
        `gzip -n${compressionLevel}`,
      ],
      ["--sort=name", `--mtime=@${packageTime()}`, "--owner=root:0", "--group=root:0", "--mode=u=rwX,go=rX"],
      ["--directory", work, name],
    ].flat(),
    { stdio: "pipe" },
  );
  return `${name}.tar.gz`;
}

/**
 * The time that all files of a package bear, in seconds, so that the same sources give the same bytes: SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org/specs/source-date-epoch/), else the day of the last release in CHANGELOG.md.
 */
export function packageTime(): number {
  const { SOURCE_DATE_EPOCH: epoch } = process.env;
  if (epoch !== undefined && /^\d{1,11}$/.test(epoch)) return Number(epoch);
  if (epoch) throw new Error(`SOURCE_DATE_EPOCH=${epoch} is not a number of seconds`);
  const [, day] = /^## \S+ – (\d{4}-\d\d-\d\d)$/m.exec(readFileSync(join(PROJECT, "CHANGELOG.md"), "utf8")) ?? [];
  if (day === undefined) throw new Error("CHANGELOG.md has no heading with the date of a release");
  return Date.parse(day) / 1000;
}

/** Writes the checksums of these packages, and of those in the file that are still there, as `sha256sum` does. */
function writeChecksums(folder: string, names: readonly string[]): void {
  const file = join(folder, CHECKSUMS_FILE);
  const before = existsSync(file) ? [...readFileSync(file, "utf8").matchAll(/^[0-9a-f]{64} {2}(.+)$/gm)] : [];
  const all = new Set([...names, ...before.map(([, name = ""]) => name)]);
  const lines = [...all]
    .filter((name) => existsSync(join(folder, name)))
    .sort()
    .map(
      (name) =>
        `${createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex")}  ${name}\n`,
    );
  writeFileSync(file, lines.join(""));
}
