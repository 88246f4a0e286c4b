import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ClientRole, clientRoleItem } from "../../../access/client-role";
import { CLIENT_ID } from "./tokens";

export interface Answer {
  readonly status?: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}
/** "hang": no answer ever; "reset": the connection ends without one; "cut": it ends in the middle of the healthy one. */
export type Behaviour = Answer | "hang" | "reset" | "cut";
/** "dynamodb" is what reads the two tables, "activity" what writes to the third. */
export type Service = "jwks" | "dynamodb" | "activity" | "sts";

export const ROLE_PREFIX = "arn:aws:iam::123456789012:role/oidc-s3-cognito-dev-";
export const SECRET_KEY = "stubSecretAccessKey+0123456789/abcdefghijkl";

export const CLIENT_ROLE: ClientRole = {
  clientId: CLIENT_ID,
  serverName: "backup-server-01",
  roleArn: `${ROLE_PREFIX}backup-server-01`,
  s3PathPrefix: "backups/server-01/",
  s3Permissions: "read-write",
  allowedScopes: ["write", "read"],
  maxSessionDuration: 3600,
};

export const TABLES = { roles: "oidc-s3-dev-client-roles", controls: "oidc-s3-dev-client-controls" } as const;

const DYNAMODB_JSON = { "content-type": "application/x-amz-json-1.0" };

/** What the tables answer for one client and no other. */
export function itemAnswer(role: unknown, control?: unknown): Answer {
  const Responses = { [TABLES.roles]: [role], [TABLES.controls]: control === undefined ? [] : [control] };
  return { body: JSON.stringify({ Responses, UnprocessedKeys: {} }) };
}

export function stsAnswer(fields: Readonly<Record<string, string>> = {}): Answer {
  const credentials = {
    AccessKeyId: "ASIASTUBSTUBSTUBSTUB",
    SecretAccessKey: SECRET_KEY,
    SessionToken: "stubSessionToken==",
    Expiration: "2099-11-21T10:00:00Z",
    ...fields,
  };
  const xml = Object.entries(credentials).map(([name, value]) => `<${name}>${value}</${name}>`);
  return {
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${xml.join("")}</Credentials><PackedPolicySize>12</PackedPolicySize></AssumeRoleResult></AssumeRoleResponse>`,
    headers: { "content-type": "text/xml" },
  };
}

export function stsError(status: number, code: string, message: string): Answer {
  return {
    status,
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>0d9a6a30</RequestId></ErrorResponse>`,
    headers: { "content-type": "text/xml" },
  };
}

export function dynamodbError(status: number, code: string, message: string): Answer {
  return {
    status,
    body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message }),
    headers: DYNAMODB_JSON,
  };
}

/** Cognito's keys, DynamoDB and STS on one loopback port, each of which can be made to misbehave. */
export class CloudStub {
  readonly behaviour: Record<Service, Behaviour>;
  readonly calls: Record<Service, number> = { jwks: 0, dynamodb: 0, activity: 0, sts: 0 };
  /** Paths that nothing should ask for, such as an attacker's own JWKS. */
  readonly strayPaths: string[] = [];
  lastAssumeRole = new URLSearchParams();
  lastRead: Readonly<Record<string, unknown>> = {};
  lastActivity: Readonly<Record<string, unknown>> = {};
  private readonly server: Server;

  constructor(private readonly jwks: unknown) {
    this.behaviour = this.healthy();
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  healthy(): Record<Service, Behaviour> {
    return {
      jwks: { body: JSON.stringify(this.jwks) },
      dynamodb: itemAnswer(clientRoleItem(CLIENT_ROLE)),
      activity: { body: "{}", headers: DYNAMODB_JSON },
      sts: stsAnswer(),
    };
  }

  async start(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  /** Healthy again, with nothing counted. */
  reset(): void {
    Object.assign(this.behaviour, this.healthy());
    Object.assign(this.calls, { jwks: 0, dynamodb: 0, activity: 0, sts: 0 });
    this.strayPaths.length = 0;
    this.lastAssumeRole = new URLSearchParams();
    this.lastRead = {};
    this.lastActivity = {};
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const service = this.serviceOf(request, Buffer.concat(chunks).toString("utf8"));
    if (!service) {
      this.strayPaths.push(request.url ?? "");
      response.writeHead(404).end();
      return;
    }
    this.calls[service] += 1;
    const behaviour = this.behaviour[service];
    if (behaviour === "hang") return;
    if (behaviour === "reset") {
      request.socket.destroy();
      return;
    }
    if (behaviour === "cut") {
      const { body, headers } = this.healthy()[service] as Answer;
      response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(body) });
      response.write(body.slice(0, body.length / 2), () => request.socket.destroy());
      return;
    }
    const contentType = service === "dynamodb" ? "application/x-amz-json-1.0" : "application/json";
    const known = service !== "dynamodb" || behaviour.status || this.lastReadClient() === CLIENT_ID;
    response.writeHead(behaviour.status ?? 200, { "content-type": contentType, ...behaviour.headers });
    response.end(known ? behaviour.body : '{"Responses":{},"UnprocessedKeys":{}}');
  }

  private serviceOf(request: IncomingMessage, body: string): Service | undefined {
    if (request.method === "GET" && request.url === "/pool/jwks.json") return "jwks";
    if (request.method !== "POST" || request.url !== "/") return undefined;
    if (request.headers["x-amz-target"] === "DynamoDB_20120810.BatchGetItem") {
      this.lastRead = JSON.parse(body);
      return "dynamodb";
    }
    if (request.headers["x-amz-target"] === "DynamoDB_20120810.UpdateItem") {
      this.lastActivity = JSON.parse(body);
      return "activity";
    }
    this.lastAssumeRole = new URLSearchParams(body);
    return this.lastAssumeRole.get("Action") === "AssumeRole" ? "sts" : undefined;
  }

  private lastReadClient(): unknown {
    const tables = this.lastRead.RequestItems as Readonly<Record<string, { Keys: { client_id?: { S?: unknown } }[] }>>;
    return Object.values(tables)[0]?.Keys[0]?.client_id?.S;
  }
}
