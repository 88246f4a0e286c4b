import type { KeyPath } from "../source/fault";
import { backendKeys, nestedBackendKeys } from "./backend-keys";
import { isSecret } from "./terraform-types";

type Keys = Readonly<Record<string, Parameters<typeof isSecret>[0]>>;

/** Of a backend file: keys that are marked as secret, and all that are not known, since they may be misspelt secrets. */
export function hiddenInBackend([name = "", inner]: KeyPath): boolean {
  const nested: Keys | undefined = Object.hasOwn(nestedBackendKeys, name)
    ? nestedBackendKeys[name as keyof typeof nestedBackendKeys]
    : undefined;
  return nested === undefined || inner === undefined ? hidden(backendKeys, name) : hidden(nested, inner);
}

function hidden(keys: Keys, name: string): boolean {
  const schema = Object.hasOwn(keys, name) ? keys[name] : undefined;
  return schema === undefined || isSecret(schema);
}

/** Of variables files, which have no secrets: keys that look like a secret of another file. */
export function hiddenInVariables(
  layers: readonly { readonly keys: Keys; readonly entries: Readonly<Record<string, Keys>> }[],
): (path: KeyPath) => boolean {
  const parents = new Set(layers.flatMap(({ entries }) => Object.keys(entries)));
  const known = new Set(
    layers.flatMap(({ keys, entries }) => [keys, ...Object.values(entries)].flatMap((each) => Object.keys(each))),
  );
  return ([name = "", , inner]) => {
    const key = parents.has(name) ? inner : name;
    return key !== undefined && !known.has(key) && /key|secret|token|password|credential/i.test(key);
  };
}
