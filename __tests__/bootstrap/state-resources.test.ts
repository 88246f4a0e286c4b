import { backendClients } from "../../bootstrap/backend-clients";
import { stateResources, unlockedEnvironments } from "../../bootstrap/state-resources";
import type { BackendConfig, EnvironmentConfig } from "../../config/schema/types";

const backend = (key: string, more: object = {}): BackendConfig => ({
  bucket: "tfstate",
  key,
  region: "eu-west-1",
  dynamodb_table: "locks",
  ...more,
});
const environment = (name: string, foundation: object = {}, servers: object = foundation) =>
  ({
    name,
    backends: { foundation: backend(`${name}/a`, foundation), servers: backend(`${name}/b`, servers) },
  }) as unknown as EnvironmentConfig;
const names = (...environments: EnvironmentConfig[]) =>
  stateResources(environments).map(({ kind, name, environments: users }) => `${kind} ${name}: ${users.join(" ")}`);

it("what several environments share is there once", () => {
  expect(names(environment("dev"), environment("prod"))).toEqual(["bucket tfstate: dev prod", "table locks: dev prod"]);
});

it("layers and environments may have their own", () => {
  expect(names(environment("dev", {}, { bucket: "other" }), environment("prod", { dynamodb_table: "more" }))).toEqual([
    "bucket tfstate: dev prod",
    "bucket other: dev",
    "table locks: dev",
    "table more: prod",
  ]);
});

it("a table of the same name in another region is another table", () => {
  expect(names(environment("dev"), environment("us", { bucket: "us", region: "us-east-1" }))).toEqual([
    "bucket tfstate: dev",
    "bucket us: us",
    "table locks: dev",
    "table locks: us",
  ]);
});

it("with lock files in the bucket no table is wanted, and without any lock it is told", () => {
  const lockFile = environment("dev", { dynamodb_table: undefined, use_lockfile: true });
  const none = environment("prod", { dynamodb_table: "" });
  expect(names(lockFile, none)).toEqual(["bucket tfstate: dev prod"]);
  expect(unlockedEnvironments([lockFile, none, environment("other")])).toEqual(["prod"]);
});

it("the bucket gets a KMS key where all who use it agree on one", () => {
  const key = (...environments: EnvironmentConfig[]) => stateResources(environments)[0]?.kmsKeyId;
  expect(key(environment("dev", { kms_key_id: "k" }))).toBe("k");
  expect(key(environment("dev", { kms_key_id: "k" }), environment("prod"))).toBeUndefined();
});

it("an argument that the SDK takes from elsewhere is refused with the remedy, unless that is done", async () => {
  const configured = backend("a", { shared_config_files: ["x"], skip_requesting_account_id: true });
  await expect(backendClients(configured, {})).rejects.toThrow(/shared_config_files.*set AWS_CONFIG_FILE/);
  await expect(backendClients(configured, { AWS_CONFIG_FILE: "x" })).resolves.toBeDefined();
});

it("the clients go where the backend says, in the form of any Terraform version", async () => {
  for (const endpoints of [
    { endpoints: { s3: "http://127.0.0.1:1", dynamodb: "http://127.0.0.1:2" } },
    { endpoint: "http://127.0.0.1:1", dynamodb_endpoint: "http://127.0.0.1:2" },
  ]) {
    const { s3, dynamodb } = await backendClients(backend("a", { ...endpoints, skip_requesting_account_id: true }), {});
    expect(await s3.config.endpoint?.()).toMatchObject({ port: 1 });
    expect(await dynamodb.config.endpoint?.()).toMatchObject({ port: 2 });
  }
});
