import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { serverRoleName, vendingName } from "../access/names";
import { type CheckedBackend, checkBackend } from "./rules/backend";
import { checkFoundation } from "./rules/foundation";
import { checkServers } from "./rules/servers";
import type { NamedRole } from "./rules/shared-roles";
import { NAME_PART } from "./schema/aws-rules";
import { hiddenInBackend, hiddenInVariables } from "./schema/hidden-values";
import type { EnvironmentConfig } from "./schema/types";
import type { Fault } from "./source/fault";
import { nearest } from "./source/nearest";
import { type ParsedFile, parseFile } from "./source/parse-file";

export interface CheckedEnvironment {
  readonly name: string;
  /** Missing where anything in the folder is wrong. */
  readonly config?: EnvironmentConfig;
  readonly faults: readonly Fault[];
  /** The backend files that could be read, for the check across environments. */
  readonly backends: readonly CheckedBackend[];
  /** The IAM roles whose names are known, for the check across environments. */
  readonly roles: readonly NamedRole[];
}

/** Reads and checks the four files of one folder of `environments/`; every fault of every file at once. */
export async function loadEnvironment(directory: string, name: string): Promise<CheckedEnvironment> {
  const folder = join(directory, name);
  let present: string[];
  try {
    present = await readdir(folder);
  } catch (error) {
    return { name, faults: [unreadable(folder, error)], backends: [], roles: [] };
  }
  const read = (file: string) => readEnvironmentFile(folder, present, file);
  const [backendFile, serversBackendFile, foundationFile, serversFile] = await Promise.all([
    read("backend.hcl"),
    read("servers-backend.hcl"),
    read("foundation.tfvars"),
    read("servers.tfvars"),
  ]);

  const foundationBackend = backendFile.source && checkBackend(backendFile.source);
  const serversBackend = serversBackendFile.source && checkBackend(serversBackendFile.source);
  const foundation = foundationFile.source && checkFoundation(foundationFile.source, name);
  const servers =
    serversFile.source &&
    checkServers(serversFile.source, { ...foundation, environment: name, stateBucket: foundationBackend?.bucket });
  const faults = [
    ...folderFaults(folder, name),
    ...[backendFile, serversBackendFile, foundationFile, serversFile].flatMap((file) => file.faults),
    ...[foundationBackend, serversBackend, foundation, servers].flatMap((checked) => checked?.faults ?? []),
  ];
  const backends = [foundationBackend, serversBackend].filter((checked) => checked !== undefined);
  const roles: NamedRole[] = [];
  const projectName = foundation?.projectName;
  const stateBucket = foundationBackend?.bucket;
  if (foundationFile.source && projectName !== undefined && stateBucket !== undefined) {
    const deployment = { projectName, environment: name };
    const common = { environment: name, stateBucket };
    roles.push({ ...common, name: vendingName(deployment), source: foundationFile.source, path: ["project_name"] });
    for (const server of servers?.names ?? []) {
      const { source } = serversFile;
      if (source)
        roles.push({ ...common, name: serverRoleName(deployment, server), source, path: ["servers", server] });
    }
  }
  if (
    faults.length > 0 ||
    !foundation?.foundation ||
    !foundationBackend?.backend ||
    !servers?.servers ||
    !serversBackend?.backend
  ) {
    return { name, faults, backends, roles };
  }
  const config = {
    name,
    foundation: foundation.foundation,
    foundationBackend: foundationBackend.backend,
    servers: servers.servers,
    serversBackend: serversBackend.backend,
  };
  return { name, faults, backends, roles, config };
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

/** Reads one of the four files; a `.tfvars` may be a `.tfvars.json` instead, as Terraform allows. */
async function readEnvironmentFile(folder: string, present: readonly string[], file: string): Promise<ParsedFile> {
  const isBackend = file.endsWith(".hcl");
  const allowed = isBackend ? [file] : [file, `${file}.json`];
  const found = allowed.filter((candidate) => present.includes(candidate));
  const [chosen] = found;
  if (chosen === undefined) return { faults: [missingFile(folder, present, file, allowed)] };
  const path = join(folder, chosen);
  const parsed = await readFile(path).then(
    (bytes) => parseFile(path, bytes, isBackend ? hiddenInBackend : hiddenInVariables),
    (error: unknown): ParsedFile => ({ faults: [unreadable(path, error)] }),
  );
  if (found.length === 1) return parsed;
  const both: Fault = {
    file: join(folder, found.at(-1) ?? chosen),
    message: `stands beside ${file}, and only one of them can count`,
    remedy: "remove one of the two",
  };
  return { ...parsed, faults: [both, ...parsed.faults] };
}

function unreadable(file: string, error: unknown): Fault {
  const reason = error instanceof Error ? error.message : String(error);
  return { file, message: `cannot be read: ${reason}`, remedy: "correct its permissions, or remove it" };
}

function missingFile(folder: string, present: readonly string[], file: string, allowed: readonly string[]): Fault {
  const misspelt = nearest(
    file,
    present.filter((name) => !OWN_FILES.has(name)),
  );
  return {
    file: join(folder, file),
    message: "is missing",
    remedy:
      misspelt === undefined
        ? `create ${allowed.join(" or ")}; docs/configuration.md lists its keys`
        : `rename ${misspelt}, if that is the file`,
  };
}

const OWN_FILES: ReadonlySet<string> = new Set([
  "backend.hcl",
  "servers-backend.hcl",
  "foundation.tfvars",
  "foundation.tfvars.json",
  "servers.tfvars",
  "servers.tfvars.json",
]);
