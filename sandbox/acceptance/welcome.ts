import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cloud } from "../cloud/cloud";
import { apiVariables } from "./api-variables";
import { paint, type Screen, wrapped } from "./screen";

/** The part of the administrator's environment that a second terminal needs to work on the same cloud. */
const ADMINISTRATOR_VARIABLES =
  /^(?:AWS_(?!CA_BUNDLE|EC2)|TF_CLI_CONFIG_FILE|CDKTF_(?:SKIP|DISABLE)|OIDC_S3_|NO_PROXY$|no_proxy$)/;

/** How another process works on the cloud. It holds no secret, but names the files that do. */
export interface Access {
  readonly awsEndpoint: string;
  /** The administrator's settings file. */
  readonly administrator: string;
  /** Where the servers' layer is deployed. */
  readonly tokenEndpoint?: string;
  readonly apiUrl?: string;
  readonly bucket?: string;
  readonly functionLog?: string;
  /** Each server's settings file. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where the `api` layer is deployed. */
  readonly api?: ApiAccess;
  /** Where the `users` layer is deployed. */
  readonly users?: UsersAccess;
}

export interface UsersAccess {
  /** Where people sign in with a browser. */
  readonly login?: string;
  /** For `oidc-s3 user configure --from`. */
  readonly settings: string;
  /** What Cognito would have mailed and texted. */
  readonly outbox?: string;
}

export interface ApiAccess {
  /** `/oauth2/token` is below it. */
  readonly domain: string;
  /** It ends with a slash. */
  readonly endpoint?: string;
  readonly functionLog?: string;
  /** Each client's settings file. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Writes the settings of every server, every client of the API and the administrator, readable by this user only. */
export async function access(cloud: Cloud, layers: readonly string[]): Promise<Access> {
  const { awsEndpoint, folder } = cloud;
  const variables = Object.entries(cloud.env).flatMap(([name, value]) =>
    value !== undefined && ADMINISTRATOR_VARIABLES.test(name) ? [[name, value] as const] : [],
  );
  const administrator = await writeSettingsFiles(folder, { administrator: Object.fromEntries(variables) });
  return {
    awsEndpoint,
    administrator: administrator.get("administrator") ?? "",
    settings: {},
    ...(layers.includes("servers") ? await serversAccess(cloud) : {}),
    ...(layers.includes("api") ? { api: await apiAccess(cloud) } : {}),
    ...(layers.includes("users") ? { users: usersAccess(cloud) } : {}),
  };
}

async function serversAccess({ services, servers, foundation, folder, settingsOf }: Cloud) {
  const names = Object.keys(servers.server_configurations).sort();
  const settings = Object.fromEntries(names.map((name) => [name, settingsOf(name)]));
  return {
    tokenEndpoint: services.tokenEndpoint,
    apiUrl: services.apiUrl,
    bucket: foundation.bucket_name,
    functionLog: services.functionLog,
    settings: Object.fromEntries(await writeSettingsFiles(join(folder, "settings"), settings)),
  };
}

async function apiAccess(cloud: Cloud): Promise<ApiAccess> {
  const { domain, endpoint, functionLog } = cloud.apiServices;
  const names = Object.keys(cloud.api.client_ids).sort();
  const settings = Object.fromEntries(names.map((name) => [name, apiVariables(cloud, name)]));
  return {
    domain,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(functionLog === undefined ? {} : { functionLog }),
    settings: Object.fromEntries(await writeSettingsFiles(join(cloud.folder, "clients"), settings)),
  };
}

function usersAccess({ usersServices: { loginUrl, settingsFile, outboxFile } }: Cloud): UsersAccess {
  return {
    ...(loginUrl === undefined ? {} : { login: loginUrl }),
    settings: settingsFile,
    ...(outboxFile === undefined ? {} : { outbox: outboxFile }),
  };
}

/** Says how to use the cloud. Each path stands on a line of its own and is never broken, so that it can be copied. */
export function howToUse(ways: Access, screen: Screen): string {
  const { api, users } = ways;
  const addresses = [
    ["token endpoint", ways.tokenEndpoint],
    ["vending API", ways.apiUrl],
    ["AWS", ways.awsEndpoint],
    ["bucket", ways.bucket],
    ["function's log", ways.functionLog],
    ["REST API", api?.endpoint],
    ["its tokens", api && `${api.domain}/oauth2/token`],
    ["functions' log", api?.functionLog],
    ["people sign in", users?.login],
    ["their mails", users?.outbox],
  ].filter(([, address]) => address !== undefined);
  const server =
    'To act as one of its servers in another terminal, read its settings file by "set -a; . FILE; set +a". It holds the client secret, and only you can read it:';
  const client =
    "To call the REST API as one of its clients, read its settings file in the same way; the documented commands then work as they are:";
  const person = 'To sign in as one of its people, give this file to "oidc-s3 user configure --from":';
  const administrator =
    'To act as its administrator, with the AWS CLI, Terraform or "npx cdktf diff" (give cdktf an --output of its own), with this file:';
  const parts = [
    `${paint("bold", "The cloud is up, until Ctrl-C.", screen)}
${addresses.map(([name, address]) => `  ${name?.padEnd(14)}  ${address}`).join("\n")}`,
    ...filesText(server, Object.values(ways.settings), screen),
    ...filesText(client, Object.values(api?.settings ?? {}), screen),
    ...filesText(person, users === undefined ? [] : [users.settings], screen),
    ...filesText(administrator, [ways.administrator], screen),
  ];
  return `${parts.join("\n\n")}\n`;
}

function filesText(sentence: string, files: readonly string[], screen: Screen): string[] {
  return files.length === 0 ? [] : [wrapped(sentence, screen), files.map((file) => `  ${file}`).join("\n")];
}

/** Writes one file of settings for each name, readable by this user only, and returns each name's file. */
export async function writeSettingsFiles(
  folder: string,
  settings: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, string>();
  for (const [name, variables] of Object.entries(settings)) {
    const file = join(folder, `${name}.env`);
    await writeFile(file, environmentFile(variables), { mode: 0o600 });
    files.set(name, file);
  }
  return files;
}

/** Lines that a shell can source and that the client reads: `NAME=value`, quoted where needed. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${shellWord(value)}\n`)
    .join("");
}

function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
