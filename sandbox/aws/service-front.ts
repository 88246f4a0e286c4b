import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody, sendJson } from "../process/loopback-server";
import type { Signer } from "./signer";
import type { Upstream } from "./upstream";

const MAX_CALL_BYTES = 1024 * 1024;
const JSON_1_1 = "application/x-amz-json-1.1";

/** An answer in the place of the emulator's. */
export interface ServiceAnswer {
  readonly status: number;
  /** Of STS the document, of any other service the value that becomes JSON. */
  readonly body: unknown;
}

export interface ServiceCall {
  /** Like `AWSCognitoIdentityProviderService.InitiateAuth`, or of STS `AssumeRoleWithWebIdentity`. */
  readonly operation: string;
  readonly body: string;
  /** Asks the emulator, with this body in the place of the call's own. */
  readonly forward: (body: string) => Promise<ServiceAnswer>;
}

/** A part of AWS that is answered in the emulator's place. */
export interface ServiceFront {
  /** Who may ask for an operation that is answered here; undefined where it is the emulator's. */
  kindOf(operation: string): "public" | "administrator" | undefined;
  answer(call: ServiceCall): Promise<ServiceAnswer>;
  /** What anybody may read at a path, like a user pool's keys; undefined where there is nothing of this part. */
  document(path: string): unknown;
}

/** Where such a part is mounted, once there is one. */
export class FrontPlace {
  front: ServiceFront | undefined;

  constructor(private readonly upstream: Upstream) {}

  /**
   * Answers a call of a JSON protocol, or a document without a signature.
   * @returns whether it was one of the mounted part's.
   */
  async answer(request: IncomingMessage, response: ServerResponse, signer: Signer | undefined): Promise<boolean> {
    const { front } = this;
    if (front === undefined) return false;
    const operation = String(request.headers["x-amz-target"] ?? "");
    const document = request.method === "GET" && signer === undefined ? front.document(request.url ?? "/") : undefined;
    const kind = front.kindOf(operation);
    if (document !== undefined) sendJson(response, 200, document);
    else if (kind === undefined) return false;
    else if (kind === "administrator" && signer === undefined) {
      request.resume();
      const __type = "MissingAuthenticationTokenException";
      send(response, { status: 400, body: { __type, message: "Missing Authentication Token" } });
    } else if (kind === "administrator" && signer?.accessKeyId.startsWith("ASIA")) {
      // A session's role allows none of these calls, and the proxy says so.
      return false;
    } else {
      const body = (await readBody(request, MAX_CALL_BYTES)).toString("utf8");
      send(response, await front.answer({ operation, body, forward: (changed) => this.forward(request, changed) }));
    }
    return true;
  }

  /** Answers a call to STS whose body has been read. @returns whether it was one of the mounted part's. */
  async answerQuery(body: string, response: ServerResponse): Promise<boolean> {
    const operation = new URLSearchParams(body).get("Action") ?? "";
    if (this.front === undefined || this.front.kindOf(operation) === undefined) return false;
    const forward = () => Promise.reject(new Error(`${operation} is not the emulator's`));
    const { status, body: document } = await this.front.answer({ operation, body, forward });
    response.writeHead(status, { "content-type": "text/xml" });
    response.end(document);
    return true;
  }

  private async forward(request: IncomingMessage, body: string): Promise<ServiceAnswer> {
    const answer = await this.upstream.exchange(request, Buffer.from(body, "utf8"), MAX_CALL_BYTES);
    return { status: answer.status, body: JSON.parse(answer.body.toString("utf8") || "{}") };
  }
}

function send(response: ServerResponse, { status, body }: ServiceAnswer): void {
  const { __type: error } = body as { __type?: string };
  sendJson(response, status, body, {
    "content-type": JSON_1_1,
    ...(error === undefined ? {} : { "x-amzn-errortype": error }),
  });
}
