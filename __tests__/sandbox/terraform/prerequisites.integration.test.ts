import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPrerequisites, MissingPrerequisitesError } from "../../../sandbox/terraform/prerequisites";

let folder: string;
let bin: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-prerequisites-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): void {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** A Terraform that tells its version, and installs the provider or says why it cannot. */
function terraform(version: string, init = 'echo "Error: could not connect to registry" >&2; exit 1'): void {
  program("terraform", `case $1 in version) echo '{"terraform_version":"${version}"}';; init) ${init};; esac`);
}

function withMirror(): void {
  const provider = join(folder, "home/.terraform.d/plugins/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64");
  mkdirSync(provider, { recursive: true });
  writeFileSync(join(provider, "terraform-provider-aws_v5.100.0_x5"), "");
}

const check = (env: NodeJS.ProcessEnv = {}, progress: string[] = []) =>
  checkPrerequisites({
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      XDG_CACHE_HOME: join(folder, "cache"),
      TF_CLI_CONFIG_FILE: join(folder, "none"),
      ...env,
    },
    projectFolder: folder,
    progress: (line) => progress.push(line),
    search: { home: join(folder, "home"), root: folder, platform: "linux", architecture: "x64" },
  });

async function missing(env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const error = await check(env).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MissingPrerequisitesError);
  return (error as MissingPrerequisitesError).missing;
}

it("all there: nothing is said, nothing is fetched", async () => {
  terraform("1.11.4");
  program("moto_server", "");
  withMirror();
  const progress: string[] = [];
  expect(await check({}, progress)).toEqual({
    terraform: join(bin, "terraform"),
    emulator: join(bin, "moto_server"),
    providerSource: { kind: "mirror", folder: join(folder, "home/.terraform.d/plugins") },
  });
  expect(progress).toEqual([]);
});

it("nothing there: a sentence each, all at once, each with where to get it", async () => {
  expect(await missing({ PATH: bin })).toEqual([
    expect.stringMatching(/^Terraform \(terraform\) is not on PATH: install .* https:\/\/\S+, or .*\.$/),
    expect.stringMatching(/^The AWS emulator \(moto_server\) is not on PATH: install it with "pipx install/),
    expect.stringMatching(/^Terraform's AWS provider .* is in no mirror folder .*: connect this machine/),
  ]);
});

it("Terraform too old", async () => {
  terraform("1.4.7");
  program("moto_server", "");
  withMirror();
  expect(await missing()).toEqual([expect.stringMatching(/terraform is version 1\.4\.7, and the stacks need 1\.5/)]);
});

it("another program in Terraform's place", async () => {
  program("terraform", "echo hello");
  program("moto_server", "");
  withMirror();
  expect(await missing()).toEqual([expect.stringContaining("does not answer")]);
});

it("the program that TERRAFORM_BINARY_NAME names", async () => {
  program("moto_server", "");
  withMirror();
  expect(await missing({ TERRAFORM_BINARY_NAME: "tofu" })).toContainEqual(
    expect.stringMatching(/^Terraform \(tofu\) is not on PATH/),
  );
});

it("no mirror, and a registry that does not answer: says what Terraform said", async () => {
  terraform("1.11.4");
  program("moto_server", "");
  expect(await missing()).toEqual([expect.stringContaining("(could not connect to registry)")]);
});

it("no mirror, and a registry that answers: fetched once, and a mirror from then on", async () => {
  const provider = ".terraform/providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64";
  terraform("1.11.4", `mkdir -p ${provider}; touch ${provider}/terraform-provider-aws_v5.100.0_x5`);
  program("moto_server", "");
  const progress: string[] = [];
  const cache = join(folder, "cache/oidc-s3/terraform-providers");
  expect((await check({}, progress)).providerSource).toEqual({ kind: "mirror", folder: cache });
  expect(progress).toEqual([expect.stringContaining("fetching Terraform's AWS provider")]);
  terraform("1.11.4");
  expect((await check({}, progress)).providerSource).toEqual({ kind: "mirror", folder: cache });
  expect(progress).toHaveLength(1);
});
