import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../process/loopback-server";
import { sendWhole, type Upstream } from "./upstream";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a zip of 50 MB, in base64, and its settings. */
const MAX_CALL_BYTES = 70 * 1024 * 1024;
const FUNCTIONS = "/2015-03-31/functions";
const ZIPS = "/.sandbox/function-code/";

/**
 * The zips of functions, as they are deployed through here. The emulator keeps them as well, but the address that its
 * GetFunction names has nothing, and none of its calls hands them out.
 */
export class FunctionCode {
  private readonly zips = new Map<string, Buffer>();

  constructor(private readonly upstream: Upstream) {}

  /** Like the address of AWS's answer, that of a zip needs no signature, and cannot be guessed. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== "GET" || !request.url?.startsWith(ZIPS)) return false;
    const zip = this.zips.get(request.url.slice(ZIPS.length));
    if (zip === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/zip", "content-length": zip.length }).end(zip);
    return true;
  }

  /** Passes a call to Lambda on, and adds to it what the emulator lacks. */
  async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = request;
    const call = await readBody(request, MAX_CALL_BYTES);
    const answer = await this.upstream.exchange(request, call, MAX_CALL_BYTES);
    let { body } = answer;
    if (answer.status === 200 || answer.status === 201) {
      if (deploysCode(method, url)) this.remember(call);
      if (asksForCode(method, url)) body = withLocation(body, `http://${request.headers.host}${ZIPS}`);
    }
    sendWhole(response, { ...answer, body });
  }

  private remember(call: Buffer): void {
    const { ZipFile, Code } = JSON.parse(call.toString("utf8")) as { ZipFile?: string; Code?: { ZipFile?: string } };
    const zip = Code?.ZipFile ?? ZipFile;
    // Code may come from a bucket instead: then the caller of GetFunction finds nothing, and says so.
    if (zip === undefined) return;
    const bytes = Buffer.from(zip, "base64");
    this.zips.set(nameOf(createHash("sha256").update(bytes).digest("base64")), bytes);
  }
}

function deploysCode(method: string, url: string): boolean {
  const path = pathOf(url);
  if (method === "POST") return path === FUNCTIONS;
  return method === "PUT" && path.startsWith(`${FUNCTIONS}/`) && path.endsWith("/code");
}

function asksForCode(method: string, url: string): boolean {
  const [, name = ""] = pathOf(url).split(`${FUNCTIONS}/`);
  return method === "GET" && name !== "" && !name.includes("/");
}

function pathOf(url: string): string {
  return (url.split("?")[0] ?? "").replace(/\/$/, "");
}

function withLocation(answer: Buffer, zips: string): Buffer {
  const found = JSON.parse(answer.toString("utf8")) as {
    Code?: Record<string, string>;
    Configuration?: { CodeSha256?: string };
  };
  const hash = found.Configuration?.CodeSha256;
  if (hash === undefined || found.Code?.RepositoryType !== "S3") return answer;
  return Buffer.from(JSON.stringify({ ...found, Code: { ...found.Code, Location: `${zips}${nameOf(hash)}` } }));
}

/** A SHA-256 in base64, as Lambda writes it, in the characters of an address. */
function nameOf(hash: string): string {
  return Buffer.from(hash, "base64").toString("base64url");
}
