import { get } from "node:http";
import { text } from "node:stream/consumers";
import type { ClientConfig } from "../../../sandbox/process/administrator";

/** Where jest's global setup answers the workers. */
export const SHARED_CLOUD_VARIABLE = "E2E_SHARED_CLOUD";

/** How a suite works on the cloud that it shares with others. It must change nothing that another suite sees. */
export interface CloudConnection {
  /** What `AWS_ENDPOINT_URL` is set to. */
  readonly awsEndpoint: string;
  /** For an AWS SDK client that works as the administrator. */
  readonly clientConfig: ClientConfig;
  /** The environment of a Terraform, cdktf or AWS CLI process that works as the administrator. */
  readonly env: NodeJS.ProcessEnv;
  readonly bucket: string;
  /** What each server's client is configured with, the secret included. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly api: ApiConnection;
  /** The cloud's folder, which holds its logs. */
  readonly folder: string;
}

/** The `api` layer of the shared cloud, as `environments/local` has it. */
export interface ApiConnection {
  /** In the place of the output `api_endpoint`. */
  readonly endpoint: string;
  readonly issuer: string;
  /** What each client has in its environment, the secret included. */
  readonly clients: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Answers claims in JSON with a token that is signed by the key of the pool that its path names: /api, /foundation. */
  readonly signer: string;
}

/**
 * The deployed cloud that one run's suites share; the first that asks has it started.
 * @throws {Error} with what went wrong where it does not start, for every suite that asks.
 */
export async function connectToSharedCloud(): Promise<CloudConnection> {
  const address = process.env[SHARED_CLOUD_VARIABLE];
  if (address === undefined) throw new Error("there is no shared cloud: jest's global setup did not run");
  // Not fetch, which gives up after five minutes without an answer.
  const { status, body } = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    get(address, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    }).once("error", reject);
  });
  if (status !== 200) throw new Error(`the shared cloud did not start: ${body}`);
  return JSON.parse(body);
}
