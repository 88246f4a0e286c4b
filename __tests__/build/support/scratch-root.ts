import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** What the package of the client depends on, and what the programs here need: nothing else can be loaded. */
const LIBRARIES = /^(?:ld-linux|lib(?:c|m|dl|pthread|selinux|pcre2-8|gcc_s|stdc\+\+)\.so)/;

/**
 * The root of a system that has a shell, `rm`, `rmdir`, the C and C++ libraries and a running systemd, whose `systemctl`
 * only writes down what it is told. Whoever uses it has to be root, or to be let by `sudo`.
 */
export class ScratchRoot {
  readonly path = mkdtempSync(join(tmpdir(), "oidc-s3-root-"));

  constructor() {
    chmodSync(this.path, 0o755);
    for (const folder of [
      "usr/bin",
      "usr/lib",
      "usr/lib64",
      "etc/systemd/system",
      "run/systemd/system",
      "var/cache",
      "dev",
    ])
      mkdirSync(join(this.path, folder), { recursive: true });
    for (const [link, target] of [
      ["bin", "usr/bin"],
      ["lib", "usr/lib"],
      ["lib64", "usr/lib64"],
    ])
      execFileSync("ln", ["-s", `${target}`, join(this.path, `${link}`)]);
    // To throw output away, a file does as well.
    writeFileSync(join(this.path, "dev/null"), "", { mode: 0o666 });
    for (const program of ["sh", "rm", "rmdir"]) this.#bring(`/bin/${program}`);
    this.#bringLibraries(process.execPath);
    for (const name of ["systemctl", "deb-systemd-invoke"])
      writeFileSync(join(this.path, "usr/bin", name), `#!/bin/sh\necho ${name} "$@" >> /calls\n`, { mode: 0o755 });
  }

  /** Whether this user may do what a package manager does; without a word if so. */
  static isAllowed(): boolean {
    return process.getuid?.() === 0 || spawnSync("sudo", ["-n", "true"]).status === 0;
  }

  #bring(program: string): void {
    copyFileSync(program, join(this.path, "usr/bin", basename(program)));
    this.#bringLibraries(program);
  }

  #bringLibraries(program: string): void {
    for (const [library] of execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/\/\S+/g)) {
      const place = join(this.path, library);
      if (!LIBRARIES.test(basename(library)) || existsSync(place)) continue;
      mkdirSync(dirname(place), { recursive: true });
      copyFileSync(library, place);
    }
  }

  /** Runs a program of this machine as root. @returns what it printed. @throws {Error} where it fails. */
  static asRoot(program: string, ...args: readonly string[]): string {
    const command = process.getuid?.() === 0 ? [program, ...args] : ["sudo", "-n", program, ...args];
    return execFileSync(command[0] ?? "", command.slice(1), { encoding: "utf8", stdio: "pipe" });
  }

  /** Runs a program of the system in it. */
  run(program: string, ...args: readonly string[]): string {
    return ScratchRoot.asRoot("chroot", this.path, program, ...args);
  }

  /** Debian's record of what is installed, with these packages and versions in it and nothing else. */
  pretendDebian(...packages: readonly (readonly [name: string, version: string])[]): void {
    const entry = ([name, version]: readonly [string, string]) =>
      `Package: ${name}\nStatus: install ok installed\nMaintainer: nobody\nArchitecture: ${architecture}\nVersion: ${version}\nDescription: a library\n`;
    const architecture = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
    const folder = join(this.path, "var/lib/dpkg");
    for (const name of ["info", "updates", "triggers"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, "status"), packages.map(entry).join("\n"));
  }

  /** What systemd was told since the last question. */
  calls(): string[] {
    const file = join(this.path, "calls");
    const calls = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
    ScratchRoot.asRoot("rm", "-f", file);
    return calls;
  }

  /** What an administrator makes: settings, and a unit that is enabled for a user; and the cache of that unit. */
  useIt(): void {
    const wants = "etc/systemd/system/multi-user.target.wants";
    const script = `cd ${this.path}; umask 077; echo COGNITO_CLIENT_ID=abc > etc/oidc-s3/config.env
      mkdir -p var/cache/oidc-s3/vector; umask 022; mkdir ${wants}
      ln -s /usr/lib/systemd/system/oidc-s3-credentials@.service ${wants}/oidc-s3-credentials@vector.service`;
    ScratchRoot.asRoot("sh", "-ec", script);
  }

  settings(): { readonly text: string; readonly mode: string } {
    return {
      text: ScratchRoot.asRoot("cat", join(this.path, "etc/oidc-s3/config.env")),
      mode: this.modeOf("etc/oidc-s3/config.env"),
    };
  }

  /** As `0:0 755`: whose it is, and who may do what. */
  modeOf(place: string): string {
    const { uid, gid, mode } = lstatSync(join(this.path, place));
    return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
  }

  /** Which of the package's and the administrator's files are there. */
  traces(): string[] {
    const places = {
      program: "usr/bin/oidc-s3",
      folder: "etc/oidc-s3",
      settings: "etc/oidc-s3/config.env",
      cache: "var/cache/oidc-s3",
      // A link, to where it leads in here.
      enabled: "etc/systemd/system/multi-user.target.wants/oidc-s3-credentials@vector.service",
    };
    return Object.entries(places).flatMap(([name, place]) =>
      lstatSync(join(this.path, place), { throwIfNoEntry: false }) ? [name] : [],
    );
  }

  remove(): void {
    ScratchRoot.asRoot("rm", "-rf", this.path);
  }
}
