import {
  DefaultTokenResolver,
  StringConcat,
  TerraformElement,
  TerraformOutput,
  type TerraformStack,
  Token,
  Tokenization,
} from "cdktf";

type Json = Record<string, unknown>;

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/**
 * A stack as Terraform JSON: what cdktf's own `toTerraform` gives, less the construct paths beside each resource. Two
 * differences make it fit for thousands of servers. cdktf resolves the whole stack twice, in a time that grows faster
 * than the stack; here only elements that hold tokens are resolved, once. And the cdktf CLI searches every line that
 * Terraform prints for every resource that has a construct path, to print that too; ours is the address itself.
 */
export function stackJson(stack: TerraformStack, overrides: Json): Json {
  const elements = stack.node.findAll().filter(TerraformElement.isTerraformElement);
  const metadata: Json = { version: stack.node.tryGetContext("cdktfVersion"), stackName: stack.node.id };
  if (Object.keys(overrides).length > 0) metadata.overrides = { stack: Object.keys(overrides) };
  const outputs: Json = {};
  const document: Json = { "//": { metadata, outputs } };
  for (const element of elements) {
    merge(metadata, resolved(stack, element.toMetadata()));
    if (TerraformOutput.isTerraformOutput(element)) {
      // The cdktf CLI shows an output under the path of its construct.
      const nested = element.node.path
        .split("/")
        .reduceRight<Json | string>((inner, part) => ({ [part]: inner }), element.friendlyUniqueId);
      merge(outputs, nested as Json);
    }
    merge(document, withoutPaths(resolved(stack, element.toTerraform())));
  }
  return merge(document, resolved(stack, overrides));
}

function resolved(scope: TerraformStack, value: Json): Json {
  if (!holdsToken(value)) return value;
  return Tokenization.resolve(value, { scope, preparing: false, resolver: RESOLVER });
}

function holdsToken(value: unknown): boolean {
  if (typeof value === "string") return value.includes("TfToken[");
  if (typeof value === "number") return Token.isUnresolved(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsToken);
  if (Tokenization.isResolvable(value)) return true;
  for (const key in value) if (key.includes("TfToken[") || holdsToken((value as Json)[key])) return true;
  return false;
}

function withoutPaths(fragment: Json): Json {
  for (const kind of ["resource", "data"]) {
    for (const instances of Object.values(fragment[kind] ?? {})) {
      for (const attributes of Object.values(instances as Record<string, Json>)) delete attributes["//"];
    }
  }
  return fragment;
}

/** Merges objects and joins lists; `undefined` is left out. */
function merge(target: Json, source: Json): Json {
  for (const [key, value] of Object.entries(source)) {
    // `__proto__` is a name like any other here, and must reach neither the prototype nor its setter.
    const existing = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isObject(existing) && isObject(value)) merge(existing, value);
    else if (Array.isArray(existing) && Array.isArray(value)) set(target, key, [...existing, ...value]);
    else if (value !== undefined) set(target, key, value);
  }
  return target;
}

function set(target: Json, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
