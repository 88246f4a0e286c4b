import { execFile, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import type { Cloud } from "../../../sandbox/cloud/cloud";
import { appClientsOf } from "../../../sandbox/cognito/app-clients";
import { startTokenEndpoint } from "../../../sandbox/cognito/token-endpoint";
import { startApiGateway } from "../../../sandbox/lambda/api-gateway";
import { readDeployedEnvironment } from "../../../sandbox/lambda/deployed-function";
import { ORIGINAL_MODULES } from "./original-modules";

const run = promisify(execFile);
const CLIENT = join(ORIGINAL_MODULES, "client", "s3_uploader.py");

const INVOKE = "import json, sys, index; print(json.dumps(index.handler(json.load(sys.stdin), None)))";

/** The original modules' own function, run as it is deployed, behind a token endpoint and an API of its own. */
export async function startOldApi(cloud: Cloud, outputs: Readonly<Record<string, unknown>>, functionName: string) {
  const userPoolId = String(outputs.cognito_user_pool_id);
  const findClient = appClientsOf(new CognitoIdentityProviderClient(cloud.clientConfig), userPoolId);
  const tokens = await startTokenEndpoint({ userPoolId, issuer: String(outputs.cognito_issuer_url), findClient });
  const nothing = async () => {};
  const vending = {
    invoke: (event: unknown) => invokePython(cloud, functionName, event),
    recycle: nothing,
    stop: nothing,
  };
  const api = await startApiGateway(vending, {
    accountId: String(outputs.aws_account_id),
    domainName: "api.example",
    apiId: "api",
  });
  return {
    tokenEndpoint: tokens.url,
    apiUrl: api.url,
    stop: async () => {
      await Promise.all([tokens.close(), api.close()]);
    },
  };
}

async function invokePython(cloud: Cloud, functionName: string, event: unknown): Promise<unknown> {
  const redirections = { AWS_ENDPOINT_URL: cloud.awsEndpoint };
  const { clientConfig } = cloud;
  const env = await readDeployedEnvironment({ clientConfig, functionName, redirections });
  const child = spawn("python3", ["-c", INVOKE], {
    cwd: join(ORIGINAL_MODULES, "foundation", "lambda"),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(event));
  const answer: Buffer[] = [];
  for await (const chunk of child.stdout) answer.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(answer).toString("utf8"));
}

export interface Endpoints {
  readonly tokenEndpoint: string;
  readonly apiUrl: string;
}

/** Uploads a file as an existing client does, with the settings that it has had all along. */
export async function uploadAsOldClient(
  cloud: Cloud,
  { tokenEndpoint, apiUrl }: Endpoints,
  { clientId, secret }: { readonly clientId: string; readonly secret: string },
  name: string,
): Promise<{ bucket: string; key: string; expiration: string }> {
  const file = join(cloud.folder, name);
  await writeFile(file, `from ${name}`);
  const { stdout } = await run("python3", [CLIENT, "upload", file], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NO_PROXY: "127.0.0.1",
      AWS_ENDPOINT_URL: cloud.awsEndpoint,
      AWS_REGION: "eu-west-1",
      COGNITO_DOMAIN: "unused-here",
      COGNITO_TOKEN_ENDPOINT: tokenEndpoint,
      COGNITO_CLIENT_ID: clientId,
      COGNITO_CLIENT_SECRET: secret,
      COGNITO_CREDENTIAL_API_URL: apiUrl,
    },
  });
  return JSON.parse(stdout);
}
