import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { readBody, serveOnLoopback } from "../process/loopback-server";
import { serviceAccessRequests, signerOf } from "./access-request";
import { Authorizer, accountOf, type RoleSession, RoleSessions } from "./authorizer";
import { NOTHING_DELETED, splitDeletion, withErrors } from "./delete-objects";
import { FunctionCode } from "./function-code";
import { RefusedError, sendRefusal, sendUnavailable } from "./refusals";
import type { ReadRolePolicies } from "./role-policies";
import { accessRequestsOf, isDeleteObjects, type S3Request, s3Address } from "./s3-request";
import { passedOn, Upstream } from "./upstream";

const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

export interface AwsEndpoint {
  /** What `AWS_ENDPOINT_URL` is set to. */
  readonly url: string;
  close(): Promise<void>;
}

export interface AwsEndpointOptions {
  readonly emulatorUrl: string;
  readonly readRolePolicies: ReadRolePolicies;
  readonly region: string;
  readonly report?: (error: unknown) => void;
  readonly now?: () => number;
}

/**
 * The address of AWS on this machine: an IAM proxy before the emulator. For role sessions it decides what the
 * emulator does not check (session policies, list conditions, trust, expiry). S3 bodies are streamed, never held.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const upstream = new Upstream(options.emulatorUrl);
  const sessions = new RoleSessions(options.now);
  const proxy = new IamProxy(upstream, sessions, new Authorizer(sessions, options.readRolePolicies), options.region);
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      await proxy.handle(request, response);
    } catch (error) {
      if (!isConnectionFault(error)) throw error;
      // Either the client went away and nobody reads this, or the emulator did.
      if (response.headersSent) response.destroy();
      else sendUnavailable(response);
    }
  };
  const server = await serveOnLoopback(handle, options.report);
  // Without this listener, Node would invite the client to send its whole upload before anything is decided.
  server.server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    server.server.emit("request", request, response);
  });
  return {
    url: server.url,
    close: async () => {
      upstream.close();
      await server.close();
    },
  };
}

/** Decides, forwards, and answers refusals as the service itself would. */
class IamProxy {
  private readonly functions: FunctionCode;

  constructor(
    private readonly upstream: Upstream,
    private readonly sessions: RoleSessions,
    private readonly authorizer: Authorizer,
    private readonly region: string,
  ) {
    this.functions = new FunctionCode(upstream);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.functions.serve(request, response)) return;
    const s3 = asS3Request(request);
    const signer = signerOf(request.headers, s3.query);
    const service = signer?.service ?? (looksLikeS3(s3) ? "s3" : "");
    try {
      if (signer === undefined && service === "s3")
        throw new RefusedError("AccessDenied", "The request is not signed with Signature Version 4.");
      const session = signer === undefined ? undefined : this.authorizer.sessionOf(signer);
      if (service === "s3") await this.handleS3(request, response, s3, session);
      else if (service === "sts" || session !== undefined) await this.handleCall(request, response, service, session);
      else if (service === "lambda") await this.functions.forward(request, response);
      else if (!answerUnsupportedCall(request, response)) await this.stream(request, response);
    } catch (error) {
      const refused = error instanceof URIError ? new RefusedError("AccessDenied", "The path is malformed.") : error;
      if (!(refused instanceof RefusedError)) throw error;
      // The rest of the upload is read and dropped: a connection cut in mid-upload would hide the answer.
      request.resume();
      sendRefusal(response, service, s3.method, refused);
    }
  }

  private async handleS3(
    request: IncomingMessage,
    response: ServerResponse,
    s3: S3Request,
    session: RoleSession | undefined,
  ): Promise<void> {
    if (session !== undefined && isDeleteObjects(s3)) return this.deleteObjects(request, response, s3, session);
    if (session !== undefined) await this.authorizer.check(session, accessRequestsOf(s3));
    return this.stream(request, response);
  }

  /** Calls to other services are small: the body says what is asked, and STS's answer which session to remember. */
  private async handleCall(
    request: IncomingMessage,
    response: ServerResponse,
    service: string,
    session: RoleSession | undefined,
  ): Promise<void> {
    const body = await this.read(request, response);
    const text = body.toString("utf8");
    if (session !== undefined) {
      const target = request.headers["x-amz-target"];
      const accountId = accountOf(session.roleArn);
      const call = { service, region: this.region, accountId, target: one(target), body: text };
      await this.authorizer.check(session, serviceAccessRequests(call));
    }
    const headers = passedOn(request.rawHeaders, ["transfer-encoding", "content-length"]);
    const answer = await this.upstream.send(
      {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        headers: { ...headers, "Content-Length": body.length },
      },
      body,
    );
    const answerBody = await readBody(answer, MAX_BUFFERED_BYTES);
    if (service === "sts" && answer.statusCode === 200) this.sessions.remember(text, answerBody.toString("utf8"));
    response.writeHead(answer.statusCode ?? 502, lengthOf(answer, answerBody));
    response.end(answerBody);
  }

  private async deleteObjects(
    request: IncomingMessage,
    response: ServerResponse,
    s3: S3Request,
    session: RoleSession,
  ): Promise<void> {
    const body = (await this.read(request, response)).toString("utf8");
    const { bucket } = s3Address(s3);
    const allowed = await splitDeletion(this.authorizer, session, bucket, body);
    if (allowed.body === undefined) {
      response.writeHead(200, { "content-type": "application/xml" });
      response.end(withErrors(NOTHING_DELETED, allowed.errors));
      return;
    }
    const kept = Buffer.from(allowed.body, "utf8");
    // The checksums cover the body that the client sent.
    const checksums = Object.keys(request.headers).filter((name) => /^content-md5$|^x-amz-checksum-/.test(name));
    const headers = passedOn(request.rawHeaders, ["transfer-encoding", "content-length", ...checksums]);
    const answer = await this.upstream.send(
      { method: s3.method, path: request.url ?? "/", headers: { ...headers, "Content-Length": kept.length } },
      kept,
    );
    const merged = Buffer.from(
      withErrors((await readBody(answer, MAX_BUFFERED_BYTES)).toString("utf8"), allowed.errors),
    );
    response.writeHead(answer.statusCode ?? 502, lengthOf(answer, merged));
    response.end(merged);
  }

  private async stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    invite(request, response);
    const answer = await this.upstream.send(
      { method: request.method ?? "GET", path: request.url ?? "/", headers: passedOn(request.rawHeaders) },
      request,
    );
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.rawHeaders));
    await pipeline(answer, response);
  }

  private read(request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
    invite(request, response);
    return readBody(request, MAX_BUFFERED_BYTES);
  }
}

/** Asks a client that holds back its body (`Expect: 100-continue`) for it. */
function invite(request: IncomingMessage, response: ServerResponse): void {
  if (/100-continue/i.test(request.headers.expect ?? "")) response.writeContinue();
}

function asS3Request({ method = "GET", url = "/", headers }: IncomingMessage): S3Request {
  const [path = "/", query = ""] = url.split(/\?(.*)/s, 2);
  return { method, path, query: new URLSearchParams(query), headers };
}

/** An unsigned request is for S3 unless it is marked as another service's or as the emulator's own. */
function looksLikeS3({ path, headers }: S3Request): boolean {
  const form = /^application\/x-www-form-urlencoded/.test(headers["content-type"] ?? "");
  return !(form || headers["x-amz-target"] !== undefined || /^\/moto-api\b|\/\.well-known\//.test(path));
}

function lengthOf(answer: IncomingMessage, body: Buffer) {
  return { ...passedOn(answer.rawHeaders, ["transfer-encoding", "content-length"]), "Content-Length": body.length };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function isConnectionFault(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return /^E(?:CONN|PIPE)|^ERR_STREAM_PREMATURE_CLOSE$/.test(code) || /client closed|hang up/.test(String(error));
}

/** The emulator lacks this call; deleting a pool deletes its resource servers anyway. */
const DELETE_RESOURCE_SERVER = "AWSCognitoIdentityProviderService.DeleteResourceServer";

/**
 * Answers calls that Terraform needs and the emulator lacks: without an answer the provider would retry for most of an
 * hour, and nothing could be destroyed.
 * @returns whether the request was answered.
 */
export function answerUnsupportedCall(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers["x-amz-target"] !== DELETE_RESOURCE_SERVER) return false;
  request.resume();
  response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
  response.end("{}");
  return true;
}
