import { foundationKeys } from "../schema/foundation-keys";
import { serverKeys, serversKeys } from "../schema/servers-keys";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

/** Both variable files name their environment, so that a copied folder cannot deploy over the one it came from. */
export function wrongEnvironment(source: SourceFile, found: string | undefined, environment: string): Fault[] {
  if (found === undefined || found === environment) return [];
  return [
    faultAt(
      source,
      ["environment"],
      {
        message: `is not the name of its folder, "${environment}"`,
        remedy: `write environment = "${environment}", or rename the folder`,
      },
      found,
    ),
  ];
}

const KEYS_OF_FILES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "foundation.tfvars": foundationKeys,
  "servers.tfvars": serversKeys,
};

/** What to say of a key that is unknown in one file and known in another, or in the entries of `servers`. */
export function belongsElsewhere(file: string): (key: string) => string | undefined {
  return (key) => {
    const other = Object.entries(KEYS_OF_FILES).find(([name, keys]) => name !== file && Object.hasOwn(keys, key));
    if (other !== undefined) return `move it to ${other[0]}, where it belongs`;
    return Object.hasOwn(serverKeys, key) ? "move it into an entry of servers, in servers.tfvars" : undefined;
  };
}
