import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type functionKeys, functionName } from "../schema/api-keys";
import type { FunctionConfig } from "../schema/api-types";
import type { CheckedEntry } from "../schema/check-keys";
import { wholeAddressName } from "../schema/terraform-address";
import type { Fault, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

const PROJECT = join(__dirname, "..", "..");
/** What the bundler starts at, the first that is there. */
const ENTRY_FILES = ["index.ts", "index.mts", "index.js", "index.mjs"];

type FunctionEntry = CheckedEntry<typeof functionKeys>;

export function functionOf({ name: key, checked }: FunctionEntry, environment: string): FunctionConfig {
  const { source = "", name, memory_mb = 0, timeout_seconds = 0 } = checked.values;
  const folder = resolve(PROJECT, source);
  const file = ENTRY_FILES.find((each) => existsSync(join(folder, each)));
  return {
    key,
    address: wholeAddressName(key),
    entry: file === undefined ? "" : join(folder, file),
    name: name ?? `${environment}-${key}-api`,
    memoryMb: memory_mb,
    timeoutSeconds: timeout_seconds,
  };
}

export function functionFaults(
  source: SourceFile,
  entries: readonly FunctionEntry[],
  functions: readonly FunctionConfig[],
): Fault[] {
  const byName = new Map<string, string>();
  return functions.flatMap(({ key, entry, name }, index) => {
    const { source: folder, name: written } = entries[index]?.checked.values ?? {};
    const faults: Fault[] = [];
    if (folder !== undefined && entry === "") {
      faults.push(faultAt(source, ["functions", key, "source"], folderProblem(folder), folder));
    }
    if (written === undefined && functionName(name) !== undefined) {
      const message = `gives the function and role "${name}", and AWS allows 64 letters, digits, hyphens and underscores`;
      faults.push(faultAt(source, ["functions", key], { message, remedy: "set its name, or rename the entry" }));
    }
    const same = byName.get(name.toLowerCase());
    if (same === undefined) byName.set(name.toLowerCase(), key);
    else {
      const message = `gives the function and role "${name}", as "${same}" does`;
      faults.push(faultAt(source, ["functions", key], { message, remedy: "set the name of one of them" }));
    }
    return faults;
  });
}

function folderProblem(folder: string): Problem {
  const path = resolve(PROJECT, folder);
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    return { message: "is not a folder", remedy: `correct it: from the project's folder it is ${path}` };
  }
  return { message: `has none of ${ENTRY_FILES.join(", ")}`, remedy: "export a function handler from one of them" };
}
