import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useProviderLock } from "../../stacks/provider-lock";

const lock = (version: string, constraints = '  constraints = "~> 5.0"\n') => `# This file is maintained automatically.

provider "registry.terraform.io/hashicorp/archive" {
  version = "2.7.0"
  hashes = [
    "h1:archive",
  ]
}

provider "registry.terraform.io/hashicorp/aws" {
  version     = "${version}"
${constraints}  hashes = [
    "h1:aws",
    "zh:aws",
  ]
}
`;

let folder: string;
const stack = () => join(folder, "stack");
const locked = () => readFileSync(join(stack(), ".terraform.lock.hcl"), "utf8");
const commit = (path: string, text: string) => writeFileSync(join(folder, "environments", path), text);
const use = () => useProviderLock(stack(), join(folder, "environments"), "prod");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "provider-lock-"));
  mkdirSync(stack());
  mkdirSync(join(folder, "environments", "prod"), { recursive: true });
  const required_providers = { aws: { source: "hashicorp/aws", version: "~> 5.100" } };
  writeFileSync(join(stack(), "cdk.tf.json"), JSON.stringify({ terraform: { required_providers } }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("a lock beside the environments is used, with the stack's own constraint in it", () => {
  commit(".terraform.lock.hcl", lock("5.100.0"));
  use();
  expect(locked()).toContain('version     = "5.100.0"\n  constraints = "~> 5.100"\n  hashes = [\n    "h1:aws",');
  expect(locked()).not.toContain('~> 5.0"');
});

it("what the stack does not require stays as it was written", () => {
  commit(".terraform.lock.hcl", lock("5.100.0"));
  use();
  expect(locked()).toContain('provider "registry.terraform.io/hashicorp/archive" {\n  version = "2.7.0"\n  hashes = [');
});

it("the environment's own lock goes before the one beside all of them, and before one that is there", () => {
  writeFileSync(join(stack(), ".terraform.lock.hcl"), lock("5.1.0"));
  commit(".terraform.lock.hcl", lock("5.100.0"));
  commit("prod/.terraform.lock.hcl", lock("5.101.0", ""));
  use();
  expect(locked()).toContain('version     = "5.101.0"\n  constraints = "~> 5.100"');
  expect(locked()).not.toContain("5.100.0");
});

it("without a committed lock the stack's own stays", () => {
  writeFileSync(join(stack(), ".terraform.lock.hcl"), "own");
  use();
  expect(locked()).toBe("own");
});

it("line ends of another system do no harm", () => {
  commit(".terraform.lock.hcl", lock("5.100.0").replaceAll("\n", "\r\n"));
  use();
  expect(locked()).toContain('constraints = "~> 5.100"\n');
});

it("a file that locks nothing is refused, with the remedy", () => {
  commit(".terraform.lock.hcl", "<<<<<<< ours\n");
  expect(use).toThrow(/locks no provider: write it with "terraform providers lock"/);
});
