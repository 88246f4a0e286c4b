import { ADMINISTRATOR } from "./child-environment";

/** What every AWS SDK client of the sandbox is made with. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Clients that act as the emulated account's administrator. */
export function administratorConfig(endpoint: string, region: string): ClientConfig {
  return { endpoint, region, credentials: ADMINISTRATOR };
}
