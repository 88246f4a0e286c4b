import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { loadEnvironments, withUploader } from "../../config";
import { LAYERS } from "../../layers";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { foundationRollback, serversRollback } from "../../stacks/rollback";
import { teachEmulator } from "./support/capable-emulator";
import { uploadAsOldClient } from "./support/old-api";
import { addLines, type Layer, OriginalModules, writeTeamEnvironment } from "./support/original-modules";
import { Stacks } from "./support/stacks";

const BUCKET = "oidc-s3-staging-uploads";
const SERVERS = 'servers = { "log-shipper" = { s3_path_prefix = "logs/" } }\n';

let folder: string;
let cloud: Cloud;
let stacks: Stacks;
let staging: OriginalModules;
let dev: OriginalModules;
let before: Record<Layer, Record<string, unknown>>;

const environments = () => join(folder, "environments");
const upload = (name: string) => {
  const configurations = before.servers.server_configurations as Record<string, { cognito_client_id: string }>;
  const secrets = before.servers.server_secrets as Record<string, string>;
  const [clientId, secret] = [configurations["log-shipper"]?.cognito_client_id, secrets["log-shipper"]];
  return uploadAsOldClient(cloud, cloud.services, { clientId: clientId ?? "", secret: secret ?? "" }, name);
};

beforeAll(async () => {
  teachEmulator();
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-migration-"));
  const sharing = ["create_s3_bucket = false", `existing_bucket_name = "${BUCKET}"`];
  await writeTeamEnvironment(join(environments(), "staging"), {
    name: "staging",
    foundation: sharing,
    servers: SERVERS,
  });
  await writeTeamEnvironment(join(environments(), "dev"), { name: "dev", servers: SERVERS });
  cloud = await startCloud({ environments: environments(), environment: "staging", deploy: [] });
  stacks = new Stacks(cloud);
  await new S3Client({ ...cloud.clientConfig, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }),
  );
  const checkOut = (name: string) =>
    OriginalModules.checkOut(stacks.terraform, join(folder, `modules-${name}`), join(environments(), name));
  staging = await checkOut("staging");
  dev = await checkOut("dev");
  // In dev the modules make a lifecycle configuration, which Terraform takes a minute to settle on here.
  await Promise.all([
    staging.apply("foundation").then(() => staging.apply("servers")),
    dev.apply("foundation").then(() => dev.apply("servers")),
  ]);
  before = { foundation: await staging.outputs("foundation"), servers: await staging.outputs("servers") };
  for (const name of ["staging", "dev"]) {
    await addLines(join(environments(), name, "servers.tfvars"), "adopt_module_state = true");
    await addLines(join(environments(), name, "foundation.tfvars"), 'lambda_package = "asset"');
  }
});

afterAll(async () => {
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe("with create_s3_bucket = false", () => {
  it("the foundation, deployed first, leaves the shared bucket and all outputs as they are", async () => {
    await stacks.deploy("foundation");
    const added = { fleet_operator_policy: expect.stringContaining("dynamodb:PutItem") };
    expect(await stacks.outputs("foundation")).toEqual({ ...(before.foundation as object), ...added });
    const { stdout } = await stacks.terraform(stacks.folderOf("foundation"), ["state", "list"]);
    expect(stdout).toContain("data.aws_s3_bucket.existing\n");
    expect(stdout).not.toMatch(/^aws_s3_bucket/m);
  });

  it("clients are then refused until the servers layer follows, which is why it goes first", async () => {
    await expect(upload("too-early")).rejects.toThrow(/HTTP Error 500/);
    await stacks.deploy("servers");
    expect(await upload("in-time")).toMatchObject({ bucket: BUCKET, key: "logs/in-time" });
    expect(await stacks.outputs("servers")).toEqual(before.servers);
  });

  it("the rollback destroys and replaces nothing either", async () => {
    const environment = (await loadEnvironments(environments(), LAYERS)).find(({ name }) => name === "staging");
    if (environment === undefined || "faults" in environment) throw new Error("the environment is faulty");
    for (const layer of ["foundation", "servers"] as const) {
      const rollback = layer === "servers" ? serversRollback : foundationRollback;
      await writeFile(join(staging.folderOf(layer), "rollback.tf"), rollback(withUploader(environment.config)));
      const steps = Object.values(await staging.plan(layer)).flatMap((step) => step.split(" "));
      expect(new Set(steps)).toEqual(new Set(layer === "foundation" ? ["update", "forget"] : ["update", "move"]));
    }
  });
});

describe("with every default, in dev", () => {
  it("what the stacks add is added, and nothing is destroyed or replaced", async () => {
    const steps = await new Stacks(cloud, "dev").plan("foundation");
    expect(new Set(Object.values(steps))).toEqual(new Set(["create", "update", "move", "move update"]));
    expect(Object.keys(steps).filter((address) => steps[address] === "create")).toEqual([
      "aws_cloudwatch_log_group.credential_vending",
      "aws_dynamodb_table.client_activity",
      "aws_dynamodb_table.client_controls",
      "aws_iam_role_policy.credential_vending_activity",
      "aws_s3_bucket_policy.uploads",
    ]);
    expect(steps["aws_s3_bucket_lifecycle_configuration.uploads"]).toBe("move update");
  });

  it("the servers move, and role and policy change in place", async () => {
    const steps = await new Stacks(cloud, "dev").plan("servers");
    expect(new Set(Object.values(steps))).toEqual(new Set(["move", "move update"]));
  });
});
