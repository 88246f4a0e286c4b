import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketArn, functionArn, roleArn, tableArn } from "../../access/arn";

// What an environment's stacks say to Terraform, with what Terraform would put in for references. Nothing is asked of
// AWS, so what only AWS gives (the account, the ids of pools and clients) is stood in for: policies compare it, no more.

/** Stands for the account that is deployed to. */
export const ACCOUNT = "000000000000";

type Attributes = Readonly<Record<string, unknown>>;
type ByTypeAndName = Readonly<Record<string, Readonly<Record<string, Attributes>>>>;

/** A stack's Terraform JSON, as far as it is read here. */
export interface StackDocument {
  readonly provider?: Readonly<Record<string, readonly Attributes[]>>;
  readonly resource?: ByTypeAndName;
  readonly data?: ByTypeAndName;
  readonly output?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Resource {
  readonly layer: string;
  readonly type: string;
  readonly name: string;
  /** As they are in the file, with references. */
  readonly attributes: Attributes;
}

/** Types whose id is their name; the ids of others are AWS's. */
const NAMES_AS_IDS: Readonly<Record<string, string>> = {
  aws_dynamodb_table: "name",
  aws_iam_role: "name",
  aws_lambda_function: "function_name",
  aws_s3_bucket: "bucket",
};

/** The blocks of a name in a resource: Terraform takes one alone for a list of one. */
export function blocksOf({ attributes }: Resource, name: string): readonly Attributes[] {
  return [(attributes[name] ?? []) as Attributes | readonly Attributes[]].flat();
}

/** The stacks of one environment. */
export class Deployment {
  private readonly all: readonly Resource[];
  private readonly byAddress: ReadonlyMap<string, Resource>;

  /** @param stacks by the names of their layers */
  constructor(private readonly stacks: ReadonlyMap<string, StackDocument>) {
    const within = (layer: string, named: ByTypeAndName = {}): Resource[] =>
      Object.entries(named).flatMap(([type, all]) =>
        Object.entries(all).map(([name, attributes]) => ({ layer, type, name, attributes })),
      );
    this.all = [...stacks].flatMap(([layer, { resource }]) => within(layer, resource));
    const data = [...stacks].flatMap(([layer, stack]) => within(layer, stack.data));
    this.byAddress = new Map([
      ...this.all.map((each) => [`${each.layer} ${each.type}.${each.name}`, each] as const),
      ...data.map((each) => [`${each.layer} data.${each.type}.${each.name}`, each] as const),
    ]);
  }

  everything(): readonly Resource[] {
    return this.all;
  }

  resources(type: string): readonly Resource[] {
    return this.all.filter((each) => each.type === type);
  }

  /** The text of an attribute, as Terraform would give it to AWS; undefined where it has none. */
  text(resource: Resource, attribute: string): string | undefined {
    const value = resource.attributes[attribute];
    return typeof value === "string" ? this.filledIn(value, resource.layer) : undefined;
  }

  /** The text of an output; undefined where the layer or the output is not there. */
  output(layer: string, name: string): string | undefined {
    const value = this.stacks.get(layer)?.output?.[name]?.value;
    return typeof value === "string" ? this.filledIn(value, layer) : undefined;
  }

  /** The tags that the AWS provider puts on everything of a layer. */
  defaultTags(layer: string): Readonly<Record<string, string>> {
    const [defaults] = [this.provider(layer).default_tags ?? []].flat() as readonly { tags?: Record<string, string> }[];
    return defaults?.tags ?? {};
  }

  arn(resource: Resource): string {
    return this.value(resource, "arn");
  }

  id(resource: Resource): string {
    return this.value(resource, "id");
  }

  /**
   * A text of a layer with values in the place of references, and without Terraform's escapes.
   * @throws {Error} where it refers to what is not known here: a guess would be worse than no answer
   */
  filledIn(text: string, layer: string): string {
    return text.replace(/([$%])\1\{|\$\{([^}]*)\}/g, (_, doubled: string | undefined, reference: string) =>
      doubled === undefined ? this.referredTo(reference, layer) : `${doubled}{`,
    );
  }

  private referredTo(reference: string, layer: string): string {
    if (reference === "data.aws_caller_identity.current.account_id") return ACCOUNT;
    const [, other, output] = /^data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)$/.exec(reference) ?? [];
    const ofOther = other === undefined || output === undefined ? undefined : this.output(other, output);
    if (ofOther !== undefined) return ofOther;
    const [, address, attribute] = /^((?:data\.)?\w+\.[\w-]+)\.(\w+)$/.exec(reference) ?? [];
    const resource = this.byAddress.get(`${layer} ${address}`);
    if (resource === undefined || attribute === undefined) throw unknown(reference, layer);
    return this.value(resource, attribute);
  }

  private value(resource: Resource, attribute: string): string {
    const { layer, type, name } = resource;
    const written = this.text(resource, attribute);
    if (written !== undefined) return written;
    if (attribute === "id") return this.text(resource, NAMES_AS_IDS[type] ?? "") ?? `${type}.${name}`;
    const made = attribute === "arn" ? this.madeArn(resource) : undefined;
    if (made === undefined) throw unknown(`${type}.${name}.${attribute}`, layer);
    return made;
  }

  private provider(layer: string): Attributes {
    return this.stacks.get(layer)?.provider?.aws?.[0] ?? {};
  }

  private madeArn(resource: Resource): string | undefined {
    const region = String(this.provider(resource.layer).region);
    const named = (attribute: string) => this.text(resource, attribute) ?? "";
    switch (resource.type) {
      case "aws_iam_role":
        return roleArn(ACCOUNT, named("name"), this.text(resource, "path"));
      case "aws_s3_bucket":
        return bucketArn(named("bucket"));
      case "aws_dynamodb_table":
        return tableArn(region, ACCOUNT, named("name"));
      case "aws_lambda_function":
        return functionArn(region, ACCOUNT, named("function_name"));
      case "aws_cloudwatch_log_group":
        return `arn:aws:logs:${region}:${ACCOUNT}:log-group:${named("name")}`;
      case "aws_cognito_user_pool":
        return `arn:aws:cognito-idp:${region}:${ACCOUNT}:userpool/${this.id(resource)}`;
      case "aws_cognito_identity_pool":
        return `arn:aws:cognito-identity:${region}:${ACCOUNT}:identitypool/${this.id(resource)}`;
      default:
        return undefined;
    }
  }
}

function unknown(reference: string, layer: string): Error {
  return new Error(`the layer ${layer} refers to ${reference}, whose value is not known before a deployment`);
}

/** Reads the stacks of an environment from where they were synthesised to. */
export function readDeployment(outdir: string, environment: string): Deployment {
  const folder = join(outdir, "stacks");
  const ending = `-${environment}`;
  const stacks = readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name): [string, StackDocument] => {
      const text = readFileSync(join(folder, name, "cdk.tf.json"), "utf8");
      return [name.slice(0, -ending.length), JSON.parse(text)];
    });
  return new Deployment(new Map(stacks));
}
