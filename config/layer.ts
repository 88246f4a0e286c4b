import { nearest } from "../terminal/nearest";
import { NAME_PART } from "./schema/aws-rules";
import type { Keys } from "./schema/check-keys";
import type { Fault, KeyPath } from "./source/fault";
import { faultAt, type SourceFile } from "./source/source-file";

/** The configuration's side of a layer: its two files, and how they are checked. The registry in `layers/` has the rest. */
export interface LayerConfiguration<Config = unknown> {
  /** The start of its stacks' names, `<name>-<environment>`: one word, without a hyphen. */
  readonly name: string;
  /** What it deploys, as docs/configuration.md puts it. */
  readonly contents: string;
  /** Where its state is kept: arguments of Terraform's S3 backend. */
  readonly backendFile: string;
  /** Its `.tfvars` file; it may be a `.tfvars.json` file instead. */
  readonly variablesFile: string;
  /**
   * An environment has an optional layer where it has the layer's variables file. The others it must have, unless it has
   * no file of theirs, and optional layers that read no other.
   */
  readonly optional: boolean;
  /** Layers before it in the list whose state it reads, with the outputs that it cannot do without. */
  readonly reads: readonly { readonly layer: string; readonly outputs: readonly string[] }[];
  /** Layers before it in the list that it asks for facts, where the environment has them, without reading their state. */
  readonly knows?: readonly string[];
  /** The keys of its variables file. */
  readonly keys: Keys;
  /** The keys of one entry of each key that is a map of objects, as `servers` is. */
  readonly entries: Readonly<Record<string, Keys>>;
  /** The keys of each key that is an object, by the way to it: `email`, `access.s3`. */
  readonly objects?: Readonly<Record<string, Keys>>;
  /** Checks its variables file and fills in defaults; every fault at once. */
  check(source: SourceFile, context: LayerContext): CheckedLayer<Config>;
}

/** What a layer's check takes from outside of its own file. */
export interface LayerContext {
  readonly environment: string;
  /** What is known of the layers that it reads or asks, by name; of one that is asked, nothing where there is none. */
  readonly facts: Readonly<Record<string, LayerFacts>>;
  /** The remedy for a key that is unknown in this place and known in another. */
  readonly hint: (key: string) => string | undefined;
}

/** What other layers may need to know of a layer, as far as its files are right. */
export interface LayerFacts {
  readonly projectName?: string | undefined;
  readonly bucketName?: string | undefined;
  readonly awsRegion?: string | undefined;
  readonly stateBucket?: string | undefined;
  /** Tags that the layers after it have too. */
  readonly commonTags?: Readonly<Record<string, string>> | undefined;
}

/** A prefix, as far as its overlap with those of others is judged. */
export interface ServerPrefix {
  readonly name: string;
  readonly prefix: string;
  /** Whether the server says `shared_prefix = true`. */
  readonly shared: boolean;
}

/** A prefix in its bucket, which everybody reaches who has it, or under which each identity reaches its own folder. */
export interface BucketPrefix extends ServerPrefix {
  readonly bucket: string;
  readonly path: KeyPath;
  /** Whose it is, as messages say it; the server of the name by default. */
  readonly owner?: string;
  /** Whether people reach a folder of their own identity under it, and so none that others have there. */
  readonly perIdentity?: boolean;
}

export interface CheckedLayer<Config = unknown> {
  /** Missing where anything in the file is wrong. */
  readonly config?: Config | undefined;
  readonly faults: readonly Fault[];
  /** What is allowed, and hardly meant. */
  readonly warnings?: readonly Fault[];
  readonly facts?: Omit<LayerFacts, "stateBucket">;
  /** The IAM roles whose names are known, each with the key that its name comes from. */
  readonly roles?: readonly { readonly name: string; readonly path: KeyPath }[];
  /** The prefixes of Cognito domains that are known, each with the key that it comes from. */
  readonly domains?: readonly { readonly name: string; readonly region: string; readonly path: KeyPath }[];
  /** The prefixes of servers and people, where they are right by themselves and the bucket is known. */
  readonly prefixes?: readonly BucketPrefix[];
}

/** The names that a layer's variables file may have, as Terraform allows. */
export function variablesFiles({ variablesFile }: LayerConfiguration): readonly string[] {
  return [variablesFile, `${variablesFile}.json`];
}

/** Every name that a file of a layer may have. */
export function filesOf(layer: LayerConfiguration): string[] {
  return [layer.backendFile, ...variablesFiles(layer)];
}

/**
 * The layers that an environment has, by the files in its folder.
 * @param layers every layer that it may have
 */
export function layersPresent<L extends LayerConfiguration>(files: readonly string[], layers: readonly L[]): L[] {
  const chosen = layers.filter((layer) => layer.optional && variablesFiles(layer).some((file) => files.includes(file)));
  const strangers = files.filter((file) => !layers.some((layer) => filesOf(layer).includes(file)));
  const required = layers.filter(({ optional }) => !optional);
  const isMeant = required
    .flatMap(filesOf)
    // A misspelt file was meant, and must not be taken for one that nobody wants.
    .some((file) => files.includes(file) || nearest(file, strangers) !== undefined);
  const standAlone = chosen.length > 0 && !isMeant && chosen.every(({ reads }) => reads.length === 0);
  return standAlone ? chosen : layers.filter((layer) => !layer.optional || chosen.includes(layer));
}

/** The remedy for a key that is unknown where it was found, and known in a file of a layer, or in its entries. */
export function belongsElsewhere(layers: readonly LayerConfiguration[]): LayerContext["hint"] {
  return (key) => {
    const file = layers.find(({ keys }) => Object.hasOwn(keys, key))?.variablesFile;
    if (file !== undefined) return `move it to ${file}, where it belongs`;
    for (const { variablesFile, entries } of layers) {
      const parent = Object.keys(entries).find((each) => Object.hasOwn(entries[each] ?? {}, key));
      if (parent !== undefined) return `move it into an entry of ${parent}, in ${variablesFile}`;
    }
    return undefined;
  };
}

/** Of variables files, which have no secrets: keys that look like a secret of another file. */
export function hiddenInVariables(layers: readonly LayerConfiguration[]): (path: KeyPath) => boolean {
  const parents = new Set(layers.flatMap(({ entries }) => Object.keys(entries)));
  const known = new Set(
    layers.flatMap(({ keys, entries, objects = {} }) =>
      [keys, ...Object.values(entries), ...Object.values(objects)].flatMap((each) => Object.keys(each)),
    ),
  );
  const looksSecret = (key: string, pattern: RegExp) => !known.has(key) && pattern.test(key);
  return ([name = "", ...others]) => {
    // Of an entry, its name is the user's own; below its keys there are names of tags and scopes as well.
    const [key, ...deeper] = parents.has(name) ? others.slice(1) : [name, ...others];
    const isSecret = key !== undefined && looksSecret(key, /key|secret|token|password|credential/i);
    return isSecret || deeper.some((each) => looksSecret(each, /secret|passw|pwd/i));
  };
}

/** Every variables file names their environment, so that a copied folder cannot deploy over the one it came from. */
export function wrongEnvironment(
  source: SourceFile,
  found: string | undefined,
  environment: string,
  key = "environment",
): Fault[] {
  // A folder that must be renamed anyway is no name to write here.
  if (found === undefined || found === environment || !NAME_PART.test(environment)) return [];
  return [
    faultAt(
      source,
      [key],
      {
        message: `is not the name of its folder, "${environment}"`,
        remedy: `write ${key} = "${environment}", or rename the folder`,
      },
      found,
    ),
  ];
}
