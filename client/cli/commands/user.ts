import { type Command, Option } from "commander";
import { UsageError } from "../../core/errors";
import { interruptible } from "../../core/interruption";
import { print, say } from "../../core/terminal";
import { credentialProcessJson } from "../../credentials/credentials";
import { cachedUserCredentials } from "../../user/session/cached-credentials";
import { userStatus, userStatusJson, userStatusLines } from "../../user/session/status";
import { loadUserSettings } from "../../user/settings/find-settings";
import { registerMfa, registerPassword, registerWhoami } from "./user-account";
import { addProfileOption, type ProfileOption, prompting, readStdin } from "./user-options";

/** The commands for people, who sign in, as servers do not. */
export function registerUser(program: Command): void {
  const group = program.command("user").description("for people: sign in, and let AWS's tools use that");
  registerConfigure(group);
  registerLogin(group);
  registerStatus(group);
  registerWhoami(group);
  registerCredentials(group);
  registerLogout(group);
  registerMfa(group);
  registerPassword(group);
  group.addHelpText("after", USER_EXAMPLES);
}

const USER_EXAMPLES = `
Settings are in ~/.config/oidc-s3/users/PROFILE.json, and apart from those of servers.

Examples:
  oidc-s3 user configure --from FILE              the settings that you were given
  oidc-s3 user login --profile work               sign in, and write [profile work] for AWS's tools
  aws s3 ls s3://BUCKET/PREFIX/ --profile work
`;

interface ConfigureOptions extends ProfileOption {
  readonly from?: string;
  readonly stack?: string;
}

function registerConfigure(group: Command): void {
  addProfileOption(group.command("configure").description("write the settings of a profile, for this user alone"))
    .option(
      "--from <file>",
      'take them from outputs of users-<env> as JSON instead of asking; "-" is the standard input',
    )
    .option("--stack <name>", "which stack's, where the outputs are of several")
    .addHelpText("after", CONFIGURE_EXAMPLES)
    .action(async ({ profile, from, stack }: ConfigureOptions) => {
      const { configureUser } = await import("../../user/settings/configure.ts");
      const common = { profile, from, stack, env: process.env, readStdin, print, say };
      if (from !== undefined || !process.stdin.isTTY) return configureUser({ ...common, prompt: undefined });
      await prompting((prompt) => configureUser({ ...common, prompt }));
    });
}

const CONFIGURE_EXAMPLES = `
Without --from it asks. It knows what COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_IDENTITY_POOL_ID and AWS_REGION say,
and what ~/.cognito-cli-config.json of an older tool has.

Examples:
  terraform output -json | oidc-s3 user configure --from -
  oidc-s3 user configure --from user-configuration.json --profile work
`;

interface LoginOptions extends ProfileOption {
  readonly user?: string;
  readonly duration?: string;
  readonly browser: boolean;
  readonly static?: boolean;
}

function registerLogin(group: Command): void {
  addProfileOption(
    group.command("login").description("sign in, and get AWS credentials"),
    "settings, session and AWS's profile of this name; the profile is written into ~/.aws/config",
  )
    .option(
      "-u, --user <name>",
      "sign in at the terminal, as this user; without it in the browser, if there are sign-in pages",
    )
    .option("--duration <hours>", "credentials for so many hours, 1 to 12, where this role may have them")
    .option("--no-browser", "sign in with a browser elsewhere, and paste the address that it ends up at")
    .option("--static", "write keys into ~/.aws/credentials, for tools that cannot ask this program; they expire")
    .addOption(new Option("--no-lambda-proxy", "credentials for an hour, as without --duration").conflicts("duration"))
    .addHelpText("after", LOGIN_EXAMPLES)
    .action(async ({ profile, user, duration, browser, static: writeKeys = false }: LoginOptions) => {
      const hours = duration === undefined ? undefined : parseHours(duration);
      const [{ login }, { openBrowser }, { ownCommand }, { writeMessage }] = await Promise.all([
        import("../../user/login.ts"),
        import("../../user/browser/open-browser.ts"),
        import("../../setup/profile.ts"),
        import("../../core/terminal.ts"),
      ]);
      await prompting((prompt) =>
        interruptible((signal) =>
          login({
            env: process.env,
            profile,
            userName: user,
            hours,
            browser,
            writeKeys,
            prompt,
            signal,
            program: ownCommand(),
            open: openBrowser,
            show: writeMessage,
            print,
            say,
          }),
        ),
      );
    });
}

function parseHours(value: string): number {
  const hours = /^\d+$/.test(value) ? Number(value) : 0;
  if (hours >= 1 && hours <= 12) return hours;
  throw new UsageError(`--duration: ${JSON.stringify(value)} is not a number of hours from 1 to 12`, {
    remedy: "AWS allows a role twelve hours at most",
  });
}

const LOGIN_EXAMPLES = `
The password is asked for and not shown, or taken from the first line of the standard input where that is no terminal; it never
leaves this machine (SRP). Codes are on the lines that follow.

Examples:
  oidc-s3 user login -u ann --profile work
  oidc-s3 user login --profile work               in the browser
  oidc-s3 user login --no-browser                 over ssh
  oidc-s3 user login -u ann --duration 8          for tools that cannot renew their credentials
`;

function registerStatus(group: Command): void {
  addProfileOption(group.command("status").description("who is signed in, as whom and until when; asks no service"))
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  oidc-s3 user status --profile work\n")
    .action(({ profile, json }: ProfileOption & { readonly json?: boolean }) => {
      const status = userStatus(loadUserSettings({ env: process.env, profile }));
      print(json ? userStatusJson(status) : userStatusLines(status).join("\n"));
    });
}

function registerCredentials(group: Command): void {
  addProfileOption(
    group.command("credentials").description("print credentials as JSON for credential_process; asks no person"),
  )
    .addHelpText("after", CREDENTIALS_EXAMPLES)
    .action(async ({ profile }: ProfileOption) => {
      const settings = loadUserSettings({ env: process.env, profile });
      const cached = cachedUserCredentials(settings);
      if (cached) return print(credentialProcessJson(cached));
      const { userCredentials } = await import("../../user/session/credential-renewal.ts");
      const credentials = await interruptible((signal) => userCredentials(settings, { signal, report: say }));
      print(credentialProcessJson(credentials));
    });
}

const CREDENTIALS_EXAMPLES = `
From the cache, or renewed by the sign-in. Where a person has to sign in, it says so and ends with exit code 4.

Example, as "user login --profile work" writes it into ~/.aws/config:
  [profile work]
  credential_process = oidc-s3 user credentials --profile work
`;

function registerLogout(group: Command): void {
  addProfileOption(
    group.command("logout").description("sign out: revoke the refresh token, and remove what is kept here"),
  )
    .option("--everywhere", "also end the sign-ins of this user on other machines")
    .addHelpText("after", LOGOUT_EXAMPLES)
    .action(async ({ profile, everywhere = false }: ProfileOption & { readonly everywhere?: boolean }) => {
      const [{ signOut }, { removeStaticKeys }] = await Promise.all([
        import("../../user/session/sign-out.ts"),
        import("../../user/aws/aws-profile.ts"),
      ]);
      const settings = loadUserSettings({ env: process.env, profile });
      if (removeStaticKeys(settings.profile, process.env)) print(`took the keys of ${settings.profile} out again`);
      const had = await interruptible((signal) => signOut(settings, { everywhere, signal, report: say }));
      print(had ? `signed out${everywhere ? " everywhere" : ""}` : "nobody was signed in");
      if (had) say("AWS credentials that were given out already work until they expire");
    });
}

const LOGOUT_EXAMPLES = `
Examples:
  oidc-s3 user logout
  oidc-s3 user logout --everywhere                a laptop was lost
`;
