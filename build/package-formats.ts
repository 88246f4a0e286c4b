import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { SUMMARY } from "../client/cli/program";
import { license, version } from "../client/package.json";
import type { Architecture } from "./executable";
import { DESCRIPTION } from "./man-page";
import {
  type Contents,
  layOutTree,
  openToAll,
  PACKAGE_FILES,
  PROJECT,
  packed,
  put,
  REVISION,
  write,
} from "./package-tree";

const AUTHORS = "The OIDC S3 Uploader authors";

/** Makes a package of the contents in the output folder, using the work folder; returns its file name. */
export type Format = (outputFolder: string, work: string, contents: Contents) => Promise<string>;

/** The executable with its licences, for systems that take neither .deb nor .rpm. */
export const makeArchive: Format = async (outputFolder, work, { executable, node, licences, ...contents }) => {
  const name = `oidc-s3-${version}-linux-${node.architecture}`;
  const folder = join(work, name);
  put(join(folder, "oidc-s3"), executable);
  put(join(folder, "LICENSE"), join(PROJECT, "LICENSE"));
  write(join(folder, "THIRD-PARTY-LICENSES.txt"), licences);
  openToAll(folder);
  const file = resolve(outputFolder, `${name}.tar.gz`);
  const compression = `gzip -n${contents.compressionLevel}`;
  const metadata = ["--sort=name", `--mtime=@${contents.time}`, "--owner=root:0", "--group=root:0"];
  run("tar", ["--create", "--file", file, "--use-compress-program", compression, ...metadata, "-C", work, name]);
  return `${name}.tar.gz`;
};

const DEBIAN_ARCHITECTURES: Readonly<Record<Architecture, string>> = { x64: "amd64", arm64: "arm64" };

/** A package for Debian, Ubuntu and what comes of them (https://www.debian.org/doc/debian-policy/). */
export const makeDeb: Format = async (outputFolder, work, contents) => {
  const root = join(work, "deb");
  const documentation = join(root, "usr/share/doc/oidc-s3");
  const { DEBFULLNAME = AUTHORS, DEBEMAIL = "oidc-s3@localhost" } = process.env;
  const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`;
  await layOutTree(root, contents, { zsh: "vendor-completions" });
  const own = readFileSync(join(PROJECT, "LICENSE"), "utf8");
  write(join(documentation, "copyright"), `${own}\nWhat is in /usr/bin/oidc-s3 besides:\n\n${contents.licences}`);
  const day = new Date(contents.time * 1000).toUTCString().replace("GMT", "+0000");
  const entry = `oidc-s3 (${version}-${REVISION}) stable; urgency=medium\n\n  * See changelog.gz.\n\n -- ${maintainer}  ${day}\n`;
  write(join(documentation, "changelog.Debian.gz"), packed(entry));
  const files = filesBelow(root);
  const control = [
    "Package: oidc-s3",
    `Version: ${version}-${REVISION}`,
    `Architecture: ${DEBIAN_ARCHITECTURES[contents.node.architecture]}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${files.reduce((sum, file) => sum + Math.ceil(statSync(file).size / 1024), 0)}`,
    `Depends: libc6 (>= ${contents.node.glibc}), libgcc-s1, libstdc++6 (>= 8)`,
    "Section: admin",
    "Priority: optional",
    `Description: ${SUMMARY}`,
    ...DESCRIPTION.split("\n").map((line) => ` ${line}`),
  ];
  const digest = (file: string) => createHash("md5").update(readFileSync(file)).digest("hex");
  const sums = files.map((file) => `${digest(file)}  ${relative(root, file)}\n`);
  write(join(root, "DEBIAN/control"), `${control.join("\n")}\n`);
  write(join(root, "DEBIAN/md5sums"), sums.join(""));
  for (const script of readdirSync(join(PACKAGE_FILES, "deb")))
    put(join(root, "DEBIAN", script), join(PACKAGE_FILES, "deb", script));
  openToAll(root);
  const name = `oidc-s3_${version}-${REVISION}_${DEBIAN_ARCHITECTURES[contents.node.architecture]}.deb`;
  const compression = ["-Zgzip", `-z${contents.compressionLevel}`];
  run("dpkg-deb", ["--root-owner-group", ...compression, "--build", root, join(outputFolder, name)], contents.time);
  return name;
};

const RPM_ARCHITECTURES: Readonly<Record<Architecture, string>> = { x64: "x86_64", arm64: "aarch64" };

/** A package for Fedora, RHEL, SUSE and what comes of them. */
export const makeRpm: Format = async (outputFolder, work, contents) => {
  const tree = join(work, "rpm");
  const licences = join(tree, "usr/share/licenses/oidc-s3");
  await layOutTree(tree, contents, { zsh: "site-functions" });
  put(join(licences, "LICENSE"), join(PROJECT, "LICENSE"));
  write(join(licences, "THIRD-PARTY-LICENSES.txt"), contents.licences);
  openToAll(tree);
  const values: Readonly<Record<string, string | number>> = {
    COMPRESSION: contents.compressionLevel,
    VERSION: version,
    REVISION,
    SUMMARY,
    LICENSE: `${license} AND LicenseRef-THIRD-PARTY-LICENSES.txt`,
    VENDOR: AUTHORS,
    DESCRIPTION,
    TREE: tree,
  };
  const spec = readFileSync(join(PACKAGE_FILES, "rpm/oidc-s3.spec"), "utf8");
  write(
    join(work, "oidc-s3.spec"),
    spec.replace(/@([A-Z]+)@/g, (mark, name) => `${values[name] ?? mark}`),
  );
  const folders = { _topdir: join(work, "rpmbuild"), _rpmdir: resolve(outputFolder) };
  const defines = Object.entries(folders).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  const architecture = RPM_ARCHITECTURES[contents.node.architecture];
  run("rpmbuild", ["-bb", "--target", architecture, ...defines, join(work, "oidc-s3.spec")], contents.time);
  return `oidc-s3-${version}-${REVISION}.${architecture}.rpm`;
};

/** Where the programs are that not every system brings. */
const DEBIAN_PACKAGES: ReadonlyMap<string, string> = new Map([
  ["dpkg-deb", "dpkg"],
  ["rpmbuild", "rpm"],
]);

/** @throws {Error} with what the program said, or where to get it from. */
function run(program: string, args: readonly string[], time?: number): void {
  const env = { ...process.env, LC_ALL: "C.UTF-8", ...(time === undefined ? {} : { SOURCE_DATE_EPOCH: String(time) }) };
  try {
    execFileSync(program, args, { stdio: "pipe", env });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const source = DEBIAN_PACKAGES.get(program) ?? program;
    throw new Error(`${program} is not installed: apt-get install ${source}`);
  }
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
}
