import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { administratorConfig } from "../process/administrator";
import { readBody, serveOnLoopback } from "../process/loopback-server";
import { Authorizer, accountOf, type RoleSession, RoleSessions } from "./authorizer";
import { ClientSecrets } from "./cognito/client-secrets";
import { CognitoControlPlane } from "./cognito/control-plane";
import { IdentityPools } from "./cognito/identity-pools";
import { NOTHING_DELETED, splitDeletion, withErrors } from "./delete-objects";
import { FunctionCode } from "./function-code";
import { partitionKeyReader } from "./partition-keys";
import { RefusedError, sendRefusal, sendUnavailable } from "./refusals";
import type { ReadRolePolicies } from "./role-policies";
import { accessRequestsOf, isDeleteObjects, type S3Request, s3Address } from "./s3-request";
import { FrontPlace, type ServiceFront } from "./service-front";
import { serviceAccessRequests } from "./service-request";
import { signerOf } from "./signer";
import type { PartitionKeyOf } from "./table-request";
import { passedOn, sendWhole, Upstream } from "./upstream";

const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

export interface AwsEndpoint {
  /** What `AWS_ENDPOINT_URL` is set to. */
  readonly url: string;
  /** What was configured here of identity pools, which the emulator does not know. */
  readonly identityPools: IdentityPools;
  /** The secrets of app clients, of which the emulator knows one each. */
  readonly clientSecrets: ClientSecrets;
  /** The sessions that it enforces. */
  readonly sessions: RoleSessions;
  /** Has a part of AWS answered in the emulator's place from now on. */
  mount(front: ServiceFront): void;
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
  const authorizer = new Authorizer(sessions, options.readRolePolicies);
  const identityPools = new IdentityPools();
  const clientSecrets = new ClientSecrets(options.now);
  const cognito = new CognitoControlPlane(upstream, identityPools, clientSecrets);
  const dynamodb = new DynamoDBClient(administratorConfig(options.emulatorUrl, options.region));
  const partitionKeyOf = partitionKeyReader(dynamodb);
  const proxy = new IamProxy(upstream, sessions, authorizer, options.region, partitionKeyOf, cognito);
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
    identityPools,
    clientSecrets,
    sessions,
    mount: (front) => proxy.mount(front),
    close: async () => {
      upstream.close();
      await server.close();
    },
  };
}

/** Decides, forwards, and answers refusals as the service itself would. */
class IamProxy {
  private readonly functions: FunctionCode;
  private readonly place: FrontPlace;

  constructor(
    private readonly upstream: Upstream,
    private readonly sessions: RoleSessions,
    private readonly authorizer: Authorizer,
    private readonly region: string,
    private readonly partitionKeyOf: PartitionKeyOf,
    private readonly cognito: CognitoControlPlane,
  ) {
    this.functions = new FunctionCode(upstream);
    this.place = new FrontPlace(upstream);
  }

  mount(front: ServiceFront): void {
    this.place.front = front;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.functions.serve(request, response)) return;
    const s3 = asS3Request(request);
    const signer = signerOf(request.headers, s3.query);
    const service = signer?.service ?? unsignedService(s3);
    try {
      if (await this.place.answer(request, response, signer)) return;
      if (signer === undefined && service === "s3")
        throw new RefusedError("AccessDenied", "The request is not signed with Signature Version 4.");
      const session = signer === undefined ? undefined : this.authorizer.sessionOf(signer);
      if (service === "s3") await this.handleS3(request, response, s3, session);
      else if (signer === undefined && service === "sts") await this.handleUnsignedCall(request, response);
      else if (service === "sts" || session !== undefined) await this.handleCall(request, response, service, session);
      else if (service === "lambda") await this.functions.forward(request, response);
      else if (signer === undefined || !(await this.cognito.answer(request, response)))
        await this.stream(request, response);
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

  /** Whoever assumes a role by a token has no key to sign with; all else of the query services needs one. */
  private async handleUnsignedCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await this.read(request, response)).toString("utf8");
    if (await this.place.answerQuery(body, response)) return;
    throw new RefusedError("AccessDenied", "Request is missing Authentication Token");
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
    if (service === "sts" && (await this.place.answerQuery(text, response))) return;
    if (session !== undefined) {
      const target = request.headers["x-amz-target"];
      const accountId = accountOf(session.roleArn);
      const { method = "GET", url = "/" } = request;
      const place = { region: this.region, accountId, method, path: url.split("?")[0] ?? "/" };
      const call = { service, ...place, target: one(target), body: text };
      await this.authorizer.check(session, await serviceAccessRequests(call, this.partitionKeyOf));
    }
    const answer = await this.upstream.exchange(request, body, MAX_BUFFERED_BYTES);
    if (service === "sts" && answer.status === 200) this.sessions.remember(text, answer.body.toString("utf8"));
    sendWhole(response, answer);
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
    const answer = await this.upstream.exchange(request, kept, MAX_BUFFERED_BYTES, checksums);
    sendWhole(response, { ...answer, body: Buffer.from(withErrors(answer.body.toString("utf8"), allowed.errors)) });
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
function unsignedService({ path, headers }: S3Request): "s3" | "sts" | "" {
  if (/^application\/x-www-form-urlencoded/.test(headers["content-type"] ?? "")) return "sts";
  return headers["x-amz-target"] !== undefined || /^\/moto-api\b|\/\.well-known\//.test(path) ? "" : "s3";
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function isConnectionFault(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return /^E(?:CONN|PIPE)|^ERR_STREAM_PREMATURE_CLOSE$/.test(code) || /client closed|hang up/.test(String(error));
}
