import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { COMMANDS } from "../client/cli/main";
import { createProgram } from "../client/cli/program";
import { bashCompletion, commandWords, fishCompletion, zshCompletion } from "../client/setup/completion";
import type { NodeProgram } from "./executable";
import { manPage } from "./man-page";

export const PROJECT = join(__dirname, "..");
/** Units, maintainer scripts, the RPM spec file: what is no program of ours. */
export const PACKAGE_FILES = join(__dirname, "package");
/** The build of a package of one version: goes up where only the packaging changes, and back to 1 with a version. */
export const REVISION = 1;

/** What goes into every package. */
export interface Contents {
  readonly executable: string;
  readonly node: NodeProgram;
  /** Of all that is in the executable. */
  readonly licences: string;
  /** What every file bears as its time, in seconds. */
  readonly time: number;
  /** Of gzip. */
  readonly compressionLevel: number;
}

/** Puts the files that both packages have to where they are once installed, below a folder. */
export async function layOutTree(root: string, contents: Contents, { zsh }: { zsh: string }): Promise<void> {
  const { executable, time } = contents;
  const program = await createProgram(undefined, COMMANDS);
  const words = commandWords(program);
  const share = join(root, "usr/share");
  put(join(root, "usr/bin/oidc-s3"), executable);
  cpSync(join(PACKAGE_FILES, "systemd"), join(root, "usr/lib/systemd/system"), { recursive: true });
  mkdirSync(join(root, "etc/oidc-s3"), { recursive: true });
  write(join(share, "man/man1/oidc-s3.1.gz"), packed(await manPage(time)));
  write(join(share, "bash-completion/completions/oidc-s3"), bashCompletion(words));
  write(join(share, "zsh", zsh, "_oidc-s3"), zshCompletion(words));
  write(join(share, "fish/vendor_completions.d/oidc-s3.fish"), fishCompletion(words));
  write(join(share, "doc/oidc-s3/changelog.gz"), packed(readFileSync(join(PROJECT, "CHANGELOG.md"), "utf8")));
  put(join(share, "doc/oidc-s3/examples/config.env"), join(PACKAGE_FILES, "config.env"));
}

export function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export function put(path: string, source: string): void {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(source, path);
}

/** As `gzip -9n`: without a name and a time. */
export function packed(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

/** Gives everything below the folder the permissions that it has once installed, whatever this process's umask is. */
export function openToAll(root: string): void {
  execFileSync("chmod", ["-R", "u=rwX,go=rX", root]);
}
