import type { Command } from "commander";
import { say } from "../../core/terminal";
import { loadSettings, type Settings } from "../../settings/settings";
import type { FlagName } from "../../settings/settings-file";

/** The options that every command with settings has. */
export interface SettingOptions extends Partial<Record<FlagName, string>> {
  readonly config?: string;
}

/** Adds the options that name settings; the secret has none, since every user of a machine sees its command lines. */
export function addSettingOptions(command: Command, { prefix = true } = {}): Command {
  command
    .option("--config <file>", "settings file to look into first")
    .option("--domain <prefix>", "prefix of the Cognito domain (COGNITO_DOMAIN)")
    .option("--client-id <id>", "id of the app client (COGNITO_CLIENT_ID)")
    .option("--resource-server <identifier>", "resource server (COGNITO_RESOURCE_SERVER)")
    .option("--credential-api-url <url>", "vending API (COGNITO_CREDENTIAL_API_URL)")
    .option("--token-endpoint <url>", "token endpoint, if not Cognito's own (COGNITO_TOKEN_ENDPOINT)")
    .option("--region <region>", "AWS region (AWS_REGION)")
    .option("--bucket <name>", "bucket (S3_BUCKET)");
  // `list --prefix` says what to list.
  return prefix ? command.option("--prefix <prefix>", "this server's prefix (S3_PATH_PREFIX)") : command;
}

/** The settings by the options of a command that has {@link addSettingOptions}. */
export function settingsFrom(options: SettingOptions): Settings {
  return loadSettings({ flags: options, env: process.env, configFile: options.config, warn: say });
}
