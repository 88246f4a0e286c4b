import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { UsageError } from "../../core/errors";
import { interruptible } from "../../core/interruption";
import { print, printBody, say } from "../../core/terminal";
import { expiryOf, tokenText } from "../../credentials/access-token";
import { cachedAccessToken, newAccessToken, parseScopes } from "../../credentials/tokens";
import { addTokenSettingOptions, type SettingOptions, tokenSettingsFrom } from "./command-options";

interface ScopeOptions extends SettingOptions {
  readonly scope: readonly string[];
}

function addScopeOption(command: Command): Command {
  return command.option(
    "--scope <scope>",
    "a scope to ask for, whole, as in IDENTIFIER/NAME; may be repeated (by default all that the client has)",
    collect,
    [],
  );
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

interface TokenOptions extends ScopeOptions {
  readonly header?: boolean;
  readonly json?: boolean;
  readonly fresh?: boolean;
}

export function registerToken(program: Command): void {
  const command = addScopeOption(program.command("token").description("print an access token, from the cache"))
    .option("--header", "as a header, for curl -H @-")
    .addOption(new Option("--json", "as JSON, with the moment when it expires").conflicts("header"))
    .option("--fresh", "a new one, which then takes the cached one's place");
  addTokenSettingOptions(command).addHelpText("after", TOKEN_EXAMPLES).action(tokenCommand);
}

async function tokenCommand({ scope, header, json, fresh, ...options }: TokenOptions): Promise<void> {
  const scopes = parseScopes(scope);
  const settings = tokenSettingsFrom(options);
  const cached = cachedAccessToken(settings, scopes);
  const token =
    cached && !fresh
      ? cached
      : await interruptible((signal) => newAccessToken(settings, { scopes, instead: cached, signal, report: say }));
  print(tokenText(token, header ? "header" : json ? "json" : "token"));
  if (process.stdout.isTTY) {
    const until = expiryOf(token).toISOString();
    say(`whoever sees this token is this client until ${until}, and nobody can withdraw it: clear the terminal`);
  }
}

const TOKEN_EXAMPLES = `
It takes an app client's id, its secret and the token endpoint, and neither a vending API nor a bucket. Cognito bills each
token: one is kept for three quarters of its life, and all processes share it.

Examples:
  oidc-s3 token --header | curl -H @- https://API/STAGE/book
  oidc-s3 token --scope m2m-client/read --json
  oidc-s3 token --fresh --header | curl -H @- https://API/STAGE/user     after a scope was granted
`;

interface CallOptions extends ScopeOptions {
  readonly data?: string;
  readonly header: readonly string[];
  readonly include?: boolean;
  readonly timeout: string;
}

export function registerCall(program: Command): void {
  const command = addScopeOption(
    program
      .command("call")
      .description("send a request to an API with an access token")
      .argument("<method>", "GET, POST, …")
      .argument("<url>", "the whole URL; https, since the token goes there"),
  )
    .option(
      "--data <data>",
      '@FILE, or "-" for the standard input, or the data itself; JSON, unless a header says else',
    )
    .option("--header <header>", '"Name: value", in addition; may be repeated', collect, [])
    .option("--include", "print the status and the headers of the answer before its body")
    .option("--timeout <seconds>", "for the answer", "60");
  addTokenSettingOptions(command).addHelpText("after", CALL_EXAMPLES).action(callCommand);
}

async function callCommand(
  method: string,
  url: string,
  { scope, data, header, include, timeout, ...options }: CallOptions,
): Promise<void> {
  const [{ parseCall }, { call, callFault, headOf }] = await Promise.all([
    import("../../api/call-request.ts"),
    import("../../api/call.ts"),
  ]);
  const scopes = parseScopes(scope);
  const timeoutMs = parseTimeout(timeout) * 1000;
  const request = parseCall({ method, url, headers: header, data }, () => readFileSync(0));
  const settings = tokenSettingsFrom(options);
  const called = await interruptible((signal) => call(settings, request, { scopes, timeoutMs, signal, report: say }));
  if (include) print(`${headOf(called.answer)}\n`);
  printBody(called.answer.bytes);
  const fault = callFault(called);
  if (fault) throw fault;
}

function parseTimeout(value: string): number {
  const seconds = /^\d+$/.test(value) ? Number(value) : 0;
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw new UsageError(`--timeout: ${JSON.stringify(value)} is not a number of seconds from 1 to 3600`);
}

const CALL_EXAMPLES = `
The body of the answer goes to the standard output, whatever the status. The exit code is 0 for 2xx, 4 where the API
refused (3xx and 4xx), 5 where it cannot serve now (408, 429, 5xx) or gave no answer. Redirects are not followed. A token
from the cache that gets 401 is replaced by a fresh one, once; nothing else is sent twice.

Examples:
  oidc-s3 call GET https://API/STAGE/book
  oidc-s3 call POST https://API/STAGE/user --scope m2m-client/write --data @user.json
  jq -n '{name: "a"}' | oidc-s3 call POST https://API/STAGE/user --data -
`;
