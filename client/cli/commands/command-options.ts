import type { Command } from "commander";
import { interruptible } from "../../core/interruption";
import { print, say } from "../../core/terminal";
import { parseRequest } from "../../credentials/request";
import {
  loadSettings,
  loadTokenSettings,
  type Settings,
  type SettingsInput,
  type TokenSettings,
} from "../../settings/settings";
import type { FlagName } from "../../settings/settings-file";

/** The options that every command with settings has. */
export interface SettingOptions extends Partial<Record<FlagName, string>> {
  readonly config?: string;
}

/** Adds the options that name what a token takes; the secret has none, since every user of a machine sees its command lines. */
export function addTokenSettingOptions(command: Command): Command {
  return command
    .option("--config <file>", "settings file to look into first")
    .option("--domain <prefix>", "prefix of the Cognito domain (COGNITO_DOMAIN)")
    .option("--client-id <id>", "id of the app client (COGNITO_CLIENT_ID)")
    .option("--token-endpoint <url>", "token endpoint, if not Cognito's own (COGNITO_TOKEN_ENDPOINT)")
    .option("--region <region>", "AWS region (AWS_REGION)");
}

/** Adds the options that name a server's settings. */
export function addSettingOptions(command: Command, { prefix = true } = {}): Command {
  addTokenSettingOptions(command)
    .option("--resource-server <identifier>", "resource server (COGNITO_RESOURCE_SERVER)")
    .option("--credential-api-url <url>", "vending API (COGNITO_CREDENTIAL_API_URL)")
    .option("--bucket <name>", "bucket (S3_BUCKET)");
  // `list --prefix` says what to list.
  return prefix ? command.option("--prefix <prefix>", "this server's prefix (S3_PATH_PREFIX)") : command;
}

/** The settings by the options of a command that has {@link addSettingOptions}. */
export function settingsFrom(
  options: SettingOptions,
  { warn = say, note }: Pick<SettingsInput, "warn" | "note"> = {},
): Settings {
  return loadSettings({ flags: options, env: process.env, configFile: options.config, warn, note });
}

/** As {@link settingsFrom}, for a command that has {@link addTokenSettingOptions}. */
export function tokenSettingsFrom(options: SettingOptions): TokenSettings {
  return loadTokenSettings({ flags: options, env: process.env, configFile: options.config, warn: say });
}

/** The options of commands that give out credentials. */
export interface CredentialOptions extends SettingOptions {
  readonly scope?: string;
  readonly duration?: string;
}

export function addCredentialOptions(command: Command): Command {
  return command
    .option("--scope <names>", "narrow them: write, read, delete, list, separated by commas")
    .option("--duration <seconds>", "how long they live at most: 900 to 3600");
}

/**
 * Which credentials a command asks for, by its {@link addCredentialOptions}.
 * @throws {UsageError} where an option has no such form.
 */
export function credentialRequest(options: CredentialOptions) {
  return { ...parseRequest(options), report: say };
}

/** The options of `upload`, `download`, `list` and `delete`. */
export interface TransferOptions extends SettingOptions {
  readonly json?: boolean;
}

interface TransferContext {
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Runs the work of a transfer command, which the first Ctrl-C or signal interrupts and lets clean up. */
export async function runTransfer(
  options: TransferOptions,
  work: (
    settings: Settings,
    context: TransferContext,
    output: { readonly print: typeof print; readonly say: typeof say },
  ) => Promise<void>,
): Promise<void> {
  const settings = settingsFrom(options);
  await interruptible((signal) => work(settings, { json: options.json ?? false, signal }, { print, say }));
}
