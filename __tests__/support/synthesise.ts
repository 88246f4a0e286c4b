import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { ApiConfig } from "../../config/schema/api-types";
import type { EnvironmentConfig, UploaderEnvironment } from "../../config/schema/types";
import { ApiStack } from "../../stacks/api-stack";
import { FoundationStack } from "../../stacks/foundation-stack";
import { ServersStack } from "../../stacks/servers-stack";
import { UsersStack } from "../../stacks/users-stack";

export const LAMBDA_CODE = Buffer.from('export const handler = async () => ({ statusCode: 200, body: "{}" });\n');

type Attributes = Record<string, unknown>;

/** A stack's Terraform JSON, as Terraform reads it from the stack's folder. */
export interface StackDocument {
  readonly "//": { readonly metadata: Attributes; readonly outputs: Attributes };
  readonly terraform: {
    readonly backend: { readonly s3: Attributes };
    readonly required_providers: Record<string, Attributes>;
    readonly required_version: string;
  };
  readonly provider: Record<string, readonly Attributes[]>;
  readonly resource: Record<string, Record<string, Attributes>>;
  readonly data: Record<string, Record<string, Attributes>>;
  readonly output: Record<
    string,
    { readonly value: unknown; readonly description: string; readonly sensitive?: boolean }
  >;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
}

export interface Synthesised {
  readonly foundation: StackDocument;
  readonly servers: StackDocument;
  /** A file of the foundation layer's folder. */
  foundationFile(path: string): Buffer;
  /** The bytes of the servers layer's Terraform JSON. */
  readonly serversText: string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Both layers of an environment, synthesised to files and read back. */
export function synthesise(environment: UploaderEnvironment, lambdaCode: Uint8Array = LAMBDA_CODE): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), "oidc-s3-synth-"));
  folders.push(outdir);
  const app = new App({ outdir });
  new FoundationStack(app, "foundation", { environment, lambdaCode });
  new ServersStack(app, "servers", { environment });
  app.synth();
  const file = (path: string) => readFileSync(join(outdir, "stacks", path));
  const serversText = file("servers/cdk.tf.json").toString();
  return {
    foundation: JSON.parse(file("foundation/cdk.tf.json").toString()),
    servers: JSON.parse(serversText),
    foundationFile: (path) => file(join("foundation", path)),
    serversText,
  };
}

/** The api layer of an environment that has one, synthesised to files and read back. */
export function synthesiseApi(environment: EnvironmentConfig, functionCode: Uint8Array = LAMBDA_CODE) {
  const outdir = mkdtempSync(join(tmpdir(), "oidc-s3-synth-"));
  folders.push(outdir);
  const app = new App({ outdir });
  const { functions } = environment.optional.api as ApiConfig;
  const code = new Map(functions.map(({ key }) => [key, functionCode]));
  new ApiStack(app, "api-dev", { environment, functionCode: code });
  app.synth();
  const file = (path: string) => readFileSync(join(outdir, "stacks/api-dev", path));
  const text = file("cdk.tf.json").toString();
  return { document: JSON.parse(text) as StackDocument, text, file };
}

/** The users layer of an environment that has one, synthesised to a file and read back. */
export function synthesiseUsers(environment: EnvironmentConfig) {
  const outdir = mkdtempSync(join(tmpdir(), "oidc-s3-synth-"));
  folders.push(outdir);
  const app = new App({ outdir });
  new UsersStack(app, "users-dev", { environment });
  app.synth();
  const text = readFileSync(join(outdir, "stacks/users-dev/cdk.tf.json")).toString();
  return { document: JSON.parse(text) as StackDocument, text };
}

/** The addresses of everything in a stack, sorted. */
export function addresses({ resource, data }: StackDocument): string[] {
  const of = (instances: StackDocument["resource"] = {}, prefix = "") =>
    Object.entries(instances).flatMap(([type, named]) => Object.keys(named).map((name) => `${prefix}${type}.${name}`));
  return [...of(resource), ...of(data, "data.")].sort();
}

/** The attributes of one resource or data source. */
export function at(document: StackDocument, address: string): Attributes {
  const isData = address.startsWith("data.");
  const [type = "", name = ""] = address.slice(isData ? "data.".length : 0).split(/\.(.*)/);
  const attributes = (isData ? document.data : document.resource)[type]?.[name];
  if (attributes === undefined) throw new Error(`${address} is not in the stack, which has ${addresses(document)}`);
  return attributes;
}

/** Every `${address.attribute}` in a stack's text that names a resource or data source, as addresses. */
export function referencedAddresses(document: StackDocument): string[] {
  const text = JSON.stringify(document);
  const found = text.matchAll(/\$\{((?:data\.)?[a-z0-9]+_[a-z0-9_]+\.[A-Za-z0-9_-]+)\./g);
  return [...new Set([...found].map(([, address]) => address ?? ""))];
}
