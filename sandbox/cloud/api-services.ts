import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { appClientsOf } from "../cognito/app-clients";
import { startTokenEndpoint } from "../cognito/token-endpoint";
import { administratorConfig, type ClientConfig } from "../process/administrator";
import { type ServedRestApi, serveRestApi } from "../rest-api/served-rest-api";
import type { ApiOutputs } from "../terraform/layer-outputs";

export interface ApiServicesOptions {
  /** The folder for the functions' code and log. */
  readonly folder: string;
  readonly awsEndpoint: string;
  readonly outputs: ApiOutputs;
  readonly report: (error: unknown) => void;
}

/** What the emulator does not offer of the `api` layer: its user pool's token endpoint, and its REST API. */
export interface ApiServices {
  /** In the place of the output `cognito_domain`; `/oauth2/token` is below it. */
  readonly domain: string;
  /** In the place of the output `api_endpoint`: it ends with a slash. Undefined where there is no REST API. */
  readonly endpoint: string | undefined;
  readonly functionLog: string | undefined;
  /** Where the user pool's keys are. */
  readonly jwksUri: string;
  /** A token with any claims, signed with the user pool's key. */
  signToken(claims: Readonly<Record<string, unknown>>): string;
  /** Serves what is deployed now. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

export async function startApiServices(options: ApiServicesOptions): Promise<ApiServices> {
  const { folder, awsEndpoint, outputs, report } = options;
  const { user_pool_id: userPoolId, issuer_url: issuer, api_endpoint: deployedEndpoint } = outputs;
  const clientConfig = administratorConfig(awsEndpoint, regionOf(userPoolId));
  const findClient = appClientsOf(new CognitoIdentityProviderClient(clientConfig), userPoolId);
  const tokens = await startTokenEndpoint({ userPoolId, issuer, findClient, report });
  const jwksUriOf = (id: string) => (id === userPoolId ? tokens.jwksUri : undefined);
  let restApi: ServedRestApi | undefined;
  let endpoint: string | undefined;
  if (deployedEndpoint !== undefined) {
    const { hostname, pathname } = new URL(deployedEndpoint);
    const apiId = hostname.split(".")[0] ?? "";
    restApi = await serveRestApi({
      apiId,
      accountId: await accountIdOf(clientConfig),
      clientConfig,
      folder,
      jwksUriOf,
      report,
    });
    endpoint = restApi.endpointOf(pathname.split("/")[1] ?? "");
  }
  return {
    domain: new URL(tokens.url).origin,
    endpoint,
    functionLog: restApi?.functionLog,
    jwksUri: tokens.jwksUri,
    signToken: (claims) => tokens.sign(claims),
    renew: async () => restApi?.renew(),
    stop: async () => {
      await Promise.all([tokens.close(), restApi?.stop()]);
    },
  };
}

/** A user pool's id begins with its region. */
function regionOf(userPoolId: string): string {
  return userPoolId.split("_")[0] ?? "";
}

async function accountIdOf(clientConfig: ClientConfig): Promise<string> {
  const { Account = "" } = await new STSClient(clientConfig).send(new GetCallerIdentityCommand({}));
  return Account;
}
