import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import {
  DataTerraformRemoteStateS3,
  S3Backend,
  TerraformDataSource,
  TerraformElement,
  TerraformResource,
  TerraformStack,
} from "cdktf";
import type { Construct, Node } from "constructs";
import type { AccountConfig, BackendConfig } from "../config/schema/types";
import { literal, literals } from "../constructs/terraform-text";
import { stackJson } from "./stack-json";

/** Terraform's own rule for names, less the leading digit: https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers */
const LOGICAL_ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;

export type AccountSettings = Omit<AccountConfig, "permissionsBoundary" | "iamPath">;

export interface LayerStackProps {
  readonly backend: BackendConfig;
  readonly awsRegion: string;
  /** What the environment says of the AWS provider and of everything's tags; the servers' layer has it from the foundation's file. */
  readonly account?: AccountSettings;
  /** Tags of every resource of the layer. */
  readonly defaultTags: Readonly<Record<string, string>>;
}

/** Tags of layers that say in the configuration which project and environment they belong to. */
export function projectTags(config: { readonly projectName: string; readonly environment: string }) {
  return { Project: config.projectName, Environment: config.environment, ManagedBy: "terraform", IdP: "cognito" };
}

/**
 * What all layers share: state in S3, the AWS provider, and plain addresses. The id of a resource's construct is the
 * address that it has in every plan, like `aws_dynamodb_table.client_roles`, however deep in the tree it is.
 */
export abstract class LayerStack extends TerraformStack {
  private readonly pathOfAddress = new Map<string, string>();

  constructor(scope: Construct, id: string, props: LayerStackProps) {
    super(scope, id);
    const { backend, awsRegion, defaultTags, account = {} } = props;
    const { skipRegionValidation, profile, allowedAccountIds, assumeRole, commonTags } = account;
    this.addOverride("terraform.required_version", ">= 1.5.0");
    stateBackend(this, backend);
    const provider = new AwsProvider(this, "aws", {
      region: awsRegion,
      ...(skipRegionValidation ? { skipRegionValidation } : {}),
      ...(profile === undefined ? {} : { profile: literal(profile) }),
      ...(allowedAccountIds === undefined ? {} : { allowedAccountIds: [...allowedAccountIds] }),
      defaultTags: [{ tags: literals({ ...defaultTags, ...commonTags }) }],
    });
    if (assumeRole !== undefined) provider.addOverride("assume_role", [literals(assumeRole)]);
    this.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "~> 5.100" });
  }

  /**
   * cdktf resolves every element once before synthesis, only to find references to other stacks and to turn them into
   * outputs and remote states. The layers share explicit remote state alone, so that third of the work is left out.
   */
  override prepareStack(): void {
    this.ensureBackendExists();
  }

  override toTerraform(): unknown {
    // biome-ignore lint/complexity/useLiteralKeys: it is private to cdktf's class, which gives no other way to it
    return stackJson(this, this["rawOverrides"] as Record<string, unknown>);
  }

  /**
   * The part of a construct's id after the resource type.
   * @throws {Error} where the id has another type in front, would lose characters, or is another element's already:
   * cdktf would drop the characters, or overwrite the other element, without a word.
   */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const node = element instanceof TerraformElement ? element.node : element;
    const separator = node.id.lastIndexOf(".");
    const type = node.id.slice(0, Math.max(separator, 0));
    const logicalId = node.id.slice(separator + 1);
    const expectedType = elementType(element);
    if (expectedType !== undefined && type !== expectedType) {
      throw new Error(`${node.path}: the id of this construct must be its address, "${expectedType}.<name>"`);
    }
    if (!LOGICAL_ID.test(logicalId)) {
      throw new Error(`${node.path}: "${logicalId}" is not a valid name in Terraform: use letters, digits, _ and -`);
    }
    const address = `${type || element.constructor.name}.${logicalId}`;
    const path = this.pathOfAddress.get(address);
    if (path !== undefined && path !== node.path) {
      throw new Error(`${path} and ${node.path} both have the address ${address}: rename one of them`);
    }
    this.pathOfAddress.set(address, node.path);
    return logicalId;
  }
}

/** The type before the name in the element's address; none for outputs, providers and backends. */
function elementType(element: TerraformElement | Node): string | undefined {
  if (TerraformResource.isTerraformResource(element)) return element.terraformResourceType;
  if (TerraformDataSource.isTerraformDataSource(element)) return `data.${element.terraformResourceType}`;
  return undefined;
}

// cdktf writes the names of properties in snake case, those of maps too, where users choose them: `CostCenter` of
// `assume_role_tags` would be another tag. Overrides are written as they are.

/** The backend of a stack, with each argument as the environment's file has it. */
function stateBackend(scope: Construct, backend: BackendConfig): void {
  const { bucket, key, ...others } = literals(backend);
  const element = new S3Backend(scope, { bucket, key });
  for (const [name, value] of Object.entries(others)) element.addOverride(name, value);
}

/** A data source that reads the state of another stack by that stack's backend. */
export function remoteState(scope: Construct, id: string, backend: BackendConfig): void {
  // Without what concerns locking and writing: this only reads.
  const { bucket, key, dynamodb_table, dynamodb_endpoint, use_lockfile, encrypt, kms_key_id, acl, ...reading } =
    literals(backend);
  new DataTerraformRemoteStateS3(scope, id, { bucket, key }).addOverride("config", reading);
}
