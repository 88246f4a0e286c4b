import { appendFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { apiVariables } from "../../../sandbox/acceptance/api-variables";
import type { Cloud } from "../../../sandbox/cloud/cloud";
import { createWorkFolder } from "../../../sandbox/process/cleanup";
import { type LoopbackServer, readBody, serveOnLoopback } from "../../../sandbox/process/loopback-server";
import { PROJECT_FOLDER } from "../../../sandbox/terraform/cdktf";
import type { CloudConnection } from "./shared-cloud";
import { startDeployedCloud } from "./stacks";

/** Beside the servers of environments/local: suites that run side by side have prefixes of their own. */
const MORE_SERVERS = `
  "app-writer"  = { s3_path_prefix = "app/", s3_permissions = "write" }
  "app-archive" = { s3_path_prefix = "app-archive/", s3_permissions = "read-write" }
  "app-sync"    = { s3_path_prefix = "app-sync/", s3_permissions = "full", max_session_duration = 900 }
  "tools-all"   = { s3_path_prefix = "tools/", s3_permissions = "full", shared_prefix = true }
  "tools-write" = { s3_path_prefix = "tools/", s3_permissions = "write", shared_prefix = true }
  "tools-read"  = { s3_path_prefix = "tools/", s3_permissions = "read", shared_prefix = true }
`;

/** Runs the shared cloud: prints how to connect, one line of JSON, and ends everything on SIGTERM. */
async function main(): Promise<void> {
  const ending = new AbortController();
  const asked = new Promise<void>((resolve) => {
    process.on("SIGTERM", () => {
      ending.abort();
      resolve();
    });
  });
  const environments = await createWorkFolder();
  try {
    await writeEnvironment(join(environments, "local"));
    const cloud = await startDeployedCloud({ environments, signal: ending.signal });
    try {
      await cloud.providers.stop();
      const signer = await startSigner(cloud);
      process.stdout.write(`${JSON.stringify(connectionTo(cloud, signer.url))}\n`);
      await Promise.race([asked, cloud.emulator.exited]);
      await signer.close();
      if (!ending.signal.aborted) throw new Error("the emulator of the shared cloud ended by itself");
    } finally {
      await cloud.stop();
    }
  } finally {
    await rm(environments, { recursive: true, force: true });
  }
}

async function writeEnvironment(folder: string): Promise<void> {
  // No suite that shares the cloud has people in it.
  const filter = (path: string) => !basename(path).startsWith("users");
  await cp(join(PROJECT_FOLDER, "environments/local"), folder, { recursive: true, filter });
  const alarms = `alarm_topic_arn = "arn:aws:sns:eu-west-1:123456789012:oidc-s3-alarms"
alarm_table_writers = ["arn:aws:iam::123456789012:role/terraform"]
`;
  await appendFile(join(folder, "foundation.tfvars"), alarms);
  const file = join(folder, "servers.tfvars");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("servers = {", `servers = {${MORE_SERVERS}`));
}

/** Signs what no token endpoint would: for tests of what verifiers refuse. */
function startSigner({ services, apiServices }: Cloud): Promise<LoopbackServer> {
  return serveOnLoopback(async (request, response) => {
    const { signToken } = request.url === "/foundation" ? services : apiServices;
    response.end(signToken(JSON.parse((await readBody(request, 100_000)).toString("utf8"))));
  });
}

function connectionTo(cloud: Cloud, signer: string): CloudConnection {
  const { awsEndpoint, clientConfig, env, foundation, servers, api, apiServices, folder } = cloud;
  const names = Object.keys(servers.server_configurations);
  const settings = Object.fromEntries(names.map((name) => [name, cloud.settingsOf(name)]));
  const clients = Object.fromEntries(Object.keys(api.client_ids).map((name) => [name, apiVariables(cloud, name)]));
  const connection = { endpoint: apiServices.endpoint ?? "", issuer: api.issuer_url, clients, signer };
  return { awsEndpoint, clientConfig, env, bucket: foundation.bucket_name, settings, api: connection, folder };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
