import type { OutgoingHttpHeaders } from "node:http";
import type { Claims } from "./authorizer";
import type { DeployedMethod, DeployedStage } from "./deployed-api";

/** A request that has found its method and may call it. */
export interface GatewayRequest {
  readonly apiId: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly now: Date;
  readonly stage: DeployedStage;
  readonly route: DeployedMethod;
  /** Of the token; undefined where the method asks for none. */
  readonly claims: Claims | undefined;
  readonly httpMethod: string;
  /** Without the stage. */
  readonly path: string;
  /** As they stand in the path, encoded or not. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** What follows the question mark; empty where there is none. */
  readonly query: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

/** What a backend answers. */
export interface BackendAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}
