import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { appClientsOf } from "../cognito/app-clients";
import { startTokenEndpoint } from "../cognito/token-endpoint";
import type { Identity } from "../identity/mounted-identity";
import { peopleAtDomain } from "../identity/pages/people-at-domain";
import { administratorConfig } from "../process/administrator";
import type { UsersOutputs } from "../terraform/layer-outputs";

export interface UsersServicesOptions {
  /** The folder for the settings of people's clients. */
  readonly folder: string;
  readonly awsEndpoint: string;
  readonly outputs: UsersOutputs;
  readonly identity: Identity;
  readonly report: (error: unknown) => void;
}

/** What the `users` layer's user pool serves to people in a browser, and how a client of theirs finds all of it. */
export interface UsersServices {
  /** In the place of the output `domain`. */
  readonly domain: string;
  /** Where a browser signs in; undefined where the pool has no sign-in pages. */
  readonly loginUrl: string | undefined;
  /** What `oidc-s3 user configure --from` takes: the output `user_configuration`, with the addresses of this machine. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly settingsFile: string;
  /** Mails and text messages, a JSON object on each line. */
  readonly outboxFile: string | undefined;
  stop(): Promise<void>;
}

export async function startUsersServices(options: UsersServicesOptions): Promise<UsersServices> {
  const { folder, awsEndpoint, outputs, identity, report } = options;
  const { people, outbox } = identity;
  const { user_pool_id: userPoolId, issuer, region, client_id: clientId } = outputs.user_configuration;
  const hasPages = outputs.user_configuration.domain !== null;
  const cognito = new CognitoIdentityProviderClient(administratorConfig(awsEndpoint, region));
  const server = await startTokenEndpoint({
    userPoolId,
    issuer,
    findClient: appClientsOf(cognito, userPoolId),
    key: people.keys.of(issuer),
    ...(hasPages ? { people: peopleAtDomain(people, userPoolId) } : {}),
    report,
  });
  const { origin: domain } = new URL(server.url);
  const settings = {
    ...outputs.user_configuration,
    domain: hasPages ? domain : null,
    endpoints: { cognito_idp: awsEndpoint, cognito_identity: awsEndpoint, sts: awsEndpoint },
  };
  await mkdir(join(folder, "users"), { recursive: true, mode: 0o700 });
  const settingsFile = join(folder, "users", "settings.json");
  await writeFile(settingsFile, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  const [callback] = outputs.user_configuration.callback_urls;
  const query = { response_type: "code", client_id: clientId, redirect_uri: callback ?? "" };
  return {
    domain,
    loginUrl: hasPages && callback !== undefined ? `${domain}/login?${new URLSearchParams(query)}` : undefined,
    settings,
    settingsFile,
    outboxFile: outbox.file,
    stop: () => server.close(),
  };
}
