import type { ClientConfig } from "../process/client-config";

/** An answer of the token endpoint or the vending API other than success. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`HTTP ${status}: ${code}`);
  }
}

type Settings = Readonly<Record<string, string>>;

/**
 * Gets an access token as a server does; for all of its scopes, or for the ones named without the resource server.
 * @throws {OAuthError} where the endpoint refuses.
 */
export async function requestToken(settings: Settings, scopes: readonly string[] = []): Promise<string> {
  const { COGNITO_CLIENT_ID: id, COGNITO_CLIENT_SECRET: secret, COGNITO_RESOURCE_SERVER: server } = settings;
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scopes.length > 0) form.set("scope", scopes.map((scope) => `${server}/${scope}`).join(" "));
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const answer = await post(settings.COGNITO_TOKEN_ENDPOINT, form, { authorization });
  return String(answer.access_token);
}

/**
 * Trades a token for credentials, and gives the configuration of an AWS SDK client that uses them at `endpoint`.
 * @throws {OAuthError} where the API refuses.
 */
export async function requestCredentials(settings: Settings, token: string, endpoint: string): Promise<ClientConfig> {
  const body = JSON.stringify({ access_token: token });
  const answer = await post(settings.COGNITO_CREDENTIAL_API_URL, body, { "content-type": "application/json" });
  const credentials = answer.credentials as Readonly<Record<string, string>>;
  return {
    endpoint,
    region: String(answer.aws_region),
    credentials: {
      accessKeyId: credentials.access_key_id ?? "",
      secretAccessKey: credentials.secret_access_key ?? "",
      sessionToken: credentials.session_token ?? "",
    },
  };
}

async function post(url: string | undefined, body: string | URLSearchParams, headers: Record<string, string>) {
  const response = await fetch(url ?? "", { method: "POST", body, headers, signal: AbortSignal.timeout(30_000) });
  const answer = (await response.json()) as Readonly<Record<string, unknown>>;
  if (!response.ok) throw new OAuthError(response.status, String(answer.error ?? answer.message));
  return answer;
}
