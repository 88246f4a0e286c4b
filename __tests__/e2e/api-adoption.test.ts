import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadEnvironments } from "../../config";
import { LAYERS } from "../../layers";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { PROJECT_FOLDER } from "../../sandbox/terraform/cdktf";
import { apiRollback } from "../../stacks/rollback";
import { teachEmulator } from "./support/capable-emulator";
import { Stacks } from "./support/stacks";
import { apply, outputs, plan } from "./support/terraform";

const VARIABLES = `environment_name = "team"
aws_region       = "eu-west-1"
domain_prefix    = "acme"
`;
/** What a team writes besides its variables: its client's own address and name. */
const ADOPTING = `clients = {
  dealwise_client = {
    name   = "dealwise-client"
    scopes = { "m2m-client/read" = true, "m2m-client/write" = true }
  }
}
`;
const ROUTE = `routes = { "GET /book" = { scopes = ["m2m-client/read"], function = "book" } }
functions = { book = { source = "functions/book" } }
`;

let folder: string;
let cloud: Cloud;
let stacks: Stacks;
let before: Record<string, unknown>;

const original = () => join(folder, "original");
const variables = ["-var-file=team.tfvars"];
const file = () => join(folder, "environments", "team", "api.tfvars");

beforeAll(async () => {
  teachEmulator();
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-adoption-"));
  await cp(join(PROJECT_FOLDER, "environments/local"), join(folder, "environments", "local"), { recursive: true });
  await mkdir(join(folder, "environments", "team"));
  for (const name of ["backend.hcl", "servers-backend.hcl", "api-backend.hcl"]) {
    await writeFile(
      join(folder, "environments", "team", name),
      `bucket = "oidc-s3-local-tfstate"\nkey = "team/${name}"\nregion = "eu-west-1"\nuse_path_style = true\n`,
    );
  }
  const required = 'environment = "team"\naws_region = "eu-west-1"\n';
  for (const name of ["foundation.tfvars", "servers.tfvars"])
    await writeFile(join(folder, "environments", "team", name), required);
  await writeFile(file(), VARIABLES + ADOPTING);
  cloud = await startCloud({ environments: join(folder, "environments"), deploy: [] });
  stacks = new Stacks(cloud, "team");
  await cp(join(__dirname, "../fixtures/cognito-m2m"), original(), { recursive: true });
  await writeFile(join(original(), "team.tfvars"), VARIABLES);
  await stacks.terraform(original(), ["init"]);
  await apply(stacks.terraform, original(), variables);
  before = await outputs(stacks.terraform, original());
});

afterAll(async () => {
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Ids and secrets by which clients know the deployment, under the layer's names. */
async function identity() {
  const { user_pool_id, client_ids, client_secrets } = await stacks.outputs("api");
  const of = (map: unknown) => (map as Record<string, string>).dealwise_client;
  return { user_pool_id, client_id: of(client_ids), client_secret: of(client_secrets) };
}

it("a running deployment is taken over by its state, with nothing destroyed and nothing replaced", async () => {
  await stacks.synthesise();
  const ours = stacks.folderOf("api");
  await stacks.terraform(ours, ["init"]);
  await stacks.terraform(ours, ["state", "push", join(original(), "terraform.tfstate")]);
  const steps = await stacks.apply("api");
  // The domain, with its token endpoint, and the resource server are left as they are.
  expect(steps).toEqual({
    "aws_cognito_user_pool.m2m_user_pool": "update",
    "aws_cognito_user_pool_client.dealwise_client": "update",
  });
  expect(await identity()).toEqual(before);
  expect(await stacks.plan("api")).toEqual({});
});

it("a REST API in front of it only adds", async () => {
  await writeFile(file(), VARIABLES + ADOPTING + ROUTE);
  expect(new Set(Object.values(await stacks.apply("api")))).toEqual(new Set(["create"]));
  expect(await identity()).toEqual(before);
});

it("the way back forgets what the layer added, and destroys and replaces nothing", async () => {
  const [loaded] = (await loadEnvironments(join(folder, "environments"), LAYERS)).filter(({ name }) => name === "team");
  if (loaded === undefined || "faults" in loaded) throw new Error("the environment is faulty");
  const { stdout: state } = await stacks.terraform(stacks.folderOf("api"), ["state", "pull"]);
  await writeFile(join(original(), "terraform.tfstate"), state, { mode: 0o600 });
  await writeFile(join(original(), "rollback.tf"), apiRollback(loaded.config));
  const steps = await apply(stacks.terraform, original(), variables);
  expect(new Set(Object.values(steps))).toEqual(new Set(["update", "forget"]));
  expect(Object.keys(steps).filter((address) => steps[address] === "update")).toEqual([
    "aws_cognito_user_pool_client.dealwise_client",
  ]);
  expect(steps["aws_api_gateway_rest_api.api"]).toBe("forget");
  expect(await outputs(stacks.terraform, original())).toEqual(before);
  await rm(join(original(), "rollback.tf"));
  expect(await plan(stacks.terraform, original(), variables)).toEqual({});
});
