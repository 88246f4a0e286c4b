import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { FoundationStack } from "../../stacks/foundation-stack";
import { LayerStack } from "../../stacks/layer-stack";
import { ServersStack } from "../../stacks/servers-stack";
import { environmentConfig } from "../support/environment";
import { at, LAMBDA_CODE, synthesise } from "../support/synthesise";

class TestStack extends LayerStack {
  constructor(scope: Construct) {
    super(scope, "test", { backend: environmentConfig().backends.foundation, awsRegion: "eu-west-1", defaultTags: {} });
  }
}

const outdir = mkdtempSync(join(tmpdir(), "oidc-s3-layer-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));
const newApp = () => new App({ outdir });
const role = (scope: Construct, id: string) => new IamRole(scope, id, { assumeRolePolicy: "{}" });

it("a construct's id is its address, however deep it is", () => {
  const stack = new TestStack(newApp());
  role(new Construct(new Construct(stack, "outer"), "inner"), "aws_iam_role.one");
  expect(stack.toTerraform()).toMatchObject({ resource: { aws_iam_role: { one: {} } } });
});

it("a name that every JavaScript object has is an address like any other", () => {
  const stack = new TestStack(newApp());
  for (const name of ["one", "__proto__", "constructor"]) role(stack, `aws_iam_role.${name}`);
  const { resource } = stack.toTerraform() as { resource: { aws_iam_role: object } };
  expect(Object.keys(resource.aws_iam_role).sort()).toEqual(["__proto__", "constructor", "one"]);
  expect({}).not.toHaveProperty("assume_role_policy");
});

it("two resources with one address are refused, naming both", () => {
  const stack = new TestStack(newApp());
  role(new Construct(stack, "left"), "aws_iam_role.one");
  role(new Construct(stack, "right"), "aws_iam_role.one");
  expect(() => stack.toTerraform()).toThrow(
    "test/left/aws_iam_role.one and test/right/aws_iam_role.one both have the address aws_iam_role.one",
  );
});

it("two outputs with one name are refused", () => {
  const stack = new TestStack(newApp());
  for (const part of ["left", "right"]) new TerraformOutput(new Construct(stack, part), "one", { value: part });
  expect(() => stack.toTerraform()).toThrow("both have the address TerraformOutput.one");
});

it("one name for resources of two types is no clash", () => {
  const stack = new TestStack(newApp());
  role(stack, "aws_iam_role.one");
  new TerraformOutput(stack, "one", { value: "1" });
  expect(stack.toTerraform()).toMatchObject({ resource: { aws_iam_role: { one: {} } }, output: { one: {} } });
});

it.each(["aws_iam_role.a b", "aws_iam_role.1a", "aws_iam_role.", "aws_iam_role.größe"])(
  "%s is refused, since cdktf would drop characters or Terraform refuse it",
  (id) => {
    const stack = new TestStack(newApp());
    role(stack, id);
    expect(() => stack.toTerraform()).toThrow(/is not a valid name in Terraform/);
  },
);

it.each(["one", "aws_iam_policy.one", "data.aws_iam_role.one"])("%s is refused as the id of a role", (id) => {
  const stack = new TestStack(newApp());
  role(stack, id);
  expect(() => stack.toTerraform()).toThrow('must be its address, "aws_iam_role.<name>"');
});

/** cdktf's own rendering, without the construct paths that ours leaves out. */
function renderedByCdktf(stack: TerraformStack): unknown {
  const document = TerraformStack.prototype.toTerraform.call(stack);
  for (const kind of [document.resource, document.data]) {
    for (const instances of Object.values<object>(kind)) {
      for (const attributes of Object.values(instances)) delete attributes["//"];
    }
  }
  return document;
}

it.each([{}, { createS3Bucket: false, existingBucketName: "theirs", lambdaPackage: "archive" as const }])(
  "the rendering is cdktf's own, less construct paths (%p)",
  (foundation) => {
    const app = newApp();
    const environment = environmentConfig({ foundation, servers: { adoptModuleState: true } });
    for (const stack of [
      new FoundationStack(app, "foundation", { environment, lambdaCode: LAMBDA_CODE }),
      new ServersStack(app, "servers", { environment }),
    ]) {
      const text = JSON.stringify(stack.toTerraform());
      expect(text).not.toMatch(/TfToken|"stackTrace"|"uniqueId"/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(renderedByCdktf(stack))));
    }
  },
);

it("providers, versions and default tags are the documented ones", () => {
  const { foundation, servers } = synthesise(environmentConfig({ name: "prod", foundation: { projectName: "acme" } }));
  for (const document of [foundation, servers]) {
    expect(document.terraform.required_version).toBe(">= 1.5.0");
    expect(document.terraform.required_providers).toEqual({ aws: { source: "hashicorp/aws", version: "~> 5.100" } });
  }
  const tags = { Environment: "prod", ManagedBy: "terraform", IdP: "cognito" };
  const provider = (Project: string) => [{ region: "eu-west-1", default_tags: [{ tags: { Project, ...tags } }] }];
  expect(foundation.provider.aws).toEqual(provider("acme"));
  expect(servers.provider.aws).toEqual(provider("oidc-s3-uploader"));
});

it("a backend's arguments are passed through as they are, nested ones too", () => {
  const environment = environmentConfig();
  const more = {
    use_lockfile: true,
    skip_s3_checksum: true,
    endpoints: { s3: "http://127.0.0.1:5000", dynamodb: "http://127.0.0.1:5000" },
    assume_role: { role_arn: "arn:aws:iam::123456789012:role/state", tags: { CostCenter: "7" } },
    assume_role_tags: { CostCenter: "7", "a.b": "${odd}" },
    profile: "${odd}",
  };
  const { foundation, servers } = synthesise({
    ...environment,
    backends: { ...environment.backends, foundation: { ...environment.backends.foundation, ...more } },
  });
  const { dynamodb_table, encrypt, ...place } = environment.backends.foundation;
  const passed = { ...more, assume_role_tags: { CostCenter: "7", "a.b": "$${odd}" }, profile: "$${odd}" };
  expect(foundation.terraform.backend.s3).toEqual({ dynamodb_table, encrypt, ...place, ...passed });
  const { use_lockfile, ...read } = passed;
  expect(at(servers, "data.terraform_remote_state.foundation").config).toEqual({ ...place, ...read });
  expect(servers.terraform.backend.s3).toEqual(environment.backends.servers);
});
