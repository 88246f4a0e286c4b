import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { licenceNotices, packClient } from "./client";
import { buildExecutable, inspectNode } from "./executable";
import { type Format, makeArchive, makeDeb, makeRpm } from "./package-formats";
import { PROJECT } from "./package-tree";

/** What holds the executable, by the names that the command line of `npm run pack` has for it. */
const FORMATS = { exe: makeArchive, deb: makeDeb, rpm: makeRpm } as const satisfies Record<string, Format>;

/** What `npm run pack` can make; tgz is `npm run pack:client`'s. */
export const PACKAGE_KINDS = ["tgz", "exe", "deb", "rpm"] as const;
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
    const names = kinds.includes("tgz") ? [basename(await packClient(outputFolder))] : [];
    const formats = kinds.flatMap((kind) => (kind === "tgz" ? [] : [FORMATS[kind]]));
    if (formats.length > 0) {
      const node = inspectNode(nodeFile);
      const executable = join(work, "oidc-s3");
      await buildExecutable(executable, node);
      const licences = `${await licenceNotices()}\n${node.licence}`;
      const contents = { executable, node, licences, time: packageTime(), compressionLevel };
      for (const make of formats) names.push(await make(outputFolder, work, contents));
    }
    writeChecksums(outputFolder, names);
    return names;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The time that all files of a package bear, in seconds, so that the same sources give the same bytes: SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org/specs/source-date-epoch/), else the day of the last release in CHANGELOG.md.
 */
function packageTime(): number {
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
