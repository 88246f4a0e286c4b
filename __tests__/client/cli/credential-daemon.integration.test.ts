import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, until } from "../support/built-client";
import { clientFixture } from "../support/client-fixture";

jest.setTimeout(60_000);

const fixture = clientFixture();
const { client } = fixture;
let folder: string;
beforeEach(() => {
  folder = join(fixture.home, "creds");
});

const NAMES = ["aws-credentials.env", "aws-credentials.json", "credentials"];
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const accessKeyId = () => JSON.parse(read("aws-credentials.json")).AccessKeyId as string;
const environment = (more: NodeJS.ProcessEnv = {}) => ({
  ...fixture.services.environment,
  XDG_CACHE_HOME: join(fixture.home, "cache"),
  ...more,
});

function start(env: NodeJS.ProcessEnv = environment(), ...args: string[]): Running {
  return client.start(["credential-daemon", "--creds-dir", folder, ...args], env);
}

/** The files appear one after the other; the message says that all are there. */
const firstFiles = (daemon: Running) => until(() => /wrote/.test(daemon.stderr()), "the first files");

async function stop({ child, ended }: Running, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
  child.kill(signal);
  return (await ended).code;
}

function listing(): string[] {
  return readdirSync(folder)
    .filter((name) => name !== ".cache")
    .sort();
}

describe("the files", () => {
  it("hold the same credentials in three forms, each for this user alone", async () => {
    const run = await start(environment(), "--once").ended;
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(listing()).toEqual(NAMES);
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
    for (const name of NAMES) expect(lstatSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(read("aws-credentials.json"))).toMatchObject({
      Version: 1,
      AccessKeyId: "ASIAFAKE0001",
      SecretAccessKey: "secret/key+1",
      SessionToken: "session/token+1",
    });
    expect(read("credentials")).toMatch(
      /^\[default\]\naws_access_key_id = ASIAFAKE0001\naws_secret_access_key = secret\/key\+1\naws_session_token = session\/token\+1\n$/m,
    );
    expect(run.stderr).not.toMatch(/secret\/key|session\/token|s3cret/);
  });

  it("the .env form is what a shell reads", async () => {
    await start(environment(), "--once").ended;
    const seen = execFileSync("sh", ["-c", `set -a; . "$0"; env`, join(folder, "aws-credentials.env")], {
      encoding: "utf8",
      env: {},
    });
    for (const line of [
      "AWS_ACCESS_KEY_ID=ASIAFAKE0001",
      "AWS_SECRET_ACCESS_KEY=secret/key+1",
      "AWS_SESSION_TOKEN=session/token+1",
      "AWS_REGION=eu-west-1",
    ]) {
      expect(seen.split("\n")).toContain(line);
    }
  });

  it("once and refused: the exit code says so, and what was there stays", async () => {
    await start(environment(), "--once").ended;
    const before = NAMES.map(read);
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    const run = await start(environment({ COGNITO_CLIENT_SECRET: "another" }), "--once").ended;
    expect(run.code).toBe(4);
    expect(NAMES.map(read)).toEqual(before);
  });

  it("a folder that cannot be written to: reported, exit code 6", async () => {
    writeFileSync(folder, "a file");
    expect(await start(environment(), "--once").ended).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/cannot be written/),
    });
  });

  it("are not put into a folder that others can write to: exit code 6, with the remedy", async () => {
    mkdirSync(folder);
    for (const mode of [0o770, 0o707, 0o1777]) {
      chmodSync(folder, mode);
      const run = await start(environment(), ...(mode === 0o770 ? ["--once"] : [])).ended;
      expect(run).toMatchObject({
        code: 6,
        stderr: expect.stringMatching(/creds can be written by (?:every user|its group)/),
      });
      expect(run.stderr).toContain(`chmod go-w ${folder}`);
    }
    expect(readdirSync(folder)).toEqual([]);
    expect(fixture.services.tokenRequests).toHaveLength(0);
  });

  it("stay whole and private whenever the daemon is killed", async () => {
    for (let round = 0; round < 25; round++) {
      const { child, ended } = start(environment({ XDG_CACHE_HOME: join(fixture.home, `cache-${round}`) }), "--once");
      setTimeout(() => child.kill("SIGKILL"), 100 + round * 6);
      await ended;
      for (const name of existsSync(folder) ? listing() : []) {
        expect([name, lstatSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
        if (name === "aws-credentials.json") expect(accessKeyId()).toMatch(/^ASIAFAKE/);
        if (name === "credentials") expect(read(name)).toMatch(/aws_session_token = \S+\n$/);
      }
    }
    expect((await start(environment(), "--once").ended).code).toBe(0);
  });
});

describe("the daemon", () => {
  it("writes, renews, and stops at once on SIGTERM", async () => {
    fixture.services.lifeSeconds = 290;
    const daemon = start();
    await firstFiles(daemon);
    expect(accessKeyId()).toBe("ASIAFAKE0001");
    daemon.child.kill("SIGHUP");
    await until(() => accessKeyId() === "ASIAFAKE0002", "the renewal");
    const began = Date.now();
    expect(await stop(daemon)).toBe(0);
    expect(Date.now() - began).toBeLessThan(1_000);
    expect(listing()).toEqual(NAMES);
  });

  it("stops at once in the middle of a request too; by SIGINT with its exit code", async () => {
    fixture.services.token = () => ({ delayMs: 9_000 });
    const daemon = start();
    await until(() => fixture.services.tokenRequests.length === 1, "the token request");
    const began = Date.now();
    expect(await stop(daemon, "SIGINT")).toBe(130);
    expect(Date.now() - began).toBeLessThan(1_000);
  });

  it("keeps the last good files through refusals and outages, and comes back by itself", async () => {
    fixture.services.lifeSeconds = 290;
    const daemon = start();
    await firstFiles(daemon);
    const before = NAMES.map(read);
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    fixture.services.vending = () => ({ status: 401, body: { error: "invalid_token", error_description: "No." } });
    daemon.child.kill("SIGHUP");
    await until(() => (daemon.stderr().match(/next try in/g) ?? []).length >= 2, "two failures");
    expect(NAMES.map(read)).toEqual(before);
    expect(daemon.stderr()).toMatch(/the files hold credentials until/);
    fixture.services.token = undefined;
    fixture.services.vending = undefined;
    await until(() => accessKeyId() !== "ASIAFAKE0001", "the renewal");
    expect(await stop(daemon)).toBe(0);
  });

  it("says repeated refusals in one line each, with a count and the time", async () => {
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    const daemon = start();
    await until(() => /3 times in a row/.test(daemon.stderr()), "the third failure", 30_000);
    await stop(daemon);
    expect(daemon.stderr().match(/what to do/g)).toHaveLength(1);
    const lines = daemon.stderr().trim().split("\n");
    const time = /^oidc-s3: \d{4}-\d\d-\d\dT[\d:.]+Z /;
    expect(lines.filter((line) => time.test(line))).toHaveLength(3);
    expect(lines).toHaveLength(4);
  });

  it("logs JSON where it is to, a whole object a line", async () => {
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    const daemon = start(environment({ S3_BUKET: "uploads" }), "--log", "json");
    await until(() => /"count":2/.test(daemon.stderr()), "the second failure", 30_000);
    fixture.services.token = undefined;
    await firstFiles(daemon);
    await stop(daemon);
    const lines = daemon.stderr().trim().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const failure = { level: "error", code: "invalid_client", next_try_seconds: expect.any(Number) };
    expect(entries[0]).toMatchObject({ level: "warning", message: expect.stringContaining("did you mean S3_BUCKET?") });
    const failures = entries.filter(({ level }) => level === "error");
    expect(failures[0]).toMatchObject({ ...failure, count: 1, time: expect.any(String), remedy: expect.any(String) });
    expect(failures[1]).toMatchObject({ ...failure, count: 2 });
    expect(entries.at(-1)).toMatchObject({ level: "info", message: expect.stringMatching(/^wrote /) });
    expect(await start(environment(), "--log", "xml").ended).toMatchObject({ code: 2 });
    const ended = start({}, "--log", "json");
    expect(await ended.ended).toMatchObject({ code: 3 });
    expect(JSON.parse(ended.stderr())).toMatchObject({ level: "error", remedy: expect.any(String), code: "settings" });
  });

  it("starts without a network, says so, and is there when the network comes", async () => {
    fixture.services.token = () => ({ cut: true });
    const daemon = start();
    await until(() => /cut before the answer; next try in \d+ s/.test(daemon.stderr()), "the message");
    expect(existsSync(folder)).toBe(false);
    fixture.services.token = undefined;
    await firstFiles(daemon);
    await stop(daemon);
  });

  it("waits as long as Retry-After says", async () => {
    fixture.services.vending = () => ({ status: 429, headers: { "retry-after": "120" }, body: { error: "throttled" } });
    const daemon = start();
    await until(() => /next try in 12[01] s/.test(daemon.stderr()), "the message");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(fixture.services.vendingRequests).toHaveLength(1);
    await stop(daemon);
  });

  it("takes a rotated secret from its file without a restart", async () => {
    fixture.services.lifeSeconds = 290;
    const config = join(fixture.home, "config.env");
    const write = (secret: string) =>
      writeFileSync(
        config,
        Object.entries({ ...fixture.services.environment, COGNITO_CLIENT_SECRET: secret })
          .map(([name, value]) => `${name}="${value}"\n`)
          .join(""),
        { mode: 0o600 },
      );
    fixture.services.token = ({ headers }) => {
      const [, secret] = Buffer.from(headers.authorization?.slice(6) ?? "", "base64")
        .toString()
        .split(":");
      return secret === "new" ? {} : { status: 400, body: { error: "invalid_client" } };
    };
    write("old");
    const daemon = start({ XDG_CACHE_HOME: join(fixture.home, "cache") }, "--config", config);
    await until(() => /refused the client id and secret/.test(daemon.stderr()), "the refusal");
    write("new");
    await firstFiles(daemon);
    await stop(daemon);
  });

  it("wrong settings end it at once", async () => {
    expect(await start(environment({ IDP_TYPE: "auth0" })).ended).toMatchObject({ code: 3 });
  });

  it("a service without a home keeps its token beside its files", async () => {
    const daemon = start(environment({ XDG_CACHE_HOME: undefined }));
    await firstFiles(daemon);
    await stop(daemon);
    expect(readdirSync(join(folder, ".cache")).some((name) => name.endsWith(".token.json"))).toBe(true);
    expect(daemon.stderr()).not.toMatch(/nothing is cached/);
  });

  it("a full disk keeps the old files, and is over when there is space again", async () => {
    mkdirSync(folder, { mode: 0o700 });
    // The place of one file is taken by a folder: the others are as whole as it is untouched.
    mkdirSync(join(folder, "aws-credentials.json"));
    const daemon = start();
    await until(() => /cannot be written \(EISDIR\); next try in/.test(daemon.stderr()), "the message");
    rmSync(join(folder, "aws-credentials.json"), { recursive: true });
    await until(() => existsSync(join(folder, "aws-credentials.json")), "the files");
    expect(listing()).toEqual(NAMES);
    expect(fixture.services.vendingRequests).toHaveLength(1);
    await stop(daemon);
  });
});

describe("systemd", () => {
  async function listen(address: string) {
    const listener = client.startProgram("python3", [join(__dirname, "../support/notify_socket.py"), address], {});
    await until(() => /listening/.test(listener.stdout()), "the socket");
    const told = () =>
      listener
        .stdout()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as string);
    return { listener, told };
  }

  it.each(["path", "abstract"])("systemd learns of readiness, state and end (%s socket)", async (kind) => {
    const address = kind === "path" ? join(fixture.home, "notify") : `@oidc-s3-test-${process.pid}`;
    const { listener, told } = await listen(address);
    fixture.services.token = () => ({ cut: true });
    const daemon = start(environment({ NOTIFY_SOCKET: address }));
    await until(() => told().some((message) => /EXTEND_TIMEOUT_USEC=\d+/.test(message)), "the extension");
    expect(told().join()).not.toContain("READY=1");
    fixture.services.token = undefined;
    await until(() => told().some((message) => /READY=1/.test(message)), "READY=1");
    expect(existsSync(join(folder, "aws-credentials.json"))).toBe(true);
    expect(told().join()).toMatch(/STATUS=credentials until 20/);
    expect(await stop(daemon)).toBe(0);
    await until(() => told().some((message) => /STOPPING=1/.test(message)), "STOPPING=1");
    expect(told().filter((message) => /READY=1/.test(message))).toHaveLength(1);
    await stop(listener, "SIGKILL");
  });

  it("its watchdog is fed", async () => {
    const address = join(fixture.home, "notify");
    const { listener, told } = await listen(address);
    const daemon = start(environment({ NOTIFY_SOCKET: address, WATCHDOG_USEC: "400000" }));
    await until(() => told().filter((message) => /WATCHDOG=1/.test(message)).length >= 3, "the watchdog");
    await stop(daemon);
    await stop(listener, "SIGKILL");
  });

  it("without systemd-notify it works, and says once what is missing", async () => {
    const daemon = start(
      environment({ NOTIFY_SOCKET: join(fixture.home, "notify"), PATH: fixture.home, WATCHDOG_USEC: "100000" }),
    );
    await until(() => existsSync(join(folder, "aws-credentials.json")), "the files");
    await until(() => /systemd-notify cannot be used \(ENOENT\)/.test(daemon.stderr()), "the message");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(daemon.stderr().match(/systemd-notify/g)).toHaveLength(1);
    await stop(daemon);
  });
});
