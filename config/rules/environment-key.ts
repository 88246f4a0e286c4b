import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

/** Every variables file names their environment, so that a copied folder cannot deploy over the one it came from. */
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
