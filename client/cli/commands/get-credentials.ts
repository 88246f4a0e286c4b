import type { Command } from "commander";
import { print, say } from "../../core/terminal";
import { credentialProcessJson } from "../../credentials/credentials";
import { parseRequest } from "../../credentials/request";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly scope?: string;
  readonly duration?: string;
  /** False with `--no-cache`. */
  readonly cache: boolean;
  readonly verbose?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("get-credentials")
    .description("print credentials as JSON for credential_process of the AWS CLI and SDKs")
    .option("--scope <names>", "narrow them: write, read, delete, list, separated by commas")
    .option("--duration <seconds>", "how long they live at most: 900 to 3600")
    .option("--no-cache", "ask for new ones, and keep nothing")
    .option("--verbose", "tell on stderr where each setting comes from");
  addSettingOptions(command).addHelpText("after", EXAMPLES).action(getCredentialsCommand);
}

async function getCredentialsCommand(options: Options): Promise<void> {
  const request = parseRequest(options);
  const settings = settingsFrom(options);
  if (options.verbose) for (const [name, source] of Object.entries(settings.sources)) say(`${name}: from ${source}`);
  const { getCredentials } = await import("../../credentials/credentials.ts");
  const credentials = await getCredentials(settings, { ...request, cache: options.cache, report: say });
  if (options.verbose) say(`${credentials.accessKeyId} expires at ${credentials.expiration.toISOString()}`);
  print(credentialProcessJson(credentials));
}

const EXAMPLES = `
Examples:
  oidc-s3 get-credentials
  oidc-s3 get-credentials --scope read            credentials that can download and nothing else
  ~/.aws/config:
    [profile oidc-s3]
    region = eu-west-1
    credential_process = oidc-s3 get-credentials --config /etc/oidc-s3/config.env
`;
