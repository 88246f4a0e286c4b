import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { nearest } from "../terminal/nearest";
import {
  belongsElsewhere,
  type CheckedLayer,
  filesOf,
  hiddenInVariables,
  type LayerConfiguration,
  type LayerFacts,
  layersPresent,
  variablesFiles,
} from "./layer";
import type { NamedRole, PlacedDomain, PlacedPrefix } from "./rules/across-environments";
import { type CheckedBackend, checkBackend, type TerraformVersion } from "./rules/backend";
import { withThrottle } from "./rules/foundation";
import { NAME_PART } from "./schema/aws-rules";
import { backendKeys, hiddenInBackend, nestedBackendKeys } from "./schema/backend-keys";
import { isChosenName } from "./schema/key-tree";
import type { BackendConfig, EnvironmentConfig, ServersConfig, WrittenFoundationConfig } from "./schema/types";
import type { Fault } from "./source/fault";
import { type ParsedFile, parseFile } from "./source/parse-file";
import type { SourceFile } from "./source/source-file";

export interface CheckedEnvironment {
  readonly name: string;
  /** Missing where anything in the folder is wrong. */
  readonly config?: EnvironmentConfig | undefined;
  readonly faults: readonly Fault[];
  /** What is allowed, and hardly meant. */
  readonly warnings: readonly Fault[];
  /** The backend files that could be read, for the check across environments. */
  readonly backends: readonly CheckedBackend[];
  /** The IAM roles whose names are known, for the check across environments. */
  readonly roles: readonly NamedRole[];
  /** Cognito domains, for the check across environments. */
  readonly domains: readonly PlacedDomain[];
  /** The prefixes of servers, for the check across environments. */
  readonly prefixes: readonly PlacedPrefix[];
}

/** Reads and checks the files of one folder of `environments/`, two for each layer; every fault of every file at once. */
export async function loadEnvironment(
  directory: string,
  name: string,
  layers: readonly LayerConfiguration[],
  terraformVersion?: TerraformVersion,
): Promise<CheckedEnvironment> {
  const folder = join(directory, name);
  let present: string[];
  try {
    present = await readdir(folder);
  } catch (error) {
    return {
      name,
      faults: [unreadable(folder, error)],
      warnings: [],
      backends: [],
      roles: [],
      domains: [],
      prefixes: [],
    };
  }
  const files = new EnvironmentFiles(folder, present, layers);
  const found = (await Promise.all(layers.map((layer) => files.readLayer(layer)))).filter((each) => each !== undefined);
  const checked = checkInOrder(found, name, belongsElsewhere(layers), terraformVersion);

  const faults = [
    ...folderFaults(folder, name),
    ...files.faults,
    ...files.ignored(),
    ...checked.flatMap(({ backend, variables }) => [...(backend?.faults ?? []), ...(variables?.faults ?? [])]),
  ];
  const backends = checked.flatMap(({ backend }) => backend ?? []);
  // The account is not known: environments whose first layers share a state bucket are taken for those of one.
  const stateBucket = checked[0]?.backend?.bucket;
  const roles = checked.flatMap(({ source, variables }) =>
    source === undefined || stateBucket === undefined
      ? []
      : (variables?.roles ?? []).map((role) => ({ environment: name, stateBucket, source, ...role })),
  );
  const domains = checked.flatMap(({ source, variables }) =>
    source === undefined ? [] : (variables?.domains ?? []).map((domain) => ({ environment: name, source, ...domain })),
  );
  const prefixes = checked.flatMap(({ layer, source, variables }) =>
    source === undefined
      ? []
      : (variables?.prefixes ?? []).map((prefix) => ({ environment: name, layer: layer.name, source, ...prefix })),
  );
  const warnings = checked.flatMap(({ variables }) => variables?.warnings ?? []);
  const config = faults.length === 0 ? complete(name, checked) : undefined;
  return { name, faults, warnings, backends, roles, domains, prefixes, config };
}

const isNameInBackend = isChosenName({ keys: backendKeys, entries: {}, objects: nestedBackendKeys });

function isNameIn({ keys, entries, objects }: LayerConfiguration): SourceFile["isName"] {
  return isChosenName({ keys, entries, objects: { assume_role: nestedBackendKeys.assume_role, ...objects } });
}

/** The two files of a layer that an environment has, as far as they could be parsed. */
interface FoundLayer {
  readonly layer: LayerConfiguration;
  readonly backendSource: SourceFile | undefined;
  readonly source: SourceFile | undefined;
}

interface CheckedFiles extends FoundLayer {
  readonly backend: CheckedBackend | undefined;
  readonly variables: CheckedLayer | undefined;
}

/** A layer reads only layers before it in the list. */
function checkInOrder(
  found: readonly FoundLayer[],
  environment: string,
  hint: ReturnType<typeof belongsElsewhere>,
  terraformVersion: TerraformVersion | undefined,
): CheckedFiles[] {
  const known: Record<string, LayerFacts> = {};
  return found.map((files) => {
    const { layer, backendSource, source } = files;
    const asked = (layer.knows ?? []).flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]]));
    const read = layer.reads.map(({ layer: name }) => [name, known[name] ?? {}]);
    const facts: Record<string, LayerFacts> = Object.fromEntries([...asked, ...read]);
    const backend = backendSource && checkBackend(backendSource, hint, terraformVersion);
    const variables = source && layer.check(source, { environment, facts, hint });
    known[layer.name] = { ...variables?.facts, stateBucket: backend?.bucket };
    return { ...files, backend, variables };
  });
}

/** Of files without a fault. */
function complete(name: string, checked: readonly CheckedFiles[]): EnvironmentConfig {
  const configs: Record<string, unknown> = {};
  const backends: Record<string, BackendConfig> = {};
  for (const { layer, backend, variables } of checked) {
    configs[layer.name] = variables?.config;
    if (backend?.backend !== undefined) backends[layer.name] = backend.backend;
  }
  const { foundation, servers, ...optional } = configs as {
    readonly foundation?: WrittenFoundationConfig;
    readonly servers?: ServersConfig;
  };
  if (foundation === undefined || servers === undefined) return { name, optional, backends };
  return { name, foundation: withThrottle(foundation, servers.servers.length), servers, optional, backends };
}

function folderFaults(folder: string, name: string): Fault[] {
  if (NAME_PART.test(name)) return [];
  return [
    {
      file: folder,
      message: `is a folder whose name, "${name}", no stack, bucket or Cognito domain can have`,
      remedy: "rename it: lower-case letters, digits and inner hyphens alone",
    },
  ];
}

/** The files of one folder, and what is wrong with them as files. */
class EnvironmentFiles {
  readonly faults: Fault[] = [];
  private readonly hidesVariable: SourceFile["hides"];
  /** Files that are some layer's: none of them is another's, misspelt. */
  private readonly own: ReadonlySet<string>;
  private readonly variables: readonly string[];
  private readonly layers: readonly LayerConfiguration[];

  constructor(
    private readonly folder: string,
    private readonly present: readonly string[],
    layers: readonly LayerConfiguration[],
  ) {
    this.hidesVariable = hiddenInVariables(layers);
    this.variables = layers.map(({ variablesFile }) => variablesFile);
    this.own = new Set(layers.flatMap(filesOf));
    this.layers = layersPresent(present, layers);
  }

  /** Files that Terraform would heed in a folder of its own, and that count for nothing here. */
  ignored(): Fault[] {
    return this.present
      .filter((name) => !this.own.has(name) && /(^terraform|\.auto)\.tfvars(\.json)?$|\.tf(\.json)?$/.test(name))
      .map((name) => ({
        file: join(this.folder, name),
        message: "would count for Terraform, and counts for nothing here",
        remedy: /\.tf(\.json)?$/.test(name)
          ? "remove it: stacks are described in stacks/, and an environment by its variables alone"
          : `move its values to ${this.variables.join(" or ")}, and remove it`,
      }));
  }

  /** Reads both files of a layer; nothing of one that the folder need not have, and does not have. */
  async readLayer(layer: LayerConfiguration): Promise<FoundLayer | undefined> {
    const { backendFile } = layer;
    if (!this.layers.includes(layer)) {
      if (this.present.includes(backendFile)) this.faults.push(this.loneBackend(layer));
      return undefined;
    }
    const variables = variablesFiles(layer);
    const [backendSource, source] = await Promise.all([
      this.read([backendFile], { hides: hiddenInBackend, isName: isNameInBackend }),
      this.read(variables, { hides: this.hidesVariable, isName: isNameIn(layer) }),
    ]);
    return { layer, backendSource, source };
  }

  /** Reads the one of the files that is there. */
  private async read(allowed: readonly string[], rules: Pick<SourceFile, "hides" | "isName">) {
    const found = allowed.filter((candidate) => this.present.includes(candidate));
    const [chosen, other] = found;
    if (chosen === undefined) {
      this.faults.push(this.missing(allowed));
      return undefined;
    }
    if (other !== undefined) {
      const message = `exists beside ${chosen}, and only one of them can count`;
      this.faults.push({ file: join(this.folder, other), message, remedy: "remove one of the two" });
    }
    const path = join(this.folder, chosen);
    const { source, faults } = await readFile(path).then(
      (bytes) => parseFile(path, bytes, rules),
      (error: unknown): ParsedFile => ({ faults: [unreadable(path, error)] }),
    );
    this.faults.push(...faults);
    return source;
  }

  private missing(allowed: readonly string[]): Fault {
    const misspelt = this.misspelt(allowed);
    const remedy =
      misspelt === undefined
        ? `create ${allowed.join(" or ")}; docs/configuration.md lists its keys`
        : `rename ${misspelt}, if that is the file`;
    return { file: join(this.folder, allowed[0] ?? ""), message: "is missing", remedy };
  }

  /** An optional layer's state without the layer: its variables file was forgotten, or it was taken away. */
  private loneBackend(layer: LayerConfiguration): Fault {
    const misspelt = this.misspelt(variablesFiles(layer));
    const remedy =
      misspelt === undefined
        ? `create ${layer.variablesFile} for the layer ${layer.name} (docs/configuration.md lists its keys), or remove this file`
        : `rename ${misspelt}, if that is the file, or remove this one`;
    const message = `exists without ${layer.variablesFile}, and so belongs to no layer`;
    return { file: join(this.folder, layer.backendFile), message, remedy };
  }

  private misspelt([file = ""]: readonly string[]): string | undefined {
    const others = this.present.filter((name) => !this.own.has(name));
    return nearest(file, others);
  }
}

function unreadable(file: string, error: unknown): Fault {
  const { code, message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  const remedy = UNREADABLE_REMEDIES[code ?? ""] ?? "make it readable, or remove it";
  // What the folder lists and nobody finds is a link.
  const reason = code === "ENOENT" ? `it is a link to something that does not exist (${message})` : message;
  return { file, message: `cannot be read: ${reason}`, remedy };
}

const UNREADABLE_REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: "correct where the link leads, or remove it",
  ELOOP: "correct the link, which leads back to itself, or remove it",
  EISDIR: "put a file in the place of this folder",
  ENOTDIR: "put a folder in the place of this file",
  EACCES: "correct its permissions",
  EPERM: "correct its permissions",
};
