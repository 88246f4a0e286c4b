import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { PROJECT_FOLDER } from "../../sandbox/terraform/cdktf";
import { Stacks } from "./support/stacks";

let folder: string;
let cloud: Cloud;
let stacks: Stacks;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-api-"));
  await cp(join(PROJECT_FOLDER, "environments/local"), join(folder, "local"), { recursive: true });
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
});
