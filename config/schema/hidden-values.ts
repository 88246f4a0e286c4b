import type { KeyPath } from "../source/fault";
import { backendKeys, nestedBackendKeys } from "./backend-keys";
import { serverKeys } from "./servers-keys";
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

/** Of a variable file, which has no secrets: keys that look like a secret of another file. */
export function hiddenInVariables(path: KeyPath): boolean {
  const key = path[0] === "servers" ? path[2] : path[0];
  return key !== undefined && !Object.hasOwn(serverKeys, key) && /key|secret|token|password|credential/i.test(key);
}
