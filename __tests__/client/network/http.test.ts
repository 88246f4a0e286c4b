import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientError, InterruptedError, SettingsError, UnreachableError } from "../../../client/core/errors";
import { type HttpRequest, sendRequest } from "../../../client/network/http";
import type { NetworkSettings } from "../../../client/network/network-settings";
import { type Certificate, selfSignedCertificate } from "../support/certificates";
import { knowNoNames } from "../support/stand-ins";

let folder: string;
let certificate: Certificate;
const servers: Server[] = [];
const sockets = new Set<net.Socket>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-http-"));
  certificate = selfSignedCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const PLACE = "COGNITO_TOKEN_ENDPOINT (/etc/oidc-s3/config.env, line 4)";

function get(url: string, network: NetworkSettings = {}, more: Partial<HttpRequest> = {}) {
  return sendRequest({ method: "GET", url, network, place: PLACE, timeoutMs: 3_000, ...more });
}

async function faultOf(answer: Promise<unknown>): Promise<UnreachableError> {
  const error = await answer.then(
    () => new Error("it was answered"),
    (reason: unknown) => reason,
  );
  if (error instanceof UnreachableError) return error;
  throw error;
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A proxy that opens tunnels to loopback whatever name is asked for, or answers CONNECT with a status of its own. */
function proxyServer(target: number, status = 200, seen: string[] = []): Server {
  const proxy = http.createServer();
  proxy.on("connect", (request, client) => {
    seen.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = net.connect(target, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    // Its end of the tunnel stays open, and is read from so that the other's closing is noticed.
    upstream.on("close", () => client.resume());
    client.on("error", () => upstream.destroy());
  });
  return proxy;
}

const tlsServer = () => https.createServer(certificate, (_, response) => response.end("over tls"));

it("answers with status, headers, body and how far the clock is off", async () => {
  const port = await listen(
    http.createServer((_, response) => {
      response.writeHead(418, { date: new Date(Date.now() - 100_000).toUTCString(), "x-a": "b" });
      response.end("grüße");
    }),
  );
  const answer = await get(`http://127.0.0.1:${port}/`);
  expect(answer).toMatchObject({ status: 418, body: "grüße", headers: { "x-a": "b" } });
  expect(answer.clockAheadSeconds).toBeGreaterThanOrEqual(99);
  expect(answer.clockAheadSeconds).toBeLessThanOrEqual(102);
});

it("does not follow a redirect: what was sent would go along", async () => {
  const port = await listen(
    http.createServer((_, response) => void response.writeHead(307, { location: "https://elsewhere.test/" }).end()),
  );
  expect((await get(`http://127.0.0.1:${port}/`)).status).toBe(307);
});

describe("what kept a request from being answered", () => {
  it("nobody listens", async () => {
    const port = await freePort();
    const fault = await faultOf(get(`http://127.0.0.1:${port}/`));
    expect(fault).toMatchObject({ fault: "refused", host: `127.0.0.1:${port}`, exitCode: 5, code: "network_refused" });
  });

  it("no such name", async () => {
    const names = knowNoNames();
    const fault = await faultOf(get("https://no-such-host.invalid/")).finally(() => names.mockRestore());
    expect(fault.fault).toBe("dns");
    expect(fault.message).toContain("no-such-host.invalid");
    expect(fault.remedy).toBe(`Check ${PLACE} for a typing error, then this machine's DNS`);
  });

  it.each(["before the answer", "within the answer"])("nothing comes %s", async (when) => {
    const port = await listen(
      http.createServer((_, response) => {
        if (when === "within the answer") response.write("a");
      }),
    );
    const began = Date.now();
    expect((await faultOf(get(`http://127.0.0.1:${port}/`, {}, { timeoutMs: 40 }))).fault).toBe("timeout");
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it.each(["before the answer", "within the answer"])("the connection is cut %s", async (when) => {
    const port = await listen(
      http.createServer((_, response) => {
        if (when === "within the answer") {
          response.writeHead(200, { "content-length": 100 });
          response.write("a");
        }
        setTimeout(() => response.destroy(), 30);
      }),
    );
    expect((await faultOf(get(`http://127.0.0.1:${port}/`))).fault).toBe("reset");
  });

  it("an answer without end", async () => {
    const port = await listen(
      http.createServer((_, response) => {
        const timer = setInterval(() => response.write("x".repeat(100_000)), 1);
        response.on("close", () => clearInterval(timer));
      }),
    );
    expect((await faultOf(get(`http://127.0.0.1:${port}/`))).message).toMatch(/more than 1048576 bytes/);
  });

  it("not HTTP at all", async () => {
    const port = await listen(net.createServer((socket) => socket.end("SSH-2.0-x\r\n")));
    await expect(get(`http://127.0.0.1:${port}/`)).rejects.toThrow(UnreachableError);
  });

  it("the caller's signal", async () => {
    const port = await listen(http.createServer(() => {}));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(get(`http://127.0.0.1:${port}/`, {}, { signal: controller.signal })).rejects.toThrow(InterruptedError);
    await expect(get(`http://127.0.0.1:${port}/`, {}, { signal: AbortSignal.abort() })).rejects.toThrow(
      InterruptedError,
    );
  });
});

describe("TLS", () => {
  it("a certificate that no trusted CA signed is refused, with what to do", async () => {
    const fault = await faultOf(get(`https://127.0.0.1:${await listen(tlsServer())}/`));
    expect(fault).toMatchObject({ fault: "tls", remedy: expect.stringContaining("AWS_CA_BUNDLE") });
  });

  it("and accepted when the CA file has it", async () => {
    const answer = await get(`https://127.0.0.1:${await listen(tlsServer())}/`, { caFile: certificate.file });
    expect(answer.body).toBe("over tls");
  });

  it("a certificate of another name is refused though it is trusted", async () => {
    const proxy = await listen(proxyServer(await listen(tlsServer())));
    const fault = await faultOf(
      get("https://other.test/", { caFile: certificate.file, httpsProxy: `http://127.0.0.1:${proxy}` }),
    );
    expect(fault.fault).toBe("tls");
  });

  it("plain HTTP where TLS is expected", async () => {
    const port = await listen(http.createServer((_, response) => response.end()));
    const fault = await faultOf(get(`https://127.0.0.1:${port}/`));
    expect(fault.fault).toBe("tls");
    expect(fault.message).toBe(
      `cannot reach 127.0.0.1:${port}: what listens there speaks plain http or something else, not TLS (https)`,
    );
    expect(fault.remedy).toContain(PLACE);
  });

  it("TLS where plain HTTP is expected", async () => {
    const fault = await faultOf(get(`http://127.0.0.1:${await listen(tlsServer())}/`));
    expect(fault.message).toMatch(/does not speak plain http|was cut before the answer/);
    expect(fault.message).not.toMatch(/HPE_|EPROTO/);
    expect(fault.remedy).toContain(PLACE);
  });

  it("a CA file that is not there or holds no certificate is a fault of the settings", async () => {
    const empty = join(folder, "empty.pem");
    writeFileSync(empty, "nothing");
    await expect(get("https://127.0.0.1:1/", { caFile: empty })).rejects.toThrow(SettingsError);
    await expect(get("https://127.0.0.1:1/", { caFile: "/nowhere.pem" })).rejects.toThrow(
      /nowhere\.pem cannot be read/,
    );
    const caPlace = "SSL_CERT_FILE (in the environment)";
    await expect(get("https://127.0.0.1:1/", { caFile: empty, caPlace })).rejects.toMatchObject({
      remedy: "Correct SSL_CERT_FILE (in the environment)",
    });
  });

  it("a CA file that others could write is not trusted", async () => {
    const file = join(folder, "writable.pem");
    copyFileSync(certificate.file, file);
    chmodSync(file, 0o666);
    const port = await listen(tlsServer());
    await expect(get(`https://127.0.0.1:${port}/`, { caFile: file })).rejects.toMatchObject({
      message: expect.stringContaining(`${file} can be written by every user of this machine`),
      remedy: `chmod go-w ${file}, or name another file by AWS_CA_BUNDLE`,
    });
    chmodSync(file, 0o644);
    await expect(get(`https://127.0.0.1:${port}/`, { caFile: file })).resolves.toMatchObject({ body: "over tls" });
  });
});

describe("a proxy", () => {
  it("carries the request, with its user name and password", async () => {
    const seen: string[] = [];
    const server = proxyServer(await listen(tlsServer()), 200, seen);
    const ended = new Promise((resolve) =>
      server.on("connect", (_, tunnel) => tunnel.on("end", resolve).on("close", resolve)),
    );
    const proxy = await listen(server);
    const answer = await get("https://vending.test/", {
      caFile: certificate.file,
      httpsProxy: `http://user:pa%20ss@127.0.0.1:${proxy}`,
    });
    expect(answer.body).toBe("over tls");
    // Cut by the client, though this proxy would hold its end open for ever.
    await ended;
    expect(seen).toEqual([`vending.test:443 Basic ${Buffer.from("user:pa ss").toString("base64")}`]);
  });

  it("is named where it does not listen, refuses, or wants a password", async () => {
    const through = (port: number) =>
      faultOf(get("https://vending.test/", { httpsProxy: `http://u:hidden@127.0.0.1:${port}` }));
    const [closed, forbidden, password] = [
      await through(await freePort()),
      await through(await listen(proxyServer(1, 403))),
      await through(await listen(proxyServer(1, 407))),
    ];
    expect([closed.fault, forbidden.fault, password.fault]).toEqual(["proxy", "proxy", "proxy"]);
    expect(forbidden.message).toMatch(/refused the connection \(403\)/);
    expect(password.message).toMatch(/user name and password \(407\)/);
    for (const { message, remedy } of [closed, forbidden, password])
      expect(`${message}${remedy}`).not.toContain("hidden");
  });

  it("that is no URL is a fault of the settings, which does not show it", async () => {
    const error = await get("https://vending.test/", { httpsProxy: "socks5://u:hidden@x" }).catch(
      (reason: ClientError) => reason,
    );
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as ClientError).message).not.toContain("hidden");
  });
});
