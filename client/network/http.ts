import { readFileSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import { InterruptedError, SettingsError, UnreachableError } from "../core/errors";
import { type ForeignWriter, foreignWriter } from "../core/writers";
import { networkFault } from "./network-fault";
import { type NetworkSettings, proxyFor } from "./network-settings";

/** The answers of the project's own services have a few kilobytes; anything larger is not from them. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 10_000;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** For the whole exchange, in milliseconds; 10,000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly network: NetworkSettings;
  /** The setting that the URL is from, for whoever has to correct it. */
  readonly place: string;
  readonly signal?: AbortSignal | undefined;
  /** A longer answer is a fault; a MiB by default. */
  readonly maxAnswerBytes?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<http.IncomingHttpHeaders>;
  readonly body: string;
  readonly bytes: Uint8Array;
  /** Milliseconds that the exchange took. */
  readonly milliseconds: number;
  /** How far this machine's clock is ahead of the answer's Date header in seconds; undefined where it has none. */
  readonly clockAheadSeconds: number | undefined;
}

/**
 * Sends one request on a connection of its own and reads the whole answer. Redirects are not followed: the secret
 * would go with them.
 * @throws {UnreachableError} where there was no whole answer, with the kind of fault.
 * @throws {InterruptedError} where the signal ended it.
 */
export async function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const { agent, proxy } = connectionFor(url, request.network);
  const host = hostAndPort(url);
  const began = performance.now();
  const { place, timeoutMs = DEFAULT_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = request;
  return new Promise<HttpAnswer>((resolve, reject) => {
    let tunnel: number | undefined;
    const outgoing = (url.protocol === "https:" ? https : http).request(url, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body === undefined ? {} : { "content-length": Buffer.byteLength(request.body) }),
        connection: "close",
      },
      agent: agent ?? false,
      ...caOptions(request.network),
    });
    const timer = setTimeout(
      () => outgoing.destroy(Object.assign(new Error("time limit"), { code: "ETIMEDOUT" })),
      timeoutMs,
    );
    const abort = (): void => void outgoing.destroy(new InterruptedError());
    const settle = (): void => {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", abort);
    };
    const fail = (error: Error): void => {
      settle();
      const unreached = proxy !== undefined && tunnel === undefined ? proxy : undefined;
      reject(
        error instanceof InterruptedError || error instanceof UnreachableError
          ? error
          : networkFault(error, { host, place, proxy: unreached, proxyPlace: request.network.proxyPlace }),
      );
    };
    // https-proxy-agent hands on a proxy's refusal as though the server had sent it.
    outgoing.on("proxyConnect", (connect: { statusCode: number }) => {
      tunnel = connect.statusCode;
      if (tunnel !== 200) outgoing.destroy(proxyRefusal(host, proxy ?? "", tunnel, request.network));
    });
    outgoing.on("error", fail);
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) outgoing.destroy(new Error(`the answer has more than ${maxAnswerBytes} bytes`));
        else chunks.push(chunk);
      });
      incoming.on("error", fail);
      incoming.on("end", () => {
        settle();
        // A proxy that holds its end of the connection open must not hold this process.
        outgoing.destroy();
        const content = Buffer.concat(chunks);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: content.toString("utf8"),
          bytes: content,
          milliseconds: performance.now() - began,
          clockAheadSeconds: clockAhead(incoming.headers.date),
        });
      });
    });
    if (request.signal?.aborted) abort();
    request.signal?.addEventListener("abort", abort, { once: true });
    outgoing.end(request.body);
  });
}

/** The agent that requests to `url` must use: one that goes through the proxy, or undefined for a direct connection. */
export function connectionFor(url: URL, network: NetworkSettings): { agent?: http.Agent; proxy?: string } {
  const proxy = proxyFor(url, network);
  if (proxy === undefined) return {};
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol)) {
    throw new SettingsError([`${network.proxyPlace ?? "HTTPS_PROXY"} is not the http:// or https:// URL of a proxy`], {
      remedy: "Set it to the form http://proxy.example.com:3128",
    });
  }
  return { agent: new HttpsProxyAgent(proxy, caOptions(network)), proxy: hostAndPort(new URL(proxy)) };
}

/**
 * The certificates to trust: Node.js's own, those of NODE_EXTRA_CA_CERTS (which Node.js has added by itself, but not
 * to a list that is given) and those of the settings' file.
 */
export function caOptions(network: NetworkSettings): { ca?: string[] } {
  if (network.caFile === undefined) return {};
  const { caFile, caPlace = "AWS_CA_BUNDLE" } = network;
  const files = new Map([[process.env.NODE_EXTRA_CA_CERTS ?? caFile, "NODE_EXTRA_CA_CERTS"]]).set(caFile, caPlace);
  return { ca: [...tls.rootCertificates, ...[...files].map(([path, place]) => readCertificates(path, place))] };
}

/** Who can write to the file can read every connection, and have the secret sent to them. */
function readCertificates(path: string, place: string): string {
  let text: string;
  let writer: ForeignWriter | undefined;
  try {
    text = readFileSync(path, "utf8");
    writer = foreignWriter(path, statSync(path));
  } catch (error) {
    throw new SettingsError([`the CA file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`], {
      remedy: `Correct ${place}`,
    });
  }
  if (writer !== undefined) {
    throw new SettingsError([`the CA file ${path} is not trusted: ${writer.fault}`], {
      remedy: `${writer.remedy}, or name another file by ${place}`,
    });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new SettingsError([`the CA file ${path} holds no certificate in PEM`], {
      remedy: `Correct ${place}`,
    });
  }
  return text;
}

function proxyRefusal(
  host: string,
  proxy: string,
  status: number,
  { proxyPlace = "HTTPS_PROXY" }: NetworkSettings,
): UnreachableError {
  const reason = status === 407 ? "wants a user name and password" : "refused the connection";
  return new UnreachableError(`cannot reach ${host}: the proxy ${proxy} ${reason} (${status})`, "proxy", host, {
    remedy:
      status === 407
        ? `Put them into ${proxyPlace} as http://user:password@host:port, in a settings file that only this user can read`
        : "Ask for this host to be allowed at the proxy, or reach it without one by NO_PROXY",
  });
}

function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}

function clockAhead(date: string | undefined): number | undefined {
  const sent = Date.parse(date ?? "");
  return Number.isNaN(sent) ? undefined : Math.round((Date.now() - sent) / 1000);
}
