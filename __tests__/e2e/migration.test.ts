import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadEnvironments, withUploader } from "../../config";
import { LAYERS } from "../../layers";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { foundationRollback, serversRollback } from "../../stacks/rollback";
import { teachEmulator } from "./support/capable-emulator";
import { identityOf } from "./support/identity";
import { startOldApi, uploadAsOldClient } from "./support/old-api";
import { addLines, type Layer, OriginalModules, writeTeamEnvironment } from "./support/original-modules";
import { Stacks } from "./support/stacks";
import type { Terraform } from "./support/terraform";

const run = promisify(execFile);

/** Every level, and names with dots, dashes, underscores and a leading digit. */
const SERVERS = `
servers = {
  "backup-server-01" = {
    s3_path_prefix = "backups/server-01/"
    s3_permissions = "read-write"
    tags           = { Team = "backup" }
  }
  "log-shipper"      = { s3_path_prefix = "logs/" }
  "data.sync.eu"     = { s3_path_prefix = "sync/", s3_permissions = "full", access_token_validity_minutes = 30 }
  "2nd-site_archive" = { s3_path_prefix = "2nd-site/archive/", s3_permissions = "full" }
}
common_tags = { CostCentre = "4711" }
`;
const NAMES = ["2nd-site_archive", "backup-server-01", "data_sync_eu", "log-shipper"];
const FULL = ["2nd-site_archive", "data_sync_eu"];
const FUNCTION = "oidc-s3-prod-cred-vending";

/** What each server's resources go through at the first plan: all move, and role and policy change in place. */
const SERVERS_ACTIONS = Object.fromEntries(
  [
    ...NAMES.flatMap((name) => [
      [`aws_cognito_user_pool_client.server_${name}`, "move"],
      [`aws_dynamodb_table_item.client_role_mapping_${name}`, "move"],
      [`aws_iam_role.server_${name}`, "move update"],
      [`aws_iam_role_policy.s3_objects_${name}`, "move update"],
    ]),
    ...FULL.map((name) => [`aws_iam_role_policy.s3_list_${name}`, "move"]),
  ].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
);

const FOUNDATION_ACTIONS = {
  "aws_apigatewayv2_api.credential_vending": "update",
  "aws_apigatewayv2_stage.credential_vending": "update",
  "aws_cloudwatch_log_group.api_gateway": "update",
  "aws_cloudwatch_log_group.credential_vending": "update",
  "aws_cognito_resource_server.s3_uploader": "update",
  "aws_cognito_user_pool.s3_uploader": "update",
  "aws_dynamodb_table.client_activity": "create",
  "aws_dynamodb_table.client_controls": "create",
  "aws_dynamodb_table.client_roles": "update",
  "aws_iam_role.credential_vending": "update",
  "aws_iam_role_policy.credential_vending_activity": "create",
  "aws_iam_role_policy.credential_vending_dynamodb": "update",
  "aws_iam_role_policy.credential_vending_sts": "update",
  "aws_lambda_function.credential_vending": "update",
  "aws_s3_bucket.uploads": "move",
  "aws_s3_bucket_public_access_block.uploads": "move",
  "aws_s3_bucket_server_side_encryption_configuration.uploads": "move",
  "aws_s3_bucket_versioning.uploads": "move",
};

let folder: string;
let cloud: Cloud;
let stacks: Stacks;
let terraform: Terraform;
let modules: OriginalModules;
let before: { outputs: Record<Layer, Record<string, unknown>>; identity: unknown };
let client: { clientId: string; secret: string };
let oldApi: Awaited<ReturnType<typeof startOldApi>>;

const file = (name: string) => join(folder, "environments", "prod", name);
const identity = () =>
  identityOf(
    cloud,
    String(before.outputs.foundation.cognito_user_pool_id),
    "oidc-s3-prod-client-roles",
    "oidc-s3-cognito-prod-",
  );
const uploadWith = (api: { tokenEndpoint: string; apiUrl: string }, name: string) =>
  uploadAsOldClient(cloud, api, client, name);

/** Both layers use the provider of the foundation's folder: the servers layer reads no file. */
async function npmRunPlan() {
  await stacks.synthesise();
  const args = ["--import", "tsx", "plan/main.ts", "prod"];
  return stacks.withProvider("foundation", (providerEnv) => {
    const env = { ...providerEnv, CDKTF_OUTDIR: cloud.cdktf.output };
    return run(process.execPath, args, { cwd: join(__dirname, "../.."), env, maxBuffer: 64 * 1024 * 1024 }).then(
      ({ stdout }) => ({ status: 0, stdout }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        status: code,
        stdout,
        stderr,
      }),
    );
  });
}

beforeAll(async () => {
  teachEmulator();
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-migration-"));
  await writeTeamEnvironment(file("."), { name: "prod", servers: SERVERS });
  cloud = await startCloud({ environments: join(folder, "environments"), environment: "prod", deploy: [] });
  stacks = new Stacks(cloud);
  terraform = stacks.terraform;
  modules = await OriginalModules.checkOut(terraform, join(folder, "modules"), file("."));
  await modules.apply("foundation");
  await modules.apply("servers");
  const deployed = { foundation: await modules.outputs("foundation"), servers: await modules.outputs("servers") };
  before = { outputs: deployed, identity: undefined };
  before.identity = await identity();
  const configurations = deployed.servers.server_configurations as Record<string, { cognito_client_id: string }>;
  const secrets = deployed.servers.server_secrets as Record<string, string>;
  client = { clientId: configurations["log-shipper"]?.cognito_client_id ?? "", secret: secrets["log-shipper"] ?? "" };
  oldApi = await startOldApi(cloud, deployed.foundation, FUNCTION);
  // As Lambda does at a function's first event.
  await run("aws", ["logs", "create-log-group", "--log-group-name", `/aws/lambda/${FUNCTION}`], { env: cloud.env });
});

afterAll(async () => {
  await oldApi?.stop();
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe("a deployment of the original Terraform modules, with create_s3_bucket = true", () => {
  it("serves its clients before the move", async () => {
    expect(await uploadWith(oldApi, "before")).toMatchObject({ key: "logs/before" });
  });

  it("the plan command says what the move would change, and marks nothing as lost", async () => {
    await addLines(file("servers.tfvars"), "adopt_module_state = true");
    await addLines(
      file("foundation.tfvars"),
      "adopt_lambda_log_group = true",
      // What the emulator cannot do: it has no TLS, no provider for archives, and takes a minute for a lifecycle.
      "bucket_tls_only = false",
      'lambda_package = "asset"',
      "abort_incomplete_multipart_upload_days = 0",
    );
    const { status, stdout } = await npmRunPlan();
    expect({ status, stdout }).toMatchObject({ status: 2 });
    expect(stdout).toMatch(
      /^foundation-prod: 1 to import, 3 to add, 11 to change, 0 to replace, 4 to move, 0 to destroy/m,
    );
    expect(stdout).toMatch(/^servers-prod: 8 to change, 0 to replace, 10 to move, 0 to destroy/m);
    expect(stdout).toContain("WIDENS ACCESS: may now also abort unfinished uploads under logs/");
    expect(stdout).toMatch(/^Note: Deploy servers-prod first, then foundation-prod/);
    expect(stdout).not.toContain("LOSES DATA OR IDENTITY");
    expect(stdout).toContain("\n  outputs that change: fleet_operator_policy\n");
    for (const secret of Object.values(before.outputs.servers.server_secrets as Record<string, string>)) {
      expect(stdout).not.toContain(secret);
    }
  });

  it("the first plan of the servers layer destroys and replaces nothing", async () => {
    expect(await stacks.plan("servers")).toEqual(SERVERS_ACTIONS);
  });

  it("its deployment by cdktf, which comes first, leaves ids, secrets, roles and table items as they are", async () => {
    await cloud.deploy("servers");
    expect(await identity()).toEqual(before.identity);
    expect(await stacks.outputs("servers")).toEqual(before.outputs.servers);
    expect(await stacks.hasChanges("servers")).toBe(false);
  });

  it("between the two deployments existing clients are served by the old function", async () => {
    expect(await uploadWith(oldApi, "between")).toMatchObject({ key: "logs/between" });
  });

  it("the foundation's deployment destroys and replaces nothing, and existing clients are served by the new function", async () => {
    expect(await stacks.deploy("foundation")).toEqual({ foundation: FOUNDATION_ACTIONS });
    expect(await identity()).toEqual(before.identity);
    const added = { fleet_operator_policy: expect.stringContaining("dynamodb:PutItem") };
    expect(await stacks.outputs("foundation")).toEqual({ ...before.outputs.foundation, ...added });
    expect(await stacks.hasChanges("foundation")).toBe(false);
    const uploaded = await uploadWith(cloud.services, "after");
    expect(uploaded).toMatchObject({ bucket: "oidc-s3-cognito-prod-uploads", key: "logs/after" });
    expect(new Date(uploaded.expiration).getTime()).toBeGreaterThan(Date.now());
  });

  it("once the moved blocks have done their work, removing them changes nothing", async () => {
    const text = await readFile(file("servers.tfvars"), "utf8");
    await writeFile(file("servers.tfvars"), text.replace("adopt_module_state = true", ""));
    const { status, stdout } = await npmRunPlan();
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toContain("foundation-prod: no changes\n");
    expect(stdout).toContain("servers-prod: no changes\n");
  });

  it("Terraform refuses to destroy what holds data or identity", async () => {
    for (const layer of ["foundation", "servers"] as const) {
      const { stdout } = await terraform(stacks.folderOf(layer), ["plan", "-destroy", "-json"], [1]);
      expect(stdout).toContain("Instance cannot be destroyed");
    }
  });
});

describe("the rollback to the original Terraform modules", () => {
  async function returnTo(layer: Layer) {
    const [environment] = await loadEnvironments(join(folder, "environments"), LAYERS);
    if (environment === undefined || "faults" in environment) throw new Error("the environment is faulty");
    const rollback = layer === "servers" ? serversRollback : foundationRollback;
    const rollbackFile = join(modules.folderOf(layer), "rollback.tf");
    await writeFile(rollbackFile, rollback(withUploader(environment.config)));
    const steps = await modules.apply(layer);
    await rm(rollbackFile);
    return steps;
  }

  it("of the foundation destroys and replaces nothing; what the modules do not know is left in AWS", async () => {
    const steps = await returnTo("foundation");
    expect(steps["aws_cloudwatch_log_group.credential_vending"]).toBe("forget");
    expect(new Set(Object.values(steps))).toEqual(new Set(["update", "move", "forget"]));
    expect(await modules.hasChanges("foundation")).toBe(false);
  });

  it("of the servers destroys and replaces nothing, and existing clients are served throughout", async () => {
    expect(await uploadWith(oldApi, "back-between")).toMatchObject({ key: "logs/back-between" });
    const steps = await returnTo("servers");
    expect(new Set(Object.values(steps))).toEqual(new Set(["move", "move update"]));
    expect(await modules.hasChanges("servers")).toBe(false);
    expect(await identity()).toEqual(before.identity);
    expect(await modules.outputs("servers")).toEqual(before.outputs.servers);
    expect(await modules.outputs("foundation")).toEqual(before.outputs.foundation);
    expect(await uploadWith(oldApi, "back")).toMatchObject({ key: "logs/back" });
  });
});
