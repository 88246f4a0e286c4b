import type { Command } from "commander";
import { print, say } from "../../core/terminal";
import { credentialProcessJson } from "../../credentials/credentials";
import { settingPlaces } from "../../settings/places";
import {
  addCredentialOptions,
  addSettingOptions,
  type CredentialOptions,
  credentialRequest,
  settingsFrom,
} from "./command-options";

interface GetCredentialsOptions extends CredentialOptions {
  /** False with `--no-cache`. */
  readonly cache: boolean;
  readonly verbose?: boolean;
}

export function registerGetCredentials(program: Command): void {
  const command = addCredentialOptions(
    program
      .command("get-credentials")
      .description("print credentials as JSON for credential_process of the AWS CLI and SDKs"),
  )
    .option("--no-cache", "ask for new ones, and keep nothing")
    .option("--verbose", "say on stderr where each setting comes from");
  addSettingOptions(command).addHelpText("after", GET_CREDENTIALS_EXAMPLES).action(getCredentialsCommand);
}

async function getCredentialsCommand(options: GetCredentialsOptions): Promise<void> {
  const request = credentialRequest(options);
  const settings = settingsFrom(options, options.verbose ? { note: say } : {});
  if (options.verbose) for (const line of settingPlaces(settings)) say(line);
  const { getCredentials } = await import("../../credentials/credentials.ts");
  const credentials = await getCredentials(settings, { ...request, cache: options.cache });
  if (options.verbose) say(`${credentials.accessKeyId} expires at ${credentials.expiration.toISOString()}`);
  print(credentialProcessJson(credentials));
}

const GET_CREDENTIALS_EXAMPLES = `
Examples:
  oidc-s3 get-credentials
  oidc-s3 get-credentials --scope read            credentials that can download and nothing else
  ~/.aws/config:
    [profile oidc-s3]
    region = eu-west-1
    credential_process = oidc-s3 get-credentials --config /etc/oidc-s3/config.env
`;

const LOG_OPTION = ["--log <format>", "how it logs: text or json", "text"] as const;

interface DaemonOptions extends CredentialOptions {
  readonly credsDir: string;
  readonly once?: boolean;
  readonly log: string;
}

export function registerCredentialDaemon(program: Command): void {
  const command = addCredentialOptions(
    program
      .command("credential-daemon")
      .description("keep files with credentials fresh, for programs that read them from files")
      .requiredOption(
        "--creds-dir <folder>",
        "where credentials, aws-credentials.env and aws-credentials.json are kept",
      ),
  )
    .option("--once", "write the files once and end")
    .option(...LOG_OPTION);
  addSettingOptions(command)
    .addHelpText("after", DAEMON_EXAMPLES)
    .action(async (options: DaemonOptions) => {
      const { runDaemon } = await import("../../serving/daemon.ts");
      const { logEnd, parseLogFormat } = await import("../../serving/service-log.ts");
      const log = parseLogFormat(options.log);
      await logEnd(log, () =>
        runDaemon({
          folder: options.credsDir,
          once: options.once ?? false,
          log,
          settings: (warn) => settingsFrom(options, { warn }),
          request: credentialRequest(options),
        }),
      );
    });
}

const DAEMON_EXAMPLES = `
Files in the folder, each for this user alone, written whole or not at all:
  credentials            for AWS_SHARED_CREDENTIALS_FILE
  aws-credentials.env    for EnvironmentFile= of systemd, "docker run --env-file", "set -a; . FILE"
  aws-credentials.json   for credential_process = cat FILE
They are renewed when half of their life is left, or at SIGHUP if they have less than that. The settings are read
anew each time, so a new secret needs no restart.

Examples:
  oidc-s3 credential-daemon --creds-dir /run/oidc-s3
  oidc-s3 credential-daemon --creds-dir /run/oidc-s3 --once      from a timer or a start script
`;

interface ServeOptions extends CredentialOptions {
  readonly port: string;
  readonly tokenFile?: string;
  readonly keepToken?: boolean;
  readonly log: string;
}

export function registerServe(program: Command): void {
  const command = addCredentialOptions(
    program
      .command("serve")
      .description("serve credentials to AWS SDKs on this machine, which renew them by themselves")
      .option("--port <number>", "port on 127.0.0.1; 0 takes a free one", "9467")
      .option("--token-file <file>", "where the token that clients must show is put")
      .option("--keep-token", "take the token that stands there, for programs that read it only once")
      .option(...LOG_OPTION),
  );
  addSettingOptions(command)
    .addHelpText("after", SERVE_EXAMPLES)
    .action(async (options: ServeOptions) => {
      const { serve } = await import("../../serving/serve.ts");
      const { logEnd, parseLogFormat } = await import("../../serving/service-log.ts");
      const log = parseLogFormat(options.log);
      await logEnd(log, () =>
        serve({
          port: options.port,
          tokenFile: options.tokenFile,
          log,
          keepToken: options.keepToken ?? false,
          settings: (warn) => settingsFrom(options, { warn }),
          request: credentialRequest(options),
        }),
      );
    });
}

const SERVE_EXAMPLES = `
The lines that it prints tell every AWS SDK where the credentials are. Only programs that can read the token's file get
any. /health on the same port answers 200 to everybody while there are credentials, else 503.

Examples:
  oidc-s3 serve
  oidc-s3 serve --port 0 --scope read
`;

export function registerExec(program: Command): void {
  const command = addCredentialOptions(
    program
      .command("exec")
      .description("run a command with credentials in its environment")
      .usage("[options] -- COMMAND [ARGUMENTS]")
      .argument("<command...>", "the command, after --"),
  );
  addSettingOptions(command)
    .addHelpText("after", EXEC_EXAMPLES)
    .action(async (words: string[], options: CredentialOptions) => {
      const { execute } = await import("../../serving/exec.ts");
      process.exitCode = await execute(words, settingsFrom(options), credentialRequest(options));
    });
}

const EXEC_EXAMPLES = `
The credentials are good for half an hour at least where the server's sessions last an hour, and the command cannot renew
them. Its exit code is passed on.

Examples:
  oidc-s3 exec -- aws s3 cp backup.tar s3://BUCKET/PREFIX/
  oidc-s3 exec --scope read -- restic restore latest --target /tmp/restore
`;

interface StatusOptions extends CredentialOptions {
  readonly json?: boolean;
}

export function registerStatus(program: Command): void {
  const command = addCredentialOptions(
    program.command("status").description("show what is cached and until when, without a request"),
  ).option("--json", "as JSON");
  addSettingOptions(command)
    .addHelpText("after", STATUS_EXAMPLES)
    .action(async (options: StatusOptions) => {
      const { cacheStatus, statusJson, statusLines } = await import("../../credentials/status.ts");
      const input = { flags: options, env: process.env, configFile: options.config, warn: say };
      const status = cacheStatus(input, credentialRequest(options));
      print(options.json ? statusJson(status) : statusLines(status).join("\n"));
    });
}

const STATUS_EXAMPLES = `
That nothing is cached is no fault: the next command that needs credentials gets some. "oidc-s3 doctor" asks the services.

Examples:
  oidc-s3 status
  oidc-s3 status --json | jq .credentials.seconds_left
`;
