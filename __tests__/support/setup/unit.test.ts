import childProcess, { execFile } from "node:child_process";
import cluster from "node:cluster";
import dgram from "node:dgram";
import dns from "node:dns";
import http from "node:http";
import net from "node:net";
import { scheduler, setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { isLoopback } from "./forbid-network";
import { MAX_WAIT_MS, takeViolations } from "./violations";

const TOO_LONG = MAX_WAIT_MS + 100;
const emitted = (emitter: NodeJS.EventEmitter) =>
  new Promise<void>((resolve) => emitter.once("error", () => resolve()).once("connect", resolve));

/** What was noted while something was done, whether or not it throws: as in code that catches everything. */
async function noted(action: () => unknown): Promise<string[]> {
  try {
    await action();
  } catch {
    // The rule notes it all the same.
  }
  return takeViolations();
}

describe("is noted although it is caught, with the test's name and a remedy:", () => {
  it.each<[string, string, () => unknown]>([
    ["spawn", "started a child process: true", () => childProcess.spawn("true")],
    ["spawnSync", "started a child process: true", () => childProcess.spawnSync("true")],
    ["exec", "started a child process: true", () => childProcess.exec("true")],
    ["execSync", "started a child process: true", () => childProcess.execSync("true")],
    ["execFile", "started a child process: true", () => childProcess.execFile("true")],
    ["execFile, imported by name", "started a child process: true", () => execFile("true")],
    ["execFileSync", "started a child process: true", () => childProcess.execFileSync("true")],
    ["promisify(execFile)", "started a child process: true", () => promisify(execFile)("true")],
    ["fork", "started a child process: x.js", () => childProcess.fork("x.js")],
    ["new Worker", "started a worker: x.js", () => new Worker("x.js")],
    ["cluster.fork", "started a cluster's worker", () => cluster.fork()],
    ["a socket", "opened a socket to 192.0.2.1", () => net.connect(443, "192.0.2.1")],
    ["a socket to a name", "looked up the name a.invalid", () => emitted(net.connect(443, "a.invalid"))],
    ["TLS", "opened a socket to 192.0.2.1", () => tls.connect({ port: 443, host: "192.0.2.1" })],
    ["an HTTP request", "opened a socket to 192.0.2.1", () => emitted(http.get("http://192.0.2.1/"))],
    ["fetch", "looked up the name a.invalid", () => fetch("http://a.invalid/")],
    [
      "a look-up of its own that leads elsewhere",
      "opened a socket to 192.0.2.1",
      () =>
        emitted(net.connect({ port: 443, host: "a.invalid", lookup: (_, __, found) => found(null, "192.0.2.1", 4) })),
    ],
    ["UDP", "opened a socket to 192.0.2.1", () => dgram.createSocket("udp4").send("x", 53, "192.0.2.1")],
    ["a look-up", "looked up the name a.invalid", () => dns.lookup("a.invalid", () => {})],
    ["a promised look-up", "looked up the name a.invalid", () => dns.promises.lookup("a.invalid")],
    ["a resolver", "looked up the name a.invalid", () => new dns.promises.Resolver().resolve4("a.invalid")],
    ["a server for all", "listened on all of the machine's addresses", () => net.createServer().listen(0)],
    ["a server on 0.0.0.0", "listened on 0.0.0.0", () => http.createServer().listen(0, "0.0.0.0")],
  ])("%s", async (name, what, action) => {
    const messages = await noted(action);
    expect(messages).not.toEqual([]);
    for (const message of messages) {
      expect(message).toContain(`A unit test ${what}`);
      expect(message).toMatch(new RegExp(`\\n {2}Test: .*${name.replace(/[()]/g, "\\$&")}\\n {2}Remedy: \\w`));
    }
  });

  it.each<[string, () => unknown]>([
    ["setTimeout", () => new Promise((resolve) => setTimeout(resolve, TOO_LONG))],
    ["promisify(setTimeout)", () => promisify(setTimeout)(TOO_LONG)],
    ["timers/promises", () => sleep(TOO_LONG)],
    ["scheduler.wait", () => scheduler.wait(TOO_LONG)],
    [
      "setInterval",
      () =>
        new Promise<void>((resolve) => {
          const timer = setInterval(() => resolve(clearInterval(timer)), TOO_LONG);
        }),
    ],
    ["many short waits", async () => [await sleep(TOO_LONG / 2), await sleep(TOO_LONG / 2)]],
    [
      "AbortSignal.timeout",
      () => new Promise((resolve) => AbortSignal.timeout(TOO_LONG).addEventListener("abort", resolve)),
    ],
    ["Atomics.wait", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TOO_LONG)],
  ])("a wait by %s", async (name, action) => {
    const timers = setInterval(() => {}, 1e6);
    // Where the machine is busy, a short wait may be filled with work that was left, and is none then.
    let messages: string[] = [];
    for (let tries = 0; messages.length === 0 && tries < 10; tries++) messages = await noted(action);
    clearInterval(timers);
    const [message, ...others] = messages;
    expect(others).toEqual([]);
    expect(message).toMatch(new RegExp(`^A unit test waited for \\d+ ms of real time; ${MAX_WAIT_MS} are allowed.`));
    expect(message).toContain(`a wait by ${name}\n`);
    expect(message).toMatch(/Remedy: inject the clock/);
  });
});

describe("is allowed:", () => {
  it("a server and a client on loopback", async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as net.AddressInfo;
    for (const host of ["127.0.0.1", "localhost"]) await emitted(net.connect(port, host));
    const lookup: net.LookupFunction = (_, __, found) => found(null, [{ address: "127.0.0.1", family: 4 }]);
    await emitted(net.connect({ port, host: "bucket.test", lookup }));
    await new Promise((resolve) => server.close(resolve));
    expect(takeViolations()).toEqual([]);
  });

  it("a time limit that is not reached", async () => {
    const timer = setTimeout(() => {}, 10_000);
    await sleep(1);
    clearTimeout(timer);
    expect(takeViolations()).toEqual([]);
  });

  it("any wait under fake timers", () => {
    jest.useFakeTimers();
    const called = jest.fn();
    setTimeout(called, 60_000);
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    expect(called).toHaveBeenCalledTimes(1);
    expect(takeViolations()).toEqual([]);
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["[::1]", true],
  ["0:0:0:0:0:0:0:1", true],
  ["::ffff:127.0.0.1", true],
  ["localhost", true],
  ["a.localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["::11", false],
  ["10.0.0.1", false],
  ["localhost.example.com", false],
  ["127.0.0.1.example.com", false],
])("%s is this machine: %p", (host, expected) => expect(isLoopback(host)).toBe(expected));
