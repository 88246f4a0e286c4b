import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { LoopbackServer } from "./loopback";

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, an object as JSON. */
  readonly body?: unknown;
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
  /** Cuts the connection and answers nothing. */
  readonly cut?: boolean;
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A token endpoint and a vending API on loopback that answer as a test wants, and remember what they were asked. */
export class FakeServices extends LoopbackServer {
  readonly tokenRequests: Received[] = [];
  readonly vendingRequests: Received[] = [];
  /** How the next requests are answered; the good answers when empty. */
  token: ((request: Received) => Reply) | undefined;
  vending: ((request: Received) => Reply) | undefined;
  lifeSeconds = 3600;
  /** Added to the clock that the services show in Date headers and expirations. */
  clockOffsetMs = 0;
  #vended = 0;
  protected readonly server: Server;

  constructor() {
    super();
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        this.#serve(
          { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() },
          response,
        ),
      );
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The settings of a client of these services, as its environment has them. */
  get environment(): Record<string, string> {
    return {
      IDP_TYPE: "cognito",
      COGNITO_TOKEN_ENDPOINT: `${this.origin}/oauth2/token`,
      COGNITO_CLIENT_ID: "1abc2defg3hij4klmno5pqrs6",
      COGNITO_CLIENT_SECRET: "s3cret-of-the-client",
      COGNITO_RESOURCE_SERVER: "https://s3-uploader.dev.oidc-s3",
      COGNITO_CREDENTIAL_API_URL: `${this.origin}/credentials`,
      AWS_REGION: "eu-west-1",
    };
  }

  /** The vending API's good answer: each has an access key id of its own, ending in its number. */
  vendedBody(
    lifeSeconds = this.lifeSeconds,
  ): { readonly credentials: Record<string, string> } & Record<string, unknown> {
    this.#vended++;
    return {
      credentials: {
        access_key_id: `ASIAFAKE${String(this.#vended).padStart(4, "0")}`,
        secret_access_key: `secret/key+${this.#vended}`,
        session_token: `session/token+${this.#vended}`,
        expiration: new Date(Date.now() + this.clockOffsetMs + lifeSeconds * 1000).toISOString(),
      },
      s3_bucket: "uploads",
      s3_path_prefix: "logs/",
      aws_region: "eu-west-1",
    };
  }

  tokenBody(): { access_token: string; expires_in: number; token_type: string } {
    return { access_token: `header.${this.tokenRequests.length}.signature`, expires_in: 3600, token_type: "Bearer" };
  }

  #serve(request: Received, response: ServerResponse): void {
    const isToken = request.path === "/oauth2/token";
    (isToken ? this.tokenRequests : this.vendingRequests).push(request);
    const reply = (isToken ? this.token : this.vending)?.(request) ?? {};
    if (reply.cut) {
      response.destroy();
      return;
    }
    const body = reply.body ?? (isToken ? this.tokenBody() : this.vendedBody());
    const timer = setTimeout(() => {
      response.writeHead(reply.status ?? 200, {
        "content-type": typeof body === "string" ? "text/html" : "application/json",
        date: new Date(Date.now() + this.clockOffsetMs).toUTCString(),
        ...reply.headers,
      });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    }, reply.delayMs ?? 0);
    response.on("close", () => clearTimeout(timer));
  }
}
