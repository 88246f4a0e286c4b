import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { apiFiles, configOf } from "../config/support/load";
import { synthesiseApi } from "../support/synthesise";

const SECRET = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcde";
const TOKEN = "ey.to.ken";
const folder = mkdtempSync(join(tmpdir(), "oidc-s3-commands-"));
const received: { readonly request: IncomingMessage; readonly body: string }[] = [];
/** Cognito and API Gateway in one. */
const server = createServer(async (request, response) => {
  received.push({ request, body: await text(request) });
  response.end(JSON.stringify({ access_token: TOKEN, path: request.url }));
});
let address = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // What `terraform output -json client_secrets` prints, for whatever arguments; each program's own are kept.
  const log = `printf '%s\\n' "$0 $*" >> ${join(folder, "arguments")}\n`;
  const program = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${log}${body}`);
    chmodSync(join(folder, name), 0o755);
  };
  program("terraform", `echo '{"m2m_client":"${SECRET}","reports":"${SECRET}"}'\n`);
  program("curl", 'PATH=${PATH#*:}\nexec curl "$@"\n');
  program("jq", 'PATH=${PATH#*:}\nexec jq "$@"\n');
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The command as its output has it once it is deployed, run by a shell. */
async function run(command: string | undefined): Promise<string> {
  const deployed = (command ?? "")
    .replaceAll(/\$\{aws_cognito_user_pool_client\.\w+\.id\}/g, "client-id")
    .replace(/https:\/\/\$\{aws_cognito_user_pool_domain\.[^']*\.amazoncognito\.com/g, address)
    .replace("${aws_api_gateway_stage.api.invoke_url}", `${address}/dev`);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder, no_proxy: "*" };
  return (await promisify(execFile)("sh", ["-c", deployed], { env })).stdout;
}

it("the commands of the outputs work, and neither secret nor token is an argument of any program", async () => {
  const file = readFileSync(join(__dirname, "../../environments/dev/api.tfvars"), "utf8");
  const { output } = synthesiseApi(await configOf(apiFiles(file))).document;
  const commands = (name: string) => output[name]?.value as Record<string, string> | undefined;

  expect(JSON.parse(await run(commands("token_commands")?.m2m_client))).toMatchObject({ access_token: TOKEN });
  expect(JSON.parse(await run(commands("call_commands")?.["POST /book"]))).toMatchObject({ path: "/dev/book" });

  const basic = `Basic ${Buffer.from(`client-id:${SECRET}`).toString("base64")}`;
  expect(
    received.map(({ request: { method, url, headers }, body }) => [method, url, headers.authorization, body]),
  ).toEqual([
    ["POST", "/oauth2/token", basic, "grant_type=client_credentials"],
    ["POST", "/oauth2/token", basic, "grant_type=client_credentials"],
    ["POST", "/dev/book", `Bearer ${TOKEN}`, ""],
  ]);
  const seen = readFileSync(join(folder, "arguments"), "utf8");
  expect(seen.match(/^.*\/(terraform|curl|jq) /gm)?.length).toBe(8);
  expect(seen).toContain("-chdir=cdktf.out/stacks/api-dev output -json client_secrets");
  expect(seen).not.toContain(SECRET);
  expect(seen).not.toContain(TOKEN);
});
