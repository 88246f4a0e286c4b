import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { credentialProvider } from "../../client/credentials/credentials";
import { loadSettings } from "../../client/settings/settings";
import { type Ended, type Running, until } from "../client/support/built-client";
import { ClientAndCloud } from "./support/client-and-cloud";

/** Real programs as clients: AWS CLI, boto3 and the AWS SDK for JavaScript, through the file that users install. */
let on: ClientAndCloud;
beforeAll(async () => {
  on = await ClientAndCloud.start(["app-writer", "app-archive", "app-sync"]);
});
afterAll(() => on?.stop());

const environment = (more: NodeJS.ProcessEnv = {}) =>
  on.environment({ PATH: process.env.PATH, AWS_REGION: "eu-west-1", ...more });

/** An AWS config with a profile for each server, as the documentation shows it. */
function profiles(scope = ""): NodeJS.ProcessEnv {
  const config = join(on.home, `aws-config${scope.replace(/\W/g, "-")}`);
  const sections = [...on.settingsFiles].map(
    ([server, file]) =>
      `[profile ${server}]\nregion = eu-west-1\ncredential_process = ${process.execPath} ${on.client.file} get-credentials --config ${file}${scope}\n`,
  );
  writeFileSync(config, sections.join("\n"), { mode: 0o600 });
  return environment({ AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: "/nonexistent" });
}

function aws(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
  return on.client.startProgram("aws", args, env).ended;
}

function python(env: NodeJS.ProcessEnv, script: string, ...args: string[]): Promise<Ended> {
  return on.client.startProgram("python3", ["-c", script, ...args], env).ended;
}

const PUT_AND_GET = `
import sys, boto3
profile, bucket, key = sys.argv[1:]
s3 = boto3.Session(profile_name=profile or None).client("s3")
s3.put_object(Bucket=bucket, Key=key, Body=b"from boto3")
print(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
`;

describe("credential_process", () => {
  it("aws s3 cp uploads to the server's prefix, downloads what the level allows, and nothing else", async () => {
    const env = profiles();
    const file = join(on.home, "hello.txt");
    writeFileSync(file, "hello");
    const copy = (profile: string, from: string, to: string) => aws(env, "--profile", profile, "s3", "cp", from, to);
    expect(await copy("app-archive", file, `s3://${on.bucket}/app-archive/hello.txt`)).toMatchObject({ code: 0 });
    expect(await copy("app-archive", `s3://${on.bucket}/app-archive/hello.txt`, "-")).toMatchObject({
      code: 0,
      stdout: "hello",
    });
    const outside = await copy("app-writer", file, `s3://${on.bucket}/app-archive/hello.txt`);
    expect(outside.code).not.toBe(0);
    expect(outside.stderr).toContain("AccessDenied");
  });

  it("boto3 uploads and downloads", async () => {
    expect(await python(profiles(), PUT_AND_GET, "app-archive", on.bucket, "app-archive/boto3.txt")).toMatchObject({
      code: 0,
      stdout: "from boto3\n",
    });
    const outside = await python(profiles(), PUT_AND_GET, "app-archive", on.bucket, "app-sync/boto3.txt");
    expect(outside.stderr).toContain("AccessDenied");
  });

  it("--scope narrows: credentials for reading cannot write", async () => {
    const env = profiles(" --scope read");
    await python(profiles(), PUT_AND_GET, "app-archive", on.bucket, "app-archive/narrow.txt");
    const key = `s3://${on.bucket}/app-archive/narrow.txt`;
    expect(await aws(env, "--profile", "app-archive", "s3", "cp", key, "-")).toMatchObject({
      code: 0,
      stdout: "from boto3",
    });
    const written = await aws(env, "--profile", "app-archive", "s3", "cp", join(on.home, "hello.txt"), key);
    expect(written.stderr).toContain("AccessDenied");
  });

  it("a scope that the server lacks is refused, with its own exit code", async () => {
    const run = await on.client.run(
      ["get-credentials", "--config", on.settingsFile("app-writer"), "--scope", "delete"],
      environment(),
    );
    expect(run).toMatchObject({ code: 4, stdout: "", stderr: expect.stringMatching(/refused the scopes? delete/) });
  });

  it("a wrong secret is refused, with what to do", async () => {
    const wrong = { ...on.settingsOf("app-writer"), COGNITO_CLIENT_SECRET: "wrong" };
    const run = await on.client.run(["get-credentials"], environment(wrong));
    expect(run).toMatchObject({
      code: 4,
      stdout: "",
      stderr: expect.stringMatching(/refused the client id and secret[\s\S]*what to do:/),
    });
  });

  it("credentials last as long as the server's mapping says", async () => {
    const run = await on.client.run(["get-credentials", "--config", on.settingsFile("app-sync")], environment());
    const left = (Date.parse(JSON.parse(run.stdout).Expiration) - Date.now()) / 1000;
    expect(left).toBeGreaterThan(800);
    expect(left).toBeLessThanOrEqual(901);
  });
});

describe("the AWS SDK for JavaScript", () => {
  it("works with the client's own provider", async () => {
    const settings = loadSettings({
      env: { ...on.settingsOf("app-archive"), XDG_CACHE_HOME: join(on.home, "cache") },
      defaultConfigFile: "/nonexistent",
    });
    const s3 = new S3Client({
      credentials: credentialProvider(settings),
      region: settings.region,
      endpoint: on.cloud.awsEndpoint,
      forcePathStyle: true,
    });
    await s3.send(new PutObjectCommand({ Bucket: on.bucket, Key: "app-archive/sdk.txt", Body: "from the SDK" }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: on.bucket, Key: "app-archive/sdk.txt" }));
    expect(await Body?.transformToString()).toBe("from the SDK");
    await expect(
      s3.send(new PutObjectCommand({ Bucket: on.bucket, Key: "app-sync/sdk.txt", Body: "" })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    s3.destroy();
  });

  it.each(["credential_process", "serve"])("works by its default chain through %s", async (way) => {
    const script = `
      const { S3Client, PutObjectCommand } = require(${JSON.stringify(require.resolve("@aws-sdk/client-s3"))});
      const s3 = new S3Client({ forcePathStyle: true });
      const [, Bucket, Key] = process.argv;
      s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" })).then(() => console.log("put"), (error) => console.log(error.name));`;
    const server = way === "serve" ? await serve("app-archive") : undefined;
    const env = server?.env ?? { ...profiles(), AWS_PROFILE: "app-archive" };
    const put = (key: string) => on.client.startProgram(process.execPath, ["-e", script, on.bucket, key], env).ended;
    expect((await put("app-archive/chain.txt")).stdout).toBe("put\n");
    expect((await put("app/chain.txt")).stdout).toBe("AccessDenied\n");
    server?.running.child.kill("SIGTERM");
  });
});

/** Starts `serve`; returns the environment that its two lines set. */
async function serve(server: string): Promise<{ running: Running; env: NodeJS.ProcessEnv }> {
  const running = on.client.start(
    ["serve", "--port", "0", "--token-file", join(on.home, `token-${server}`), "--config", on.settingsFile(server)],
    environment(),
  );
  await until(() => /serving /.test(running.stderr()), "the first credentials");
  const exported = [...running.stdout().matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
  return {
    running,
    env: environment({
      ...Object.fromEntries(exported),
      AWS_CONFIG_FILE: "/nonexistent",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    }),
  };
}

describe("serve", () => {
  it("gives the AWS CLI and boto3 credentials without a profile; without the token file they get none", async () => {
    const { running, env } = await serve("app-archive");
    expect(await python(env, PUT_AND_GET, "", on.bucket, "app-archive/served.txt")).toMatchObject({
      code: 0,
      stdout: "from boto3\n",
    });
    expect(await aws(env, "s3", "cp", `s3://${on.bucket}/app-archive/served.txt`, "-")).toMatchObject({
      code: 0,
      stdout: "from boto3",
    });
    const stranger = { ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined };
    expect((await aws(stranger, "s3", "cp", `s3://${on.bucket}/app-archive/served.txt`, "-")).code).not.toBe(0);
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });
});

describe("credential-daemon", () => {
  it("its three files serve the AWS CLI: as credentials file, as environment, and by cat", async () => {
    const folder = join(on.home, "creds");
    const daemon = on.client.start(
      ["credential-daemon", "--creds-dir", folder, "--config", on.settingsFile("app-archive")],
      environment(),
    );
    await until(() => /wrote/.test(daemon.stderr()), "the files");
    const target = `s3://${on.bucket}/app-archive/daemon.txt`;
    const source = join(on.home, "hello.txt");
    writeFileSync(source, "hello");
    const variables = Object.fromEntries(
      readFileSync(join(folder, "aws-credentials.env"), "utf8")
        .trim()
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const config = join(on.home, "cat-config");
    writeFileSync(config, `[default]\ncredential_process = cat ${join(folder, "aws-credentials.json")}\n`);
    const ways: NodeJS.ProcessEnv[] = [
      { AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials") },
      variables,
      { AWS_CONFIG_FILE: config },
    ];
    for (const way of ways) {
      expect(
        await aws(
          environment({ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent", ...way }),
          "s3",
          "cp",
          source,
          target,
        ),
      ).toMatchObject({ code: 0 });
    }
    daemon.child.kill("SIGTERM");
    expect((await daemon.ended).code).toBe(0);
  });
});

describe("token and call, at the REST API as it is deployed", () => {
  const BOOK = '{"Result":"Success","Description":"your GET for /book is completed"}';
  const UNAUTHORIZED = '{"message":"Unauthorized"}';

  /** Runs a script as a client of the API, with oidc-s3 and curl on its PATH, each of which notes its arguments. */
  async function asClient(name: string, script: string): Promise<Ended & { noted: string }> {
    const bin = join(on.home, `bin-${name}`);
    const notes = join(bin, "arguments");
    mkdirSync(bin, { recursive: true });
    writeFileSync(notes, "");
    for (const [program, command] of [
      ["oidc-s3", `${process.execPath} ${on.client.file}`],
      ["curl", "curl --silent"],
    ]) {
      const text = `#!/bin/sh\necho "${program} $*" >>${notes}\nexec env PATH="$REAL_PATH" ${command} "$@"\n`;
      writeFileSync(join(bin, program ?? ""), text, { mode: 0o755 });
    }
    const paths = { PATH: `${bin}:${process.env.PATH}`, REAL_PATH: process.env.PATH };
    const env = environment({ ...on.cloud.api.clients[name], ...paths });
    const ended = await on.client.startProgram("sh", ["-c", script], env).ended;
    return { ...ended, noted: readFileSync(notes, "utf8") };
  }

  it("with the scope both are served, and no argument of any program has the token or the secret", async () => {
    const { noted, ...ended } = await asClient(
      "reports",
      `oidc-s3 call GET "\${API_ENDPOINT}book"; oidc-s3 token --header | curl -H @- "\${API_ENDPOINT}book"`,
    );
    expect(ended).toMatchObject({ code: 0, stdout: `${BOOK}${BOOK}` });
    expect(noted).toMatch(/^oidc-s3 call GET http:\S+book$/m);
    expect(noted).toMatch(/^oidc-s3 token --header$/m);
    expect(noted).toMatch(/^curl -H @- http:\S+book$/m);
    expect(noted).not.toContain("eyJ");
    expect(noted).not.toContain(on.cloud.api.clients.reports?.CLIENT_SECRET);
  });

  it("without the scope, narrowed to another or of another API, they are refused, with the API's answer and exit code 4", async () => {
    const withheld = await asClient(
      "reports",
      `oidc-s3 call GET "\${API_ENDPOINT}user"; echo " $?"; oidc-s3 call GET "\${API_ENDPOINT}nothing"; echo " $?"
       oidc-s3 token --scope API/book.post --header | curl -H @- "\${API_ENDPOINT}book"`,
    );
    expect(withheld.stdout).toBe(`${UNAUTHORIZED} 4\n{"message":"Missing Authentication Token"} 4\n${UNAUTHORIZED}`);
    const other = await asClient("m2m_client", 'oidc-s3 call GET "${API_ENDPOINT}book"');
    expect(other).toMatchObject({ code: 4, stdout: UNAUTHORIZED });
  });

  it("a token says its scopes, and none is had for a scope that is withheld", async () => {
    const fresh = await asClient("reports", "oidc-s3 token --fresh --json");
    expect(JSON.parse(fresh.stdout).scope.split(" ").sort()).toEqual(["API/book.get", "API/book.post"]);
    const withheld = await asClient("reports", "oidc-s3 token --scope API/user.get");
    expect(withheld).toMatchObject({ code: 4, stdout: "" });
  });
});
