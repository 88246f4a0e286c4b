import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a command's server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * The commands of the two documented systems, to the letter: what stands in capitals is the caller's environment, and
 * only what their texts leave to be filled in (`<client_id>`, the address) is filled in. The secret is in curl's
 * arguments here, for every user of the machine to see, which does for a sandbox that is thrown away: the outputs
 * `token_commands` do better.
 */
export const DOCUMENTED = {
  /** Of the machine-to-machine pool: the parameters are in the body, and scopes are named. */
  tokenForScopes: (scopes: readonly string[]) => `curl -X POST \\
  --user $CLIENT_ID:$CLIENT_SECRET \\
  -d 'grant_type=client_credentials&scope=${scopes.join(" ")}' \\
  $DOMAIN_NAME/oauth2/token`,
  /** Of the REST API: the parameter is in the query string, and the token is for every scope that the client has. */
  token: `curl -X POST --user $CLIENT_ID:$CLIENT_SECRETE "$DOMAIN_NAME/oauth2/token?grant_type=client_credentials" -H "Content-Type: application/x-www-form-urlencoded" `,
  call: (method: string, path: string) =>
    `curl -X ${method} "\${API_ENDPOINT}${path.slice(1)}" -H "Authorization:\${ACCESS_TOKEN}"`,
} as const;

/** What curl does here beside what a command says: it tells the status, and nothing else than the command leads it away. */
const CURL_CONFIGURATION = 'silent\nshow-error\nmax-time = 30\nnoproxy = "*"\nwrite-out = "\\n%{http_code}"\n';

/** Makes the function that runs a command in a shell, with these variables and no configuration of the user's. */
export async function shellIn(
  folder: string,
): Promise<(command: string, variables: Readonly<Record<string, string>>) => Promise<HttpAnswer>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${folder}/.curlrc`, CURL_CONFIGURATION, { mode: 0o600 });
  return async (command, variables) => {
    const env = { PATH: process.env.PATH, CURL_HOME: folder, HOME: folder, ...variables };
    const { stdout } = await run("sh", ["-c", command], { env, maxBuffer: 16 * 1024 * 1024 });
    const end = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
  };
}
