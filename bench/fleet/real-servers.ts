import { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Settings } from "../../client/settings/settings";
import type { Fleet } from "./fleet";
import { type Answer, CREDENTIALS_LIFE_MS, type Services } from "./services";

const TOKEN_PATH = "/oauth2/token";

/**
 * Runs as many servers as the fleet has with the client's own code, all of it but the sockets: its settings, cache,
 * locks, retries and renewals. Each starts at the moment that `startsAt` says, milliseconds from now.
 */
export async function runRealServers(
  fleet: Fleet,
  services: Services,
  startsAt: (server: number) => number,
  lasts: number,
): Promise<void> {
  const { clientClock, InterruptedError, refreshCredentials, loadSettings } = await clientModules();
  const { clock } = services;
  const end = clock.now + lasts;
  // In memory where the machine has such a folder: the client waits until each file of its cache is on the disk.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "oidc-s3-bench-fleet-"));
  // One for all would slow every wait down.
  const stops = Array.from({ length: fleet.servers }, () => new AbortController());
  let stopped = false;
  let running = fleet.servers;
  let waiting = 0;
  const wait = (milliseconds: number, happen: () => void): void => {
    waiting++;
    clock.after(milliseconds, () => {
      waiting--;
      happen();
    });
  };
  const restore = putInPlace(clientClock, {
    now: () => clock.now,
    sleep: (milliseconds) =>
      new Promise((resolve, reject) => {
        wait(milliseconds, () => (stopped ? reject(new InterruptedError()) : resolve()));
      }),
    request: (url) => new VirtualRequest(url, services, wait),
  });
  try {
    const servers = stops.map(async (stop, server) => {
      try {
        await clientClock.sleep(startsAt(server));
        const settings = settingsOf(join(folder, String(server)), loadSettings);
        await refreshCredentials({
          settings: () => settings,
          options: { report: () => {} },
          signal: stop.signal,
          onCredentials: ({ expiration }) => fleet.renewed(server, clock.now, expiration.getTime()),
          onFailure: () => fleet.failed(server),
        });
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
      } finally {
        running--;
      }
    });
    const ended = Promise.all(servers);
    ended.catch(() => {});
    do {
      // The clock goes on only when every server waits for something.
      while (waiting < running) await setImmediate();
    } while (clock.step(end));
    stopped = true;
    for (const stop of stops) stop.abort();
    while (running > 0) {
      await setImmediate();
      if (waiting > 0) clock.step(Number.POSITIVE_INFINITY);
    }
    await ended;
  } finally {
    restore();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All as the client's own dynamic imports load them: what a static import gives may be another instance. */
async function clientModules() {
  const { clock: clientClock } = await import("../../client/core/backoff.ts");
  const { InterruptedError } = await import("../../client/core/errors.ts");
  const { refreshCredentials } = await import("../../client/credentials/refresh-loop.ts");
  const { loadSettings } = await import("../../client/settings/settings.ts");
  await import("../../client/credentials/renewal.ts");
  return { clientClock, InterruptedError, refreshCredentials, loadSettings };
}

type ClientModules = Awaited<ReturnType<typeof clientModules>>;

function settingsOf(cacheDirectory: string, loadSettings: ClientModules["loadSettings"]): Settings {
  const settings = loadSettings({
    env: {
      IDP_TYPE: "cognito",
      COGNITO_TOKEN_ENDPOINT: `http://127.0.0.1:1${TOKEN_PATH}`,
      COGNITO_CLIENT_ID: "1abc2defg3hij4klmno5pqrs6",
      COGNITO_CLIENT_SECRET: "a-secret",
      COGNITO_RESOURCE_SERVER: "https://s3-uploader.bench.oidc-s3",
      COGNITO_CREDENTIAL_API_URL: "http://127.0.0.1:1/credentials",
      AWS_REGION: "eu-west-1",
    },
    defaultConfigFile: join(cacheDirectory, "none"),
  });
  return { ...settings, cacheDirectory };
}

interface Virtual {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly request: (url: URL) => VirtualRequest;
}

/** Puts virtual time and services in the place of the process's own. @returns what takes them away again. */
function putInPlace(clientClock: ClientModules["clientClock"], { now, sleep, request }: Virtual): () => void {
  const own = { date: Date.now, performance: performance.now, sleep: clientClock.sleep, request: http.request };
  Date.now = now;
  performance.now = now;
  clientClock.sleep = ((milliseconds: number) => sleep(milliseconds)) as typeof clientClock.sleep;
  http.request = ((url: URL) => request(url)) as unknown as typeof http.request;
  return () => {
    Date.now = own.date;
    performance.now = own.performance;
    clientClock.sleep = own.sleep;
    http.request = own.request;
  };
}

/** What the client uses of an http.ClientRequest, answered by the simulated services. */
class VirtualRequest extends EventEmitter {
  constructor(
    private readonly url: URL,
    private readonly services: Services,
    private readonly wait: (milliseconds: number, happen: () => void) => void,
  ) {
    super();
  }

  end(body: string): void {
    const { services } = this;
    const isToken = this.url.pathname === TOKEN_PATH;
    const answer = isToken ? services.token() : services.vend(issuedAt(body));
    this.wait(answer.delay, () => {
      if (answer.status === "refused") {
        this.emit("error", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
      } else this.#respond(answer, isToken ? tokenBody(services) : vendedBody(services));
    });
  }

  /** The client ends each exchange by this. */
  destroy(): void {}

  #respond({ status, retryAfterSeconds }: Answer, granted: object): void {
    const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
    const incoming = Object.assign(new EventEmitter(), { statusCode: status, headers });
    this.emit("response", incoming);
    const body = status === 200 ? granted : { error: status === 401 ? "invalid_token" : "temporarily_unavailable" };
    incoming.emit("data", Buffer.from(JSON.stringify(body)));
    incoming.emit("end");
  }
}

function tokenBody({ clock, options }: Services): object {
  const claims = Buffer.from(JSON.stringify({ issuedAt: clock.now })).toString("base64url");
  return { access_token: `e30.${claims}.c2ln`, expires_in: options.tokenLife };
}

function issuedAt(body: string): number {
  const { access_token: token } = JSON.parse(body) as { access_token: string };
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")).issuedAt;
}

let keys = 0;

function vendedBody({ clock }: Services): object {
  return {
    access_key_id: `ASIA${String(keys++).padStart(16, "0")}`,
    secret_access_key: "secret",
    session_token: "token",
    expiration: new Date(clock.now + CREDENTIALS_LIFE_MS).toISOString(),
    s3_bucket: "uploads",
    s3_path_prefix: "logs/",
    aws_region: "eu-west-1",
  };
}
