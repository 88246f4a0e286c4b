import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { type AcceptedSecrets, appClientsOf } from "../cognito/app-clients";
import { startTokenEndpoint } from "../cognito/token-endpoint";
import { startApiGateway } from "../lambda/api-gateway";
import { readDeployedFunction } from "../lambda/deployed-function";
import { createLambdaFunction } from "../lambda/lambda-function";
import { administratorConfig } from "../process/administrator";

export interface ServicesOptions {
  /** The folder for the function's code and its log. */
  readonly folder: string;
  readonly awsEndpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly userPoolId: string;
  readonly acceptedSecrets: AcceptedSecrets;
  readonly issuer: string;
  readonly functionName: string;
  /** The deployed API's address; the function's events carry its host name. */
  readonly apiUrl: string;
  readonly report: (error: unknown) => void;
}

/** What the emulator does not offer: a token endpoint, and a vending API that runs the function. */
export interface Services {
  readonly tokenEndpoint: string;
  readonly apiUrl: string;
  readonly functionLog: string;
  /** Tokens issued and API requests received since the start. */
  counts(): { readonly tokens: number; readonly vendingRequests: number };
  /** A token with any claims, signed with the pool's key. */
  signToken(claims: Readonly<Record<string, unknown>>): string;
  /** Ends the function's instances: the next request runs what is deployed now. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

export async function startServices(options: ServicesOptions): Promise<Services> {
  const { folder, awsEndpoint, region, accountId, userPoolId, issuer, functionName, report } = options;
  const clientConfig = administratorConfig(awsEndpoint, region);
  const findClient = appClientsOf(new CognitoIdentityProviderClient(clientConfig), userPoolId, options.acceptedSecrets);
  const tokens = await startTokenEndpoint({ userPoolId, issuer, findClient, report });
  const redirections = { AWS_ENDPOINT_URL: awsEndpoint, JWKS_URI: tokens.jwksUri };
  const functionLog = join(folder, "vending-function.log");
  const log = createWriteStream(functionLog, { flags: "a", mode: 0o600 });
  const vending = createLambdaFunction(
    () => readDeployedFunction({ clientConfig, functionName, redirections }, join(folder, "functions")),
    log,
  );
  const domainName = new URL(options.apiUrl).hostname;
  const identity = { accountId, domainName, apiId: domainName.split(".")[0] ?? "" };
  const api = await startApiGateway(vending, identity, report);
  return {
    tokenEndpoint: tokens.url,
    apiUrl: api.url,
    functionLog,
    counts: () => ({ tokens: tokens.issued(), vendingRequests: api.requests() }),
    signToken: (claims) => tokens.sign(claims),
    renew: () => vending.recycle(),
    stop: async () => {
      await Promise.all([tokens.close(), api.close()]);
      await vending.stop();
      await new Promise((resolve) => log.end(resolve));
    },
  };
}
