import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { Readable } from "node:stream";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { HttpsProxyAgent } from "https-proxy-agent";
import { caOptions } from "../network/http";
import { type NetworkSettings, proxyFor } from "../network/network-settings";
import type { Settings } from "../settings/settings";
import { CONNECTIONS } from "./limits";

export interface S3ClientOptions {
  readonly region: string;
  /** From AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL; undefined is AWS itself. */
  readonly endpoint?: string | undefined;
  readonly credentials: NonNullable<S3ClientConfig["credentials"]>;
  readonly network: NetworkSettings;
}

/** Milliseconds without a byte after which a request is given up and tried again. */
const SOCKET_TIMEOUT = 60_000;
const CONNECTION_TIMEOUT = 10_000;
const ATTEMPTS = 5;

/** An S3 client whose every setting is given here: nothing is taken from AWS's own configuration files. */
export function createS3Client({ region, endpoint, credentials, network }: S3ClientOptions): S3Client {
  // The warning is about the Node.js version; the SDK is bundled, so users cannot act on it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  // The SDK looks into ~/.aws before it knows that it needs nothing there, and fails where a user has no home.
  process.env.HOME ||= "/";
  const client = new S3Client({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: needsPathStyle(endpoint) }),
    // endpoint_url of ~/.aws/config may be http:// to any host, and the session token would go there in clear.
    ignoreConfiguredEndpointUrls: true,
    logger: SILENT,
    maxAttempts: ATTEMPTS,
    retryMode: "standard",
    // The checks of all data are computed and compared here, once, over parts in any order.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Waiting for leave before each part would cost a round trip, and a part is small.
    expectContinueHeader: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableS3ExpressSessionAuth: true,
    requestHandler: {
      ...agents(endpoint ?? awsEndpoint(region), network),
      connectionTimeout: CONNECTION_TIMEOUT,
      socketTimeout: SOCKET_TIMEOUT,
      socketAcquisitionWarningTimeout: 0x7fff_ffff,
    },
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { protocol?: string; headers: Record<string, string> };
      // Over TLS the body's own checksum says more than a hash for the signature would, at a tenth of the cost.
      if (request.protocol === "https:") request.headers["x-amz-content-sha256"] ??= "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "unsignedPayloadOverTls" },
  );
  client.middlewareStack.add(
    (next) => (args) => {
      // Below the retries: each attempt gets a stream of its own, of the bytes that are still there.
      const request = args.request as { body?: unknown };
      const { body } = request;
      if (!Buffer.isBuffer(body) || body.length <= SLICE) return next(args);
      return next({ ...args, request: { ...request, body: Readable.from(slices(body)) } });
    },
    { step: "deserialize", priority: "low", name: "writeInSlices" },
  );
  return client;
}

/** TLS encrypts whatever it is given before the first byte goes out: a whole part would take its memory twice. */
const SLICE = 128 * 1024;

function* slices(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.length; start += SLICE) yield body.subarray(start, start + SLICE);
}

/** Without one the SDK warns on the console of what is dealt with here. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

/** Where S3 of AWS itself is. */
function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com`;
}

/** Where S3 is, for messages. */
export interface S3Address {
  readonly url: string;
  /** The setting that it is from; undefined where it is AWS's own in the region that the vending API named. */
  readonly place: string | undefined;
}

export function s3Address({ s3Endpoint, s3EndpointPlace }: Settings, region: string): S3Address {
  return { url: s3Endpoint ?? awsEndpoint(region), place: s3EndpointPlace };
}

function agents(endpoint: string, network: NetworkSettings): { httpAgent: http.Agent; httpsAgent: https.Agent } {
  const options = { keepAlive: true, maxSockets: CONNECTIONS };
  const secure = { ...options, ...caOptions(network) };
  const proxy = proxyFor(new URL(endpoint), network);
  return {
    httpAgent: new http.Agent(options),
    httpsAgent: proxy === undefined ? new https.Agent(secure) : proxyAgent(proxy, secure),
  };
}

function proxyAgent(proxy: string, options: https.AgentOptions): https.Agent {
  const agent = new HttpsProxyAgent(proxy, options);
  // Its own constructor takes the options for the way to the proxy and forgets them for the way through it. That each
  // request is for TLS it would else read off the stack, which differs when a kept connection is looked for.
  Object.assign(agent.options, options, { secureEndpoint: true });
  return agent;
}

/** A bucket cannot be a label in front of an address, nor of a host that only this machine knows. */
export function needsPathStyle(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 || !hostname.includes(".");
}
