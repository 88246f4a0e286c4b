import { execFileSync } from "node:child_process";
import { chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { type Running, until } from "../support/built-client";
import { clientFixture } from "../support/client-fixture";

jest.setTimeout(30_000);

let server: Running;
// Before its home goes.
afterEach(() => server?.child.kill("SIGKILL"));
const fixture = clientFixture();
const { client } = fixture;
let url: URL;
let token: string;

const tokenFile = () => join(fixture.home, "run", "token");

async function start(...args: string[]): Promise<void> {
  server = client.start(["serve", "--port", "0", "--token-file", tokenFile(), ...args], {
    ...fixture.services.environment,
    XDG_CACHE_HOME: join(fixture.home, "cache"),
  });
  const lines = await until(
    () => (/TOKEN_FILE=.*\n/.test(server.stdout()) ? server.stdout() : undefined),
    "the lines to export",
  );
  url = new URL(/FULL_URI=(\S+)/.exec(lines)?.[1] ?? "");
  token = readFileSync(tokenFile(), "utf8");
}

const serving = () => until(() => /serving ASIA/.test(server.stderr()), "the first credentials");

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Record<string, string>;
}

function ask(
  headers: Record<string, string> = { authorization: token },
  path = url.pathname,
  method = "GET",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: url.hostname, port: url.port, path, method, headers, setHost: !("host" in headers) },
      (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: body === "" ? {} : JSON.parse(body),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end();
  });
}

it("prints what to export, and serves credentials in the SDKs' form to whoever shows the token", async () => {
  await start();
  await serving();
  expect(server.stdout()).toBe(
    [
      `export AWS_CONTAINER_CREDENTIALS_FULL_URI=${url.href}`,
      `export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=${tokenFile()}`,
      `# for SDKs that read no such file, instead: export AWS_CONTAINER_AUTHORIZATION_TOKEN="$(cat ${tokenFile()})"`,
      "",
    ].join("\n"),
  );
  expect(url.hostname).toBe("127.0.0.1");
  const { status, body, headers } = await ask();
  expect(status).toBe(200);
  expect(body).toEqual({
    AccessKeyId: "ASIAFAKE0001",
    SecretAccessKey: "secret/key+1",
    Token: "session/token+1",
    Expiration: expect.stringMatching(/^20.*Z$/),
  });
  expect(headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
  expect(headers).not.toHaveProperty("access-control-allow-origin");
  expect((await ask({ authorization: token, host: `localhost:${url.port}` })).status).toBe(200);
});

async function restart(...args: string[]): Promise<void> {
  server.child.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  await start(...args);
}

it("the token's file is private, and holds a long token that is a new one at each start", async () => {
  await start();
  expect(lstatSync(tokenFile()).mode & 0o777).toBe(0o600);
  expect(token).toMatch(/^[\w-]{43}$/);
  const first = token;
  await restart("--port", url.port);
  await serving();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(token).not.toBe(first);
  expect((await ask({ authorization: first })).status).toBe(401);
  expect((await ask()).status).toBe(200);
  expect(server.stdout() + server.stderr()).not.toContain(token);
});

it("the token stays the same from start to start with --keep-token", async () => {
  await start("--keep-token");
  const first = token;
  await restart("--keep-token");
  expect(token).toBe(first);
});

it("a second instance that finds the port taken leaves the first one's token alone", async () => {
  await start();
  await client.run(["serve", "--port", url.port, "--token-file", tokenFile()], {
    ...fixture.services.environment,
    XDG_CACHE_HOME: fixture.home,
  });
  await serving();
  expect(readFileSync(tokenFile(), "utf8")).toBe(token);
  expect((await ask()).status).toBe(200);
});

it("an AWS SDK reads the token's file anew after a restart", async () => {
  // Less than SDKs keep: each use of the provider asks again.
  fixture.services.lifeSeconds = 200;
  await start();
  await serving();
  const before = process.env;
  process.env = {
    PATH: before.PATH,
    AWS_CONFIG_FILE: join(fixture.home, "none"),
    AWS_SHARED_CREDENTIALS_FILE: join(fixture.home, "none"),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url.href,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile(),
  };
  try {
    const { credentials } = new S3Client({ region: "eu-west-1" }).config;
    expect((await credentials()).accessKeyId).toBe("ASIAFAKE0001");
    rmSync(join(fixture.home, "cache"), { recursive: true });
    await restart("--port", url.port);
    await serving();
    // It asks in the background while the old ones still work.
    let seen = "";
    await until(() => {
      credentials().then(({ accessKeyId }) => {
        seen = accessKeyId;
      });
      return seen === "ASIAFAKE0002";
    }, "the new credentials");
  } finally {
    process.env = before;
  }
});

it("the variable's line gives an SDK the token as its file has it", async () => {
  await start();
  await serving();
  const line = /instead: (export .*)/.exec(server.stdout())?.[1] ?? "";
  const seen = execFileSync("sh", ["-c", `${line}; printf %s "$AWS_CONTAINER_AUTHORIZATION_TOKEN"`], {
    encoding: "utf8",
  });
  expect((await ask({ authorization: seen })).status).toBe(200);
});

/** Opens connections that send this much and no more. */
function occupy(count: number, text: string): Promise<net.Socket[]> {
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Socket>((resolve, reject) => {
          const socket = net.connect(Number(url.port), "127.0.0.1", () => {
            socket.write(text);
            resolve(socket);
          });
          socket.on("error", reject);
          // What the service resets is what this is for.
          socket.once("connect", () => socket.off("error", reject).on("error", () => {}));
        }),
    ),
  );
}

it.each([
  ["say nothing", ""],
  ["send half a request", "GET /credentials HTTP/1.1\r\nHost: "],
])("two hundred connections that %s lock nobody out, and are ended in two seconds", async (_, text) => {
  await start();
  await serving();
  const sockets = await occupy(200, text);
  expect((await ask()).status).toBe(200);
  const ended = (socket: net.Socket) =>
    socket.closed || new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const began = Date.now();
  for (const socket of sockets) socket.resume();
  await Promise.all(sockets.map(ended));
  expect(Date.now() - began).toBeLessThan(4_000);
});

it("tells its health to everybody, and nothing else", async () => {
  fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
  await start();
  await until(() => /next try in/.test(server.stderr()), "the failure");
  expect(await ask({}, "/health")).toMatchObject({ status: 503, body: { status: "no credentials" } });
  fixture.services.token = undefined;
  await serving();
  const { status, body } = await ask({}, "/health");
  expect({ status, body }).toEqual({ status: 200, body: { status: "ok" } });
  expect((await ask({ origin: "https://attacker.example" }, "/health")).status).toBe(403);
  expect((await ask({ host: `attacker.example:${url.port}` }, "/health")).status).toBe(403);
  expect((await ask({}, "/health", "POST")).status).toBe(401);
});

it.each([
  ["no token", () => ({}), 401],
  ["a wrong token", () => ({ authorization: `${token}x` }), 401],
  ["half of the token", () => ({ authorization: token.slice(0, 20) }), 401],
  ["an empty token", () => ({ authorization: "" }), 401],
  ["a foreign Host", () => ({ authorization: token, host: `attacker.example:${url.port}` }), 403],
  ["a Host without the port", () => ({ authorization: token, host: "127.0.0.1" }), 403],
  ["another port's Host", () => ({ authorization: token, host: "127.0.0.1:1" }), 403],
  [
    "the address as an attacker may write it",
    () => ({ authorization: token, host: `127.0.0.1.attacker.example:${url.port}` }),
    403,
  ],
  ["a web page's request", () => ({ authorization: token, origin: "https://attacker.example" }), 403],
])("%s is refused, in the form of SDKs", async (_, headers, expected) => {
  await start();
  await serving();
  const { status, body } = await ask(headers() as Record<string, string>);
  expect(status).toBe(expected);
  expect(Object.keys(body).sort()).toEqual(["code", "message"]);
  expect(JSON.stringify(body)).not.toMatch(/ASIA|secret\/key|session\/token/);
});

it("other paths and methods are refused", async () => {
  await start();
  expect((await ask(undefined, "/")).status).toBe(404);
  expect((await ask(undefined, "/credentials/x")).status).toBe(404);
  expect((await ask(undefined, "/credentials", "POST")).status).toBe(405);
  expect((await ask(undefined, "/credentials", "OPTIONS")).status).toBe(405);
});

it("listens on loopback alone", async () => {
  await start();
  const table = readFileSync("/proc/net/tcp", "utf8") + readFileSync("/proc/net/tcp6", "utf8");
  const port = Number(url.port).toString(16).toUpperCase().padStart(4, "0");
  const listening = table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${port}`) && state === "0A");
  expect(listening.map(([, local]) => local)).toEqual([`0100007F:${port}`]);
});

it.each([
  ["unreachable", () => ({ cut: true }), "network_reset"],
  ["refused", () => ({ status: 400, body: { error: "invalid_client" } }), "invalid_client"],
  ["answered without credentials", () => ({ body: "<html>" }), "unexpected_answer"],
])("never answers 200 without credentials: the token endpoint %s", async (_, reply, code) => {
  fixture.services.token = reply;
  await start();
  await until(() => /next try in/.test(server.stderr()), "the failure");
  expect(await ask()).toMatchObject({ status: 503, body: { code, message: expect.any(String) } });
  fixture.services.token = undefined;
  await serving();
  expect((await ask()).status).toBe(200);
});

it("nor with expired ones", async () => {
  fixture.services.lifeSeconds = 16;
  await start();
  await serving();
  expect((await ask()).status).toBe(200);
  fixture.services.token = () => ({ cut: true });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await ask()).toMatchObject({ status: 503, body: { code: "Expired" } });
});

it("a taken port is reported, exit code 6", async () => {
  await start();
  const second = await client.run(["serve", "--port", url.port, "--token-file", tokenFile()], {
    ...fixture.services.environment,
    XDG_CACHE_HOME: fixture.home,
  });
  expect(second).toMatchObject({ code: 6, stdout: "", stderr: expect.stringMatching(/EADDRINUSE/) });
});

it("stops at once on SIGTERM though a client holds a connection", async () => {
  await start();
  const idle = http.request({ host: url.hostname, port: url.port });
  idle.on("error", () => {});
  idle.flushHeaders();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = Date.now();
  server.child.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  expect(Date.now() - began).toBeLessThan(1_000);
});

it("root puts no token where another user decides what is written: a link in their XDG_RUNTIME_DIR", async () => {
  const theirs = join(fixture.home, "theirs");
  const elsewhere = join(fixture.home, "only-root-writes");
  for (const path of [theirs, elsewhere]) mkdirSync(path, { mode: 0o700 });
  symlinkSync(elsewhere, join(theirs, "oidc-s3"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(theirs, 54321, 54321);
  const env = { ...fixture.services.environment, XDG_CACHE_HOME: join(fixture.home, "cache"), XDG_RUNTIME_DIR: theirs };
  server = client.start(["serve", "--port", "0"], env);
  // Whoever is not root has only links of their own.
  if (!isRoot) {
    await serving();
    return;
  }
  expect(await server.ended).toMatchObject({
    code: 6,
    stdout: "",
    stderr: expect.stringMatching(/not changed as root, since others decide where it leads.*belongs to another user/),
  });
  expect(readdirSync(elsewhere)).toEqual([]);
});
