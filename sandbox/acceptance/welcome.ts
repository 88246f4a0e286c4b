import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cloud } from "../cloud/cloud";

/** The part of the administrator's environment that a second terminal needs to work on the same cloud. */
const ADMINISTRATOR_VARIABLES =
  /^(?:AWS_(?!CA_BUNDLE|EC2)|TF_CLI_CONFIG_FILE|CDKTF_(?:SKIP|DISABLE)|OIDC_S3_|NO_PROXY$|no_proxy$)/;

/** Writes the settings of every server and of the administrator, and says how to use them. */
export async function howToUse(cloud: Cloud): Promise<string> {
  const { awsEndpoint, services, servers, folder, foundation } = cloud;
  const names = Object.keys(servers.server_configurations).sort();
  const administrator = Object.fromEntries(
    Object.entries(cloud.env).flatMap(([name, value]) =>
      value !== undefined && ADMINISTRATOR_VARIABLES.test(name) ? [[name, value]] : [],
    ),
  );
  const files = await writeSettingsFiles(join(folder, "settings"), {
    ...Object.fromEntries(names.map((name) => [name, cloud.settingsOf(name)])),
  });
  const [administratorFile] = (await writeSettingsFiles(folder, { administrator })).values();
  return `
The cloud is up, until Ctrl-C.
  token endpoint   ${services.tokenEndpoint}
  vending API      ${services.apiUrl}
  AWS              ${awsEndpoint}
  bucket           ${foundation.bucket_name}
  function's log   ${services.functionLog}

To act as one of its servers in another terminal (the files hold client secrets, and only you can read them):
${[...files].map(([name, file]) => `  ${name.padEnd(longest(names))}   set -a; . ${file}; set +a`).join("\n")}

To act as its administrator, with the AWS CLI, Terraform or "npx cdktf diff" (give cdktf an --output of its own):
  ${"".padEnd(longest(names))}   set -a; . ${administratorFile}; set +a
`;
}

function longest(names: readonly string[]): number {
  return Math.max(0, ...names.map(({ length }) => length));
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
