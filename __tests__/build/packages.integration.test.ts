import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { inspectNode } from "../../build/executable";
import { makePackages, type PackageKind } from "../../build/packages";
import { version } from "../../client/package.json";
import { BuiltClient } from "../client/support/built-client";
import { FakeServices } from "../client/support/fake-services";
import { isInstalled, sayNotTested } from "../support/prerequisites";
import { ScratchRoot } from "./support/scratch-root";

jest.setTimeout(180_000);

/** Compressed in haste: the test is about what is in them. */
const HASTE = { compressionLevel: 1 };

let folder: string;
let dist: string;
let names: string[] = [];
/** The file of a package; undefined where it could not be made, which was said. */
const made = (end: string): string | undefined =>
  names.filter((name) => name.endsWith(end)).map((name) => join(dist, name))[0];
const kinds = (): PackageKind[] => [
  "exe",
  ...(isInstalled("dpkg-deb", "--version", "dpkg") ? (["deb"] as const) : []),
  ...(isInstalled("rpmbuild", "--version", "rpm") ? (["rpm"] as const) : []),
];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-packages-"));
  dist = join(folder, "dist");
  try {
    inspectNode();
  } catch (error) {
    sayNotTested(`No package was tested: ${(error as Error).message}`);
    return;
  }
  names = await makePackages(dist, kinds(), HASTE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("their checksums are those that sha256sum finds, and what else is there keeps its own", async () => {
  if (!made(".tar.gz")) return;
  execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: dist, stdio: "pipe" });
  await makePackages(dist, ["tgz"]);
  const lines = readFileSync(join(dist, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => line.slice(66))).toEqual([...names, `oidc-s3-${version}.tgz`].sort());
  execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: dist, stdio: "pipe" });
});

describe("the executable", () => {
  const client = new BuiltClient();
  let services: FakeServices;
  let program: string;
  beforeAll(async () => {
    services = await new FakeServices().start();
    const archive = made(".tar.gz");
    if (archive === undefined) return;
    execFileSync("tar", ["--extract", "--gzip", "--file", archive, "--directory", folder]);
    program = join(folder, basename(archive, ".tar.gz"), "oidc-s3");
  });
  afterAll(async () => {
    await services.stop();
    await client.remove();
  });

  /** With no Node.js on the path. */
  const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    client.startProgram(command, args, { PATH: "/nonexistent", HOME: folder, ...env }).ended;

  it("runs without Node.js, and says what the file oidc-s3.cjs says", async () => {
    if (!made(".tar.gz")) return;
    expect(await run(program, ["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
    const other = await client.build();
    expect(await run(program, ["upload", "--help"])).toEqual(await other.run(["upload", "--help"], {}));
  });

  it("the profile that it writes starts it by itself, and gets credentials", async () => {
    if (!made(".tar.gz")) return;
    const written = await run(program, ["profile"], services.environment);
    expect(written).toMatchObject({ code: 0 });
    const line = /^credential_process = (.+)$/m.exec(readFileSync(join(folder, ".aws/config"), "utf8"))?.[1];
    expect(line).toBe(`${program} get-credentials`);
    const answer = await run("/bin/sh", ["-c", line ?? ""], services.environment);
    expect(JSON.parse(answer.stdout)).toMatchObject({ AccessKeyId: "ASIAFAKE0001" });
    // The second one comes from the cache, which is the other of the two programs in it.
    expect(await run(program, ["get-credentials"], services.environment)).toEqual(answer);
    expect(services.vendingRequests).toHaveLength(1);
  });

  it("the licences of Node.js and of all packages are beside it", () => {
    if (!made(".tar.gz")) return;
    const notices = readFileSync(join(program, "../THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["Node.js is licensed for use", "OpenSSL", "commander 1", "https-proxy-agent"])
      expect(notices).toContain(name);
  });
});

it("the same sources give the same bytes", async () => {
  if (!made(".tar.gz")) return;
  const again = join(folder, "again");
  mkdirSync(again);
  await makePackages(again, kinds(), HASTE);
  for (const name of names) {
    const { status } = spawnSync("cmp", [join(dist, name), join(again, name)]);
    expect({ name, status }).toEqual({ name, status: 0 });
  }
});

describe("installed", () => {
  let root: ScratchRoot;
  afterEach(() => root?.remove());

  /** The package, and a root for it, where this user may install it. */
  function installable(end: string): string | undefined {
    if (!ScratchRoot.isAllowed()) sayNotTested("No package was installed: that takes root, or sudo without a password");
    else if (made(end)) {
      root = new ScratchRoot();
      return made(end);
    }
    return undefined;
  }

  function expectWorkingClient(): void {
    expect(root.run("/usr/bin/oidc-s3", "--version")).toBe(`${version}\n`);
    expect(root.traces()).toEqual(["program", "folder"]);
    expect(root.modeOf("usr/bin/oidc-s3")).toBe("0:0 755");
    expect(root.modeOf("usr/lib/systemd/system/oidc-s3-credentials@.service")).toBe("0:0 644");
    expect(root.modeOf("etc/oidc-s3")).toBe("0:0 755");
  }

  it("the .deb keeps the settings until it is purged, restarts what runs, and starts nothing", () => {
    const deb = installable(".deb");
    if (deb === undefined) return;
    const dpkg = (...args: string[]) => ScratchRoot.asRoot("dpkg", `--root=${root.path}`, ...args);
    root.pretendDebian(["libc6", "2.28"], ["libgcc-s1", "12"], ["libstdc++6", "8"]);
    dpkg("--install", deb);
    expectWorkingClient();
    expect(root.calls()).toEqual(["systemctl --system daemon-reload"]);
    expect(dpkg("--verify", "oidc-s3")).toBe("");

    root.useIt();
    const before = root.settings();
    dpkg("--install", deb);
    expect(root.settings()).toEqual(before);
    expect(root.calls()).toEqual([
      "systemctl --system daemon-reload",
      "systemctl --system daemon-reload",
      "deb-systemd-invoke try-restart oidc-s3-credentials@*.service oidc-s3-serve@*.service oidc-s3-sync@*.service",
    ]);

    dpkg("--remove", "oidc-s3");
    expect(root.calls()).toEqual([
      "deb-systemd-invoke stop oidc-s3-credentials@*.service oidc-s3-serve@*.service oidc-s3-sync@*.service oidc-s3-upload@*",
      "systemctl --system daemon-reload",
    ]);
    expect(root.traces()).toEqual(["folder", "settings", "cache", "enabled"]);
    dpkg("--purge", "oidc-s3");
    expect(root.traces()).toEqual([]);
  });

  it("the .rpm leaves the settings where they are, restarts what runs, and starts nothing", () => {
    const rpm = installable(".rpm");
    if (rpm === undefined) return;
    const run = (...args: string[]) =>
      ScratchRoot.asRoot("rpm", "--root", root.path, "--dbpath", "/var/lib/rpm", ...args);
    const needs = run("--query", "--package", "--requires", rpm).trimEnd().split("\n");
    const others = needs.filter(
      (name) => !/^(?:ld-linux|lib(?:c|m|dl|pthread|gcc_s|stdc\+\+)\.so|rpmlib|rtld|\/bin\/sh$)/.test(name),
    );
    expect(others).toEqual([]);
    run("--install", "--nodeps", rpm);
    expectWorkingClient();
    expect(root.calls()).toEqual(["systemctl daemon-reload"]);
    expect(run("--verify", "--nodeps", "oidc-s3")).toBe("");

    root.useIt();
    const before = root.settings();
    run("--upgrade", "--nodeps", "--replacepkgs", rpm);
    expect(root.settings()).toEqual(before);
    expect(root.calls()).toContain(
      "systemctl try-restart oidc-s3-credentials@*.service oidc-s3-serve@*.service oidc-s3-sync@*.service",
    );

    run("--erase", "--nodeps", "oidc-s3");
    expect(root.calls()).toEqual([
      "systemctl --no-reload disable oidc-s3-credentials@.service oidc-s3-serve@.service oidc-s3-sync@.service oidc-s3-upload@.timer",
      "systemctl stop oidc-s3-credentials@*.service oidc-s3-serve@*.service oidc-s3-sync@*.service oidc-s3-upload@*",
      "systemctl daemon-reload",
    ]);
    expect(root.traces()).toEqual(["folder", "settings", "cache", "enabled"]);
  });
});

it("the .deb asks for the C library that rpm finds the program to need", () => {
  const deb = made(".deb");
  const rpm = made(".rpm");
  if (deb === undefined || rpm === undefined) return;
  const needs = execFileSync("rpm", ["--query", "--package", "--requires", rpm], { encoding: "utf8" });
  const minors = [...needs.matchAll(/^\S+\(GLIBC_2\.(\d+)\)/gm)].map(([, minor]) => Number(minor));
  const depends = execFileSync("dpkg-deb", ["--field", deb, "Depends"], { encoding: "utf8" });
  expect(depends).toContain(`libc6 (>= 2.${Math.max(...minors)})`);
});

describe("what comes with the program", () => {
  let tree: string;
  beforeAll(() => {
    tree = join(folder, "tree");
    const deb = made(".deb");
    if (deb !== undefined) execFileSync("dpkg-deb", ["--extract", deb, tree]);
  });
  const quiet = { code: 0, stdout: "", stderr: "" };
  const run = (program: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: "utf8",
      env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
    });
    return { code: status, stdout, stderr };
  };

  it("the manual page is one that man and mandoc have nothing to say about", () => {
    const page = join(tree, "usr/share/man/man1/oidc-s3.1.gz");
    if (!made(".deb") || !isInstalled("man", "--version", "man-db") || !isInstalled("mandoc", "/dev/null")) return;
    const shown = run("man", "--warnings", "-E", "UTF-8", "-l", page);
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toMatch(/^ +--follow-symlinks$/m);
    const text = join(folder, "oidc-s3.1");
    writeFileSync(text, gunzipSync(readFileSync(page)));
    expect(run("mandoc", "-T", "lint", "-W", "warning", text)).toEqual(quiet);
  });

  it("systemd has nothing to say about the units", () => {
    if (!made(".deb") || !isInstalled("systemd-analyze", "--version", "systemd")) return;
    // What they refer to: targets, and the shell that sends a signal.
    const units = ["/usr/lib/systemd/system", "/lib/systemd/system"].find(existsSync) ?? "";
    cpSync(units, join(tree, "usr/lib/systemd/system"), { recursive: true, force: false, verbatimSymlinks: true });
    mkdirSync(join(tree, "bin"));
    copyFileSync("/bin/sh", join(tree, "bin/sh"));
    for (const unit of [
      "oidc-s3-credentials@vector.service",
      "oidc-s3-serve@www-data.service",
      "oidc-s3-sync@var-backups.service",
      "oidc-s3-upload@var-backups-db.dump.service",
      "oidc-s3-upload@var-backups-db.dump.timer",
    ])
      expect({ unit, ...run("systemd-analyze", "verify", "--man=no", `--root=${tree}`, unit) }).toEqual({
        unit,
        ...quiet,
      });
  });

  it("bash completes the commands", () => {
    if (!made(".deb")) return;
    const file = join(tree, "usr/share/bash-completion/completions/oidc-s3");
    const script = `. ${file}; COMP_WORDS=(oidc-s3 up) COMP_CWORD=1; _oidc_s3; echo "\${COMPREPLY[@]}"`;
    expect(run("bash", "--norc", "-c", script)).toEqual({ ...quiet, stdout: "upload\n" });
  });
});
