import { SCOPES, scopesOf } from "../../access/permission-level";
import type { ServerConfig } from "../../config/schema/types";
import type { Cloud } from "../cloud/cloud";
import type { ClientConfig } from "../process/administrator";
import { type CheckRow, type Verdict, verdictOf } from "./checks";
import { BucketTrials, type Operation } from "./object-checks";

/** An error that the token endpoint or the vending API answered with. */
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
 * Gets an access token as a server does, for all of its scopes by default; `scopes` omit the resource server.
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
 * Trades a token for credentials, and returns the configuration of an AWS SDK client that uses them at `endpoint`.
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

/** What one server gets for its client id and secret, and what it must not get. */
export async function tokenRows(cloud: Cloud, server: ServerConfig): Promise<CheckRow[]> {
  const settings = cloud.settingsOf(server.name);
  const scopes = scopesOf(server.s3Permissions);
  const missing = SCOPES.find((scope) => !scopes.includes(scope));
  const wrongSecret = { ...settings, COGNITO_CLIENT_SECRET: `${settings.COGNITO_CLIENT_SECRET}x` };
  const row = (operation: string, where: string, expected: CheckRow["expected"], verdict: Verdict): CheckRow => ({
    subject: server.name,
    operation,
    where,
    expected,
    verdicts: [verdict],
  });
  const atTokenEndpoint = (attempt: () => Promise<unknown>, code: string) =>
    verdictOf("token endpoint", attempt, refusedWith(code));
  const vend = async () => {
    await requestCredentials(settings, await requestToken(settings), cloud.awsEndpoint);
  };
  return [
    row("token", "its own secret", "allowed", await atTokenEndpoint(() => requestToken(settings), "invalid_client")),
    row("token", "a wrong secret", "refused", await atTokenEndpoint(() => requestToken(wrongSecret), "invalid_client")),
    ...(missing === undefined
      ? []
      : [
          row(
            "token",
            `scope ${missing}`,
            "refused",
            await atTokenEndpoint(() => requestToken(settings, [missing]), "invalid_scope"),
          ),
        ]),
    row("credentials", "for its token", "allowed", await verdictOf("vending API", vend, refusedWith("unknown_client"))),
  ];
}

/** A token with the read scope alone yields credentials that cannot write, though the role could. */
export async function narrowedRows(cloud: Cloud, server: ServerConfig): Promise<CheckRow[]> {
  if (!scopesOf(server.s3Permissions).includes("read")) return [];
  const settings = cloud.settingsOf(server.name);
  const token = await requestToken(settings, ["read"]);
  const config = await requestCredentials(settings, token, cloud.awsEndpoint);
  const trials = new BucketTrials(config, cloud.foundation.bucket_name, "policy evaluation");
  const row = async (operation: Operation, expected: CheckRow["expected"]): Promise<CheckRow> => ({
    subject: server.name,
    operation,
    where: "inside, token for read alone",
    expected,
    verdicts: [await trials.try(operation, server.s3PathPrefix)],
  });
  const rows = [await row("get", "allowed"), await row("put", "refused")];
  trials.close();
  return rows;
}

/** For `verdictOf`: that it is a refusal with this code. */
export function refusedWith(code: string) {
  return (error: unknown): string | undefined =>
    error instanceof OAuthError && error.code === code ? `${error.status} ${code}` : undefined;
}
