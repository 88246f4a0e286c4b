import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HUNG_AFTER_MS, ownIdentity } from "../../../client/credentials/lock";
import { type Ended, until } from "../support/built-client";
import { selfSignedCertificate } from "../support/certificates";
import { clientFixture } from "../support/client-fixture";
import { FakeS3 } from "../support/fake-s3";

jest.setTimeout(60_000);

const fixture = clientFixture();
const { client } = fixture;

const environment = () => ({ ...fixture.services.environment, XDG_CACHE_HOME: fixture.home });
const cacheFolder = () => join(fixture.home, "oidc-s3");
const getCredentials = (...args: string[]) => client.run(["get-credentials", ...args], environment());
const counts = () => [fixture.services.tokenRequests.length, fixture.services.vendingRequests.length];

function keyOf({ stdout }: Ended): string {
  return JSON.parse(stdout).AccessKeyId;
}

function cached(ending: string): string[] {
  return existsSync(cacheFolder()) ? readdirSync(cacheFolder()).filter((name) => name.endsWith(ending)) : [];
}

describe("get-credentials", () => {
  it("prints the JSON of credential_process, from the services and from the cache, and nothing else", async () => {
    for (const run of [await getCredentials(), await getCredentials(), await getCredentials("--verbose")]) {
      expect(run).toMatchObject({ code: 0, signal: null });
      expect(Object.keys(JSON.parse(run.stdout))).toEqual([
        "Version",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
      ]);
      expect(JSON.parse(run.stdout)).toMatchObject({
        Version: 1,
        AccessKeyId: "ASIAFAKE0001",
        SessionToken: "session/token+1",
      });
      expect(run.stderr).not.toMatch(/s3cret|secret\/key|session\/token/);
    }
    expect(counts()).toEqual([1, 1]);
  });

  it("the answer from the cache listens to the same options, settings file included", async () => {
    const config = join(fixture.home, "config.env");
    writeFileSync(
      config,
      Object.entries(fixture.services.environment)
        .map(([name, value]) => `export ${name}="${value}"\n`)
        .join(""),
      { mode: 0o600 },
    );
    const run = (...args: string[]) =>
      client.run(["get-credentials", "--config", config, ...args], { XDG_CACHE_HOME: fixture.home });
    const keys = [
      await run(),
      await run(),
      await run("--scope", "read"),
      await run("--scope", "read"),
      await run("--duration", "900"),
    ].map(keyOf);
    expect(keys).toEqual(["ASIAFAKE0001", "ASIAFAKE0001", "ASIAFAKE0002", "ASIAFAKE0002", "ASIAFAKE0003"]);
    chmodSync(config, 0o644);
    const warned = await run();
    expect(warned).toMatchObject({ code: 0, stderr: expect.stringMatching(/can be read by every user/) });
    expect(warned.stderr.match(/can be read/g)).toHaveLength(1);
  });

  it("a pipe as settings file is read once, for the answer from the cache and for the whole program", async () => {
    const lines = Object.entries(fixture.services.environment).map(([name, value]) => `${name}="${value}"\n`);
    const script = 'exec "$0" "$1" get-credentials --config <(printf "$2")';
    const run = () =>
      client.startProgram("bash", ["-c", script, process.execPath, client.file, lines.join("")], {
        XDG_CACHE_HOME: fixture.home,
      }).ended;
    for (const each of [await run(), await run()]) {
      expect(each).toMatchObject({ code: 0, stderr: "" });
      expect(keyOf(each)).toBe("ASIAFAKE0001");
    }
  });

  it("--verbose speaks in the names that users know", async () => {
    const { stderr } = await getCredentials("--verbose", "--region", "eu-central-1");
    expect(stderr).toMatch(/^oidc-s3: COGNITO_CLIENT_ID: environment variable COGNITO_CLIENT_ID$/m);
    expect(stderr).toMatch(/^oidc-s3: AWS_REGION: flag --region$/m);
    expect(stderr).not.toMatch(/idpType|clientId|tokenEndpoint/);
  });

  it.each([
    ["usage: an unknown option", ["--nonsense"], {}, 2, /unknown option '--nonsense'/],
    ["usage: an unknown scope", ["--scope", "write,admin"], {}, 2, /"admin" is not a scope/],
    ["usage: a duration", ["--duration", "60"], {}, 2, /900 to 3600/],
    ["settings", [], { COGNITO_CLIENT_ID: "" }, 3, /missing: COGNITO_CLIENT_ID/],
    ["settings: another provider", [], { IDP_TYPE: "auth0" }, 3, /only "cognito" works/],
  ])("exit code for %s", async (_, args, env, code, message) => {
    const run = await client.run(["get-credentials", ...args], { ...environment(), ...env });
    expect(run).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
  });

  it.each([
    ["refused", () => (fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } })), 4],
    [
      "refused by the API",
      () => (fixture.services.vending = () => ({ status: 403, body: { error: "unknown_client" } })),
      4,
    ],
    [
      "throttled",
      () =>
        (fixture.services.vending = () => ({
          status: 429,
          headers: { "retry-after": "60" },
          body: { error: "throttled" },
        })),
      5,
    ],
    ["garbage", () => (fixture.services.token = () => ({ body: "<html>" })), 5],
    ["down", () => (fixture.services.token = () => ({ cut: true })), 5],
  ])("exit code for %s", async (_, fault, code) => {
    fault();
    const run = await getCredentials();
    expect(run).toMatchObject({ code, stdout: "", stderr: expect.stringContaining("oidc-s3: what to do: ") });
    expect(run.stderr).not.toMatch(/s3cret|header\.\d|at .*\.mjs/);
  });

  it("the secret cannot be given on the command line", async () => {
    expect(await getCredentials("--client-secret", "x")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown option/),
    });
  });
});

describe("many processes", () => {
  const fifty = () => Promise.all(Array.from({ length: 50 }, () => getCredentials()));

  it("fifty at once cause one token request and one vending request", async () => {
    fixture.services.token = () => ({ delayMs: 300 });
    const runs = await fifty();
    expect(runs.filter(({ code, stderr }) => code !== 0 || stderr !== "")).toEqual([]);
    expect(new Set(runs.map(keyOf)).size).toBe(1);
    expect(counts()).toEqual([1, 1]);
    expect(cached(".lock")).toEqual([]);
  });

  it("a lock that a dead process left is taken over, by one of the fifty", async () => {
    fixture.services.token = () => ({ delayMs: 10_000 });
    const { child, ended } = client.start(["get-credentials"], environment());
    await until(() => fixture.services.tokenRequests.length === 1, "the token request");
    child.kill("SIGKILL");
    await ended;
    expect(cached(".lock").length).toBeGreaterThan(0);
    fixture.services.token = undefined;
    const runs = await fifty();
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
    expect(counts()).toEqual([2, 1]);
    expect(cached(".lock")).toEqual([]);
  });

  it("twenty share one refusal", async () => {
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" }, delayMs: 8_000 });
    const runs = await Promise.all(Array.from({ length: 20 }, () => getCredentials()));
    expect(new Set(runs.map(({ code }) => code))).toEqual(new Set([4]));
    expect(counts()).toEqual([1, 0]);
  });

  it("a lock is not believed once its holder hangs, nor when its number is another process's by now", async () => {
    mkdirSync(cacheFolder(), { mode: 0o700 });
    await getCredentials();
    const name = cached(".credentials.json")[0] ?? "";
    const lock = join(cacheFolder(), name.replace(".json", ".lock"));
    const holders = [
      { ...ownIdentity(), id: "hangs", takenAt: Date.now() - HUNG_AFTER_MS - 1000 },
      { ...ownIdentity(), start: "1", id: "number-used-again", takenAt: Date.now() },
      { ...ownIdentity(), boot: "before", id: "before-the-restart", takenAt: Date.now() },
    ];
    for (const holder of holders) {
      rmSync(join(cacheFolder(), name));
      writeFileSync(lock, JSON.stringify(holder), { mode: 0o600 });
      expect(await getCredentials()).toMatchObject({ code: 0, stderr: "" });
      expect(existsSync(lock)).toBe(false);
    }
  });
});

describe("kill -9 at any moment", () => {
  it("leaves files that are whole and private, and the next process works", async () => {
    // Moments from the start of the process to well after its end, most of them in the middle of its work.
    const moments = Array.from({ length: 60 }, (_, index) => 40 + index * 5);
    let killed = 0;
    for (const moment of moments) {
      fixture.services.token = () => ({ delayMs: 5 });
      const { child, ended } = client.start(
        ["get-credentials", "--duration", String(900 + (moment % 7))],
        environment(),
      );
      const timer = setTimeout(() => child.kill("SIGKILL"), moment + Math.random() * 5);
      const { signal } = await ended;
      clearTimeout(timer);
      if (signal === "SIGKILL") killed++;
      for (const name of existsSync(cacheFolder()) ? readdirSync(cacheFolder()) : []) {
        const path = join(cacheFolder(), name);
        const { mode } = lstatSync(path);
        expect([name, (mode & 0o777).toString(8)]).toEqual([name, "600"]);
        if (name.endsWith(".json"))
          expect(Object.keys(JSON.parse(readFileSync(path, "utf8"))).length).toBeGreaterThanOrEqual(3);
        // Only some moments shall find a cache that answers at once.
        if (name.endsWith(".json") && Math.random() < 0.7) rmSync(path);
      }
    }
    expect(killed).toBeGreaterThan(10);
    fixture.services.token = undefined;
    expect(await getCredentials()).toMatchObject({ code: 0, stderr: "" });
    expect(lstatSync(cacheFolder()).mode & 0o777).toBe(0o700);
  });
});

describe("a cache that cannot be written to", () => {
  /** With a limit of nothing on the size of files, and the signal that goes with it ignored, each write fails. */
  function getCredentialsOnFullDisk() {
    const script = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
    const args = ["-c", script, process.execPath, client.file, "get-credentials"];
    return client.startProgram("bash", args, environment()).ended;
  }

  it("no file may be written (as on a full disk): works, and says so", async () => {
    const run = await getCredentialsOnFullDisk();
    expect(run).toMatchObject({ code: 0, stderr: expect.stringMatching(/nothing is cached: .*\((EFBIG|ENOSPC)\)/) });
    expect(keyOf(run)).toBe("ASIAFAKE0001");
    expect(cached("")).toEqual([]);
  });

  it("a full disk leaves a valid cache as it was", async () => {
    fixture.services.lifeSeconds = 200;
    await getCredentials();
    const before = cached(".json").map((name) => readFileSync(join(cacheFolder(), name), "utf8"));
    const run = await getCredentialsOnFullDisk();
    expect(run.code).toBe(0);
    expect(cached(".json").map((name) => readFileSync(join(cacheFolder(), name), "utf8"))).toEqual(before);
  });

  it("a read-only folder: works, and says so", async () => {
    mkdirSync(cacheFolder(), { mode: 0o500 });
    chmodSync(fixture.home, 0o555);
    // root may write everywhere: nobody may not.
    const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    if (process.getuid?.() === 0) for (const path of [client.folder, client.file]) chmodSync(path, 0o755);
    const env = { ...environment(), XDG_CACHE_HOME: join(fixture.home, "more") };
    const run = await client.run(["get-credentials"], env, asNobody);
    expect(run).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/nothing is cached: .*more\/oidc-s3 cannot be used \(EACCES\)/),
    });
    chmodSync(fixture.home, 0o755);
  });
});

describe("the one file", () => {
  it("needs nothing beside it, and Node.js 20 is enough", async () => {
    expect(readdirSync(client.folder)).toEqual(["oidc-s3.cjs"]);
    const run = await client.startProgram(client.file, ["--version"], { PATH: process.env.PATH }).ended;
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const text = readFileSync(client.file, "utf8");
    expect(text).not.toContain(process.cwd());
  });

  it("shows help with examples for each command", async () => {
    const { stdout, code } = await client.run(["--help"], {});
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)]
      .map(([, name]) => name ?? "")
      .filter((name) => name !== "help" && name !== "oidc");
    expect(names).toEqual(
      expect.arrayContaining(["get-credentials", "credential-daemon", "serve", "upload", "doctor"]),
    );
    for (const name of names) {
      const help = await client.run([name, "--help"], {});
      expect([name, help.code, /Examples?[ :]/.test(help.stdout)]).toEqual([name, 0, true]);
    }
  });

  it("suggests the command that was meant", async () => {
    expect(await client.run(["get-credential"], {})).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/get-credentials/),
    });
  });

  it("completes commands and options in bash", async () => {
    const { stdout: script } = await client.run(["completion", "bash"], {});
    const complete = (...words: string[]) => {
      const line = `${script}\nCOMP_WORDS=(oidc-s3 ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; compopt() { :; }; _oidc_s3; echo "\${COMPREPLY[@]}"`;
      return spawnSync("bash", ["-c", line], { encoding: "utf8" }).stdout.trim().split(" ");
    };
    expect(complete("get")).toEqual(["get-credentials"]);
    expect(complete("get-credentials", "--sc")).toEqual(["--scope"]);
    expect(complete("serve", "--port", "")).toEqual([""]);
    expect(complete("user", "cre")).toEqual(["credentials"]);
    expect(complete("user", "login", "--st")).toEqual(["--static"]);
    for (const shell of ["zsh", "fish"])
      expect((await client.run(["completion", shell], {})).stdout).toContain("credential-daemon");
  });
});

it("a user without a home, such as systemd's DynamicUser= and containers have, can upload", async () => {
  const certificate = selfSignedCertificate(fixture.home);
  const s3 = await new FakeS3(certificate).start();
  // What Node.js does for a user that the system does not know.
  const homeless = join(fixture.home, "homeless.cjs");
  writeFileSync(homeless, 'require("node:os").homedir = () => { throw new Error("uv_os_homedir returned ENOENT"); };');
  const to = { AWS_ENDPOINT_URL_S3: s3.url, AWS_CA_BUNDLE: certificate.file, NODE_OPTIONS: `--require ${homeless}` };
  try {
    expect(await client.run(["upload", homeless], { ...environment(), ...to })).toMatchObject({ code: 0 });
    expect([...s3.objects.keys()]).toEqual(["logs/homeless.cjs"]);
  } finally {
    await s3.stop();
  }
});
