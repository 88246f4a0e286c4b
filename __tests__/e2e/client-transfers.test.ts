import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { createCdktf } from "../../sandbox/terraform/cdktf";
import { until } from "../client/support/built-client";
import { ClientAndCloud } from "./support/client-and-cloud";

/** The transfer commands and doctor as users have them, against the deployed layers, and a look at the store besides. */
let on: ClientAndCloud;
beforeAll(async () => {
  on = await ClientAndCloud.start(["log-shipper", "log-archive", "data-sync"]);
});
afterAll(() => on?.stop());

it("a server's settings file, which all of this begins with, is readable by its user only", () => {
  const file = on.settingsFile("log-archive");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
});

describe("upload and download", () => {
  it("a plain upload goes to prefix + file name, --key is the whole key, and both come back", async () => {
    const path = on.file("hello.txt", "hello");
    expect(await on.run("log-archive", "upload", path)).toMatchObject({ code: 0, stderr: "" });
    expect(await on.run("log-archive", "upload", path, "--key", "logs-archive/a/b c+ü.txt")).toMatchObject({ code: 0 });
    expect(await on.stored("logs-archive/hello.txt")).toEqual(Buffer.from("hello"));
    const to = on.folder("plain");
    expect(await on.run("log-archive", "download", "logs-archive/a/b c+ü.txt", to)).toMatchObject({ code: 0 });
    expect(readFileSync(join(to, "b c+ü.txt"), "utf8")).toBe("hello");
    expect(await on.run("log-archive", "download", "logs-archive/hello.txt", "-")).toMatchObject({
      code: 0,
      stdout: "hello",
    });
  });

  it("40 MB in parts, from a file and through a pipe, are the same bytes for this client and for the AWS CLI", async () => {
    const bytes = randomBytes(40_000_000);
    const path = on.file("large.bin", bytes);
    expect(await on.run("log-archive", "upload", path)).toMatchObject({ code: 0 });
    const piped = on.client.start(
      ["upload", "--config", on.settingsFile("log-archive"), "--key", "logs-archive/piped.bin", "-"],
      on.environment(),
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    piped.child.stdin?.end(bytes);
    expect(await piped.ended).toMatchObject({ code: 0 });
    for (const key of ["logs-archive/large.bin", "logs-archive/piped.bin"]) {
      expect((await on.stored(key))?.equals(bytes)).toBe(true);
      const { ETag } = await on.admin.send(new HeadObjectCommand({ Bucket: on.bucket, Key: key }));
      expect(ETag).toMatch(/-5"$/);
      const to = join(on.folder("large"), "back.bin");
      expect(await on.run("log-archive", "download", key, to)).toMatchObject({ code: 0 });
      expect(readFileSync(to).equals(bytes)).toBe(true);
    }
    expect(await on.openUploads()).toEqual([]);
  });

  it("what the AWS CLI uploaded in parts comes back unchanged", async () => {
    const bytes = randomBytes(20_000_000);
    const path = on.file("by-aws.bin", bytes);
    const credentials = JSON.parse((await on.run("log-archive", "get-credentials")).stdout);
    const env = on.environment({
      AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: credentials.SessionToken,
      AWS_REGION: "eu-west-1",
    });
    const target = `s3://${on.bucket}/logs-archive/by-aws.bin`;
    expect(await on.client.startProgram("aws", ["s3", "cp", path, target], env).ended).toMatchObject({ code: 0 });
    const to = join(on.folder("by-aws"), "back.bin");
    expect(await on.run("log-archive", "download", "logs-archive/by-aws.bin", to)).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });

  it("a folder goes below prefix + its name; a file that cannot be sent is reported, and the others are sent", async () => {
    const tree = on.folder("tree");
    mkdirSync(join(tree, "deep"));
    for (let index = 0; index < 50; index++) writeFileSync(join(tree, "deep", `${index}.txt`), `${index}`);
    writeFileSync(join(tree, "bad\u0007name"), "x");
    const run = await on.run("data-sync", "upload", "--recursive", "--json", tree);
    expect(run.code).toBe(6);
    expect(run.stderr).toContain("1 of 51 were not uploaded");
    expect(
      run.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).error)
        .filter(Boolean),
    ).toEqual(["bad_name"]);
    const listed = await on.run("data-sync", "list", "--prefix", "sync/tree/deep/4", "--json");
    const keys = listed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).key);
    expect(keys).toEqual(["", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `sync/tree/deep/4${digit}.txt`).sort());
  });

  it("sync by a server that may only write: all, then nothing, then what has changed", async () => {
    const tree = on.folder("synced");
    mkdirSync(join(tree, "deep"));
    for (const name of ["a", "deep/b"]) writeFileSync(join(tree, name), name);
    const state = on.folder("state");
    const sync = () => on.run("log-shipper", "sync", "--state-dir", state, tree);
    expect(await sync()).toMatchObject({ code: 0, stderr: "oidc-s3: 2 uploaded (7 B), 0 unchanged\n" });
    expect(await sync()).toMatchObject({ code: 0, stderr: "oidc-s3: 0 uploaded (0 B), 2 unchanged\n" });
    writeFileSync(join(tree, "deep/b"), "changed");
    expect(await sync()).toMatchObject({ code: 0, stderr: "oidc-s3: 1 uploaded (7 B), 1 unchanged\n" });
    const key = `logs/${basename(tree)}/deep/b`;
    expect((await on.stored(key))?.toString()).toBe("changed");
  });

  it("download --recursive brings a folder back whole, below the folder that it is given", async () => {
    const tree = on.folder("round");
    mkdirSync(join(tree, "a", "b"), { recursive: true });
    const files = { "top.txt": "1", "a/x y+ü.txt": "2", "a/b/deep.bin": randomBytes(20_000_000) };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(tree, name), content);
    expect(await on.run("data-sync", "upload", "--recursive", tree)).toMatchObject({ code: 0 });
    // A neighbour whose key begins alike is none of it.
    expect(await on.run("data-sync", "upload", "--key", "sync/roundabout", join(tree, "top.txt"))).toMatchObject({
      code: 0,
    });

    const to = join(on.folder("restored"), "new");
    const run = await on.run("data-sync", "download", "--recursive", "--json", "sync/round", to);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const reported = run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).key);
    expect(reported.sort()).toEqual(
      Object.keys(files)
        .map((name) => `sync/round/${name}`)
        .sort(),
    );
    expect(readdirSync(to, { recursive: true }).sort()).toEqual(["a", "a/b", ...Object.keys(files)].sort());
    for (const [name, content] of Object.entries(files)) {
      expect(readFileSync(join(to, name)).equals(Buffer.from(content))).toBe(true);
    }
  });

  it("delete removes the keys that it is given", async () => {
    await on.run("data-sync", "upload", on.file("gone.txt", "x"));
    expect(await on.stored("sync/gone.txt")).toEqual(Buffer.from("x"));
    expect(await on.run("data-sync", "delete", "sync/gone.txt")).toMatchObject({ code: 0 });
    expect(await on.stored("sync/gone.txt")).toBeUndefined();
  });
});

describe("refused before anything is sent", () => {
  it.each([
    [
      "upload outside",
      "log-shipper",
      ["upload", "--key", "logs-archive/x", "/etc/hostname"],
      2,
      "outside of this server's prefix logs/",
    ],
    [
      "download outside",
      "log-archive",
      ["download", "logs/x", "-"],
      2,
      "outside of this server's prefix logs-archive/",
    ],
    ["list above", "data-sync", ["list", "--prefix", "s"], 2, "outside of this server's prefix sync/"],
    ["delete outside", "data-sync", ["delete", "logs/x"], 2, "outside of this server's prefix sync/"],
    ["download with write", "log-shipper", ["download", "logs/x", "-"], 4, "may not download: it may only upload"],
    [
      "download --recursive outside",
      "data-sync",
      ["download", "--recursive", "logs/", "/nowhere"],
      2,
      "outside of this server's prefix sync/",
    ],
    [
      "download --recursive with write",
      "log-shipper",
      ["download", "--recursive", "logs/", "/nowhere"],
      4,
      "may not download: it may only upload",
    ],
    [
      "download --recursive with read-write",
      "log-archive",
      ["download", "--recursive", "logs-archive/", "/nowhere"],
      4,
      "may not list: it may only upload, download",
    ],
    ["list with read-write", "log-archive", ["list"], 4, "may not list: it may only upload, download"],
    ["delete with read-write", "log-archive", ["delete", "logs-archive/x"], 4, 's3_permissions = "full"'],
  ])("%s", async (_name, server, args, code, message) => {
    expect(await on.run(server, ...args)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
  });
});

describe("interrupted", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("an upload leaves neither parts nor an object on %s", async (signal) => {
    const key = `logs/interrupted-${signal}`;
    const running = on.client.start(
      ["upload", "--config", on.settingsFile("log-shipper"), "--key", key, "-"],
      on.environment(),
      {
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    running.child.stdin?.on("error", () => {});
    // More than two parts, and then nothing: the upload stays open until it is interrupted.
    running.child.stdin?.write(randomBytes(20_000_000));
    while (!(await on.openUploads()).includes(key)) await sleep(100);
    await sleep(300);
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({ code: 130, stderr: "oidc-s3: interrupted\n" });
    expect(await on.openUploads()).not.toContain(key);
    expect(await on.stored(key)).toBeUndefined();
  });

  it("a download leaves no partial file, and what was there stays", async () => {
    await on.run("log-archive", "upload", on.file("long.bin", randomBytes(150_000_000)));
    const to = on.folder("interrupted");
    const place = join(to, "long.bin");
    writeFileSync(place, "old");
    const running = on.client.start(
      ["download", "--config", on.settingsFile("log-archive"), "logs-archive/long.bin", place],
      on.environment(),
    );
    await until(() => readdirSync(to).some((name) => name.endsWith(".part")), "the beginning of the download");
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(readdirSync(to)).toEqual(["long.bin"]);
    expect(readFileSync(place, "utf8")).toBe("old");
  });
});

describe("doctor", () => {
  it.each(["log-shipper", "log-archive", "data-sync"])("passes for %s, and leaves nothing behind", async (server) => {
    const before = await on.objectCount();
    const run = await on.run(server, "doctor", "--write-test", "--json");
    const { ok, hops } = JSON.parse(run.stdout);
    expect({ code: run.code, ok, failed: hops.filter((hop: { status: string }) => hop.status !== "ok") }).toEqual({
      code: 0,
      ok: true,
      failed: [],
    });
    expect(await on.objectCount()).toBe(before);
    expect(await on.openUploads()).toEqual([]);
  });

  it.each([
    ["a wrong secret", { COGNITO_CLIENT_SECRET: "wrong" }, 4, /^FAILED\s+token /m],
    ["a wrong client id", { COGNITO_CLIENT_ID: "1nobody" }, 4, /^FAILED\s+token /m],
    ["a wrong resource server", { COGNITO_RESOURCE_SERVER: "https://other" }, 3, /^FAILED\s+token .*https:\/\/other/m],
    ["a wrong path of the API", { COGNITO_CREDENTIAL_API_URL: "" }, 4, /^FAILED\s+credentials /m],
    ["another bucket", { S3_BUCKET: "another" }, 3, /^FAILED\s+prefix .*S3_BUCKET \(in the environment\) is another/m],
    ["no S3", { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }, 5, /^FAILED\s+prefix .*127\.0\.0\.1:9/m],
  ] as [string, Record<string, string>, number, RegExp][])(
    "reports %s, and what to do",
    async (_name, wrong, code, expected) => {
      const settings = { ...on.settingsOf("log-archive"), ...wrong };
      if (wrong.COGNITO_CREDENTIAL_API_URL === "") {
        settings.COGNITO_CREDENTIAL_API_URL = `${on.settingsOf("log-archive").COGNITO_CREDENTIAL_API_URL}/elsewhere`;
      }
      const run = await on.client.run(["doctor"], on.environment(settings));
      expect(run.stdout).toMatch(expected);
      expect(run.stdout).toContain("what to do:");
      expect(run.code).toBe(code);
      expect(run.stdout + run.stderr).not.toContain(on.settingsOf("log-archive").COGNITO_CLIENT_SECRET);
    },
  );
});

describe("profile", () => {
  it("gives the AWS CLI and boto3 the server's credentials, from a path with blanks, and is undone byte for byte", async () => {
    const program = join(on.folder("a path with blanks"), basename(on.client.file));
    copyFileSync(on.client.file, program);
    const config = join(on.home, "aws config");
    const before = "[default]\r\nregion = us-east-1\r\n# the end, without a line end";
    writeFileSync(config, before);
    const env = on.environment({ AWS_CONFIG_FILE: config });
    const run = (...args: string[]) => on.client.startProgram(process.execPath, [program, ...args], env).ended;
    expect(await run("profile", "--config", on.settingsFile("log-archive"))).toMatchObject({ code: 0 });

    const script =
      'import boto3, sys; boto3.Session(profile_name="oidc-s3").client("s3").put_object(Bucket=sys.argv[1], Key="logs-archive/profile.txt", Body=b"x")';
    expect(await on.client.startProgram("python3", ["-c", script, on.bucket], env).ended).toMatchObject({ code: 0 });
    const source = `s3://${on.bucket}/logs-archive/profile.txt`;
    const copy = ["s3", "cp", source, "-", "--profile", "oidc-s3"];
    // The endpoint is in the profile too: without AWS_ENDPOINT_URL it works as well.
    const bare = { ...env, AWS_ENDPOINT_URL: undefined };
    expect(await on.client.startProgram("aws", copy, bare).ended).toMatchObject({ code: 0, stdout: "x" });

    expect(await run("profile", "--remove")).toMatchObject({ code: 0 });
    expect(readFileSync(config, "utf8")).toBe(before);
  });
});

describe("handover and configure", () => {
  it("turn the real outputs into a server's settings, readable by their owner alone at every step", async () => {
    const outputs = join(on.folder("outputs"), "outputs.json");
    const { status, output } = await createCdktf(on.folder("cdktf"), on.cloud.env).run([
      "output",
      "servers-local",
      "--outputs-file",
      outputs,
      "--outputs-file-include-sensitive-outputs",
      "true",
    ]);
    expect({ status, output }).toMatchObject({ status: 0 });
    const to = join(on.folder("handover"), "files");
    expect(await on.client.run(["handover", outputs, "--to", to], on.environment())).toMatchObject({ code: 0 });
    expect(statSync(to).mode & 0o777).toBe(0o700);
    const app = ["app-archive", "app-sync", "app-writer"];
    const servers = [...app, "data-sync", "log-archive", "log-shipper", "tools-all", "tools-read", "tools-write"];
    expect(readdirSync(to).sort()).toEqual(servers.map((name) => `${name}.env`));

    const config = join(on.home, "configured", "config.env");
    const from = join(to, "log-shipper.env");
    expect(await on.client.run(["configure", "--from", from, "--config", config], on.environment())).toMatchObject({
      code: 0,
    });
    expect(statSync(config).mode & 0o777).toBe(0o600);
    // Only the sandbox's token endpoint and API are elsewhere than the outputs say.
    const { COGNITO_TOKEN_ENDPOINT, COGNITO_CREDENTIAL_API_URL } = on.settingsOf("log-shipper");
    const env = on.environment({ COGNITO_TOKEN_ENDPOINT, COGNITO_CREDENTIAL_API_URL, OIDC_S3_CONFIG: config });
    expect(await on.client.run(["doctor"], env)).toMatchObject({ code: 0 });
    expect(existsSync(join(on.home, "nobody", ".aws"))).toBe(false);
  });
});
