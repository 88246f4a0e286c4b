import type { ClientConfig } from "../../../sandbox/process/administrator";
import { connectTo } from "./shared-processes";

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
export const connectToSharedCloud = () => connectTo<CloudConnection>("cloud");
