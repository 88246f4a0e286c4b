import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAYERS } from "../../layers";
import { planLayer } from "../../plan/plan-environment";
import { asText } from "../../plan/text";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { PROJECT_FOLDER } from "../../sandbox/terraform/cdktf";
import { teachEmulator } from "./support/capable-emulator";
import { Stacks } from "./support/stacks";

let folder: string;
let cloud: Cloud;
let stacks: Stacks;
let text: string;

/** Beside the documented routes, so that each kind of backend, a path in parts and the logs meet the real provider. */
const MORE_ROUTES = `routes = {
  "GET /"               = { scopes = ["API/book.get", "API/user.get"] }
  "ANY /old/{id}/{all+}" = { scopes = ["API/book.get"], url = "https://old.example.com/{id}/{all}" }`;
const ALWAYS = 'api_logging = true\niam_path = "/api/"\n';

const file = () => join(folder, "local", "api.tfvars");
/** What a deployment of the file, with one place of it changed, would do. */
async function planWith(place: string, replacement: string) {
  if (!text.includes(place)) throw new Error(`api.tfvars has no ${place}`);
  await writeFile(file(), text.replace(place, replacement));
  return stacks.plan("api");
}

beforeAll(async () => {
  teachEmulator();
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-api-"));
  await cp(join(PROJECT_FOLDER, "environments/local"), join(folder, "local"), { recursive: true });
  text = ALWAYS + (await readFile(file(), "utf8")).replace("routes = {", MORE_ROUTES);
  await writeFile(file(), text);
  cloud = await startCloud({ environments: folder, deploy: [] });
  stacks = new Stacks(cloud);
  await stacks.apply("api");
});

afterAll(async () => {
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

it("by itself it is deployed, and has nothing to change afterwards", async () => {
  expect(await stacks.plan("api")).toEqual({});
  const outputs = await stacks.outputs("api");
  expect(outputs.api_endpoint).toMatch(/^https:\/\/\w+\.execute-api\.eu-west-1\.amazonaws\.com\/local\/$/);
  expect(Object.keys(outputs.client_secrets as object)).toEqual(["m2m_client", "reports"]);
});

/** What `npm run plan` says above Terraform's own plan. */
async function planInWords(place: string, replacement: string): Promise<string> {
  if (!text.includes(place)) throw new Error(`api.tfvars has no ${place}`);
  await writeFile(file(), text.replace(place, replacement));
  await stacks.synthesise();
  const layer = LAYERS.find(({ name }) => name === "api");
  if (layer === undefined) throw new Error("there is no api layer");
  const terraform = cloud.env.TERRAFORM_BINARY_NAME || "terraform";
  const folder = stacks.folderOf("api");
  const { report } = await stacks.withProvider("api", (env) =>
    planLayer({ layer, folder, terraform, env, color: false }),
  );
  const [words = ""] = asText({ environment: "local", notes: [], layers: [report] }).split("\n── Terraform's plan");
  return words.trim();
}

it("a scope that is switched on changes that client alone, and the plan says what it opens", async () => {
  expect(await planInWords('"API/user.get"  = false', '"API/user.get" = true')).toBe(
    `api-local: 1 to change, 0 to replace, 0 to destroy (1 × WIDENS ACCESS)
  ~ client reports: changed
    ! WIDENS ACCESS: may now also call GET /user
      attributes: allowed_oauth_scopes
  outputs that change: call_commands`,
  );
});

it("a scope that is switched off changes that client alone, and the plan says what it closes, and when", async () => {
  expect(await planInWords('"API/book.post" = true', '"API/book.post" = false')).toBe(
    `api-local: 1 to change, 0 to replace, 0 to destroy
  ~ client reports: changed
      may no longer call POST /book, once the tokens that are out have expired
      attributes: allowed_oauth_scopes
  outputs that change: call_commands`,
  );
});

it("a new scope changes the resource server alone", async () => {
  expect(await planWith('"user.post" = "Add users"', '"user.post" = "Add users"\n"user.put" = "Change users"')).toEqual(
    {
      "aws_cognito_resource_server.book_and_user": "update",
    },
  );
});

it("a new client changes nothing else, the authorizer least of all", async () => {
  expect(await planWith("clients = {", 'clients = {\n  another = { scopes = { "API/book.get" = true } }')).toEqual({
    "aws_cognito_user_pool_client.another": "create",
  });
});

it("a route's scope changes its method, the deployment and the stage", async () => {
  expect(await planWith('scopes = ["API/user.get"]', 'scopes = ["API/user.get", "API/book.get"]')).toEqual({
    "aws_api_gateway_deployment.api": "replace",
    "aws_api_gateway_method.GET_user": "update",
    "aws_api_gateway_stage.api": "update",
  });
});

it("what is switched on is deployed, keeps ids and secrets, and has nothing to change afterwards", async () => {
  const before = await stacks.outputs("api");
  const later = text
    .replace('"API/user.get"  = false', '"API/user.get" = true')
    .replace('scopes = ["API/user.get"]', 'scopes = ["API/user.get", "API/book.get"]')
    .replace('"user.post" = "Add users"', '"user.post" = "Add users"\n"user.put" = "Change users"');
  await writeFile(file(), later);
  expect(await stacks.apply("api")).toEqual({
    "aws_api_gateway_deployment.api": "replace",
    "aws_api_gateway_method.GET_user": "update",
    "aws_api_gateway_stage.api": "update",
    "aws_cognito_resource_server.book_and_user": "update",
    "aws_cognito_user_pool_client.reports": "update",
  });
  expect(await stacks.plan("api")).toEqual({});
  const after = await stacks.outputs("api");
  for (const name of ["client_ids", "client_secrets", "api_endpoint"]) expect(after[name]).toEqual(before[name]);
});
