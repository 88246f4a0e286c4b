import type { Cloud } from "../cloud/cloud";

/**
 * What the documented commands take from the environment (CLIENT_SECRETE is how one of them spells it), and what
 * `oidc-s3` does.
 */
export function apiVariables({ api, apiServices }: Cloud, client: string): Record<string, string> {
  const id = api.client_ids[client];
  const secret = api.client_secrets[client];
  if (id === undefined || secret === undefined) {
    throw new Error(`there is no client ${client}, only ${Object.keys(api.client_ids).join(", ")}`);
  }
  const { domain, endpoint } = apiServices;
  return {
    CLIENT_ID: id,
    CLIENT_SECRET: secret,
    CLIENT_SECRETE: secret,
    DOMAIN_NAME: domain,
    ...(endpoint === undefined ? {} : { API_ENDPOINT: endpoint }),
    IDP_TYPE: "cognito",
    COGNITO_CLIENT_ID: id,
    COGNITO_CLIENT_SECRET: secret,
    COGNITO_TOKEN_ENDPOINT: `${domain}/oauth2/token`,
  };
}
