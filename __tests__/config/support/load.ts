import { join } from "node:path";
import {
  type EnvironmentConfig,
  type Fault,
  loadEnvironments,
  type UploaderEnvironment,
  withUploader,
} from "../../../config";
import { LAYERS } from "../../../layers";
import { documentedFiles, temporaryDirectory } from "./temporary-environments";

/** What `loadEnvironments` says of one environment of a directory. */
export async function loadOne(directory: string, environment = "dev"): Promise<EnvironmentConfig | readonly Fault[]> {
  const found = (await loadEnvironments(directory, LAYERS)).find(({ name }) => name === environment);
  if (found === undefined) throw new Error(`${environment} was not loaded`);
  return "faults" in found ? found.faults : found.config;
}

/** The documented environment dev, with some files replaced (text) or removed (null). */
export function devDirectory(replaced: Readonly<Record<string, string | null>> = {}): string {
  const files: Record<string, string | null> = documentedFiles("dev");
  for (const [name, text] of Object.entries(replaced)) files[join("dev", name)] = text;
  return temporaryDirectory(
    Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null)),
  );
}

export async function configOf(replaced: Readonly<Record<string, string | null>> = {}): Promise<UploaderEnvironment> {
  const loaded = await loadOne(devDirectory(replaced));
  if (!("name" in loaded)) throw new Error(`unexpected faults: ${JSON.stringify(loaded, null, 2)}`);
  return withUploader(loaded);
}

export async function faultsOf(replaced: Readonly<Record<string, string | null>>): Promise<readonly Fault[]> {
  const loaded = await loadOne(devDirectory(replaced));
  if ("name" in loaded) throw new Error("a fault was expected, and the environment was accepted");
  return loaded;
}

/** `servers.tfvars` of dev with these entries of `servers` and other lines. */
export function serversFile(servers: string, others = ""): string {
  return `environment = "dev"\naws_region = "eu-west-1"\nservers = {\n${servers}\n}\n${others}\n`;
}

/** `foundation.tfvars` of dev with these lines after the required ones. */
export function foundationFile(lines = ""): string {
  return `environment = "dev"\naws_region = "eu-west-1"\n${lines}\n`;
}

const API_BACKEND = 'bucket = "oidc-s3-uploader-tfstate"\nkey = "dev/api.tfstate"\nregion = "eu-west-1"\n';

/** The files of dev's api layer, with this `api.tfvars`. */
export function apiFiles(text = ""): Record<string, string> {
  return { "api.tfvars": text, "api-backend.hcl": API_BACKEND };
}

const USERS_BACKEND = API_BACKEND.replace("api.tfstate", "users.tfstate");

/** The files of dev's users layer, with these lines of `users.tfvars` after the required ones. */
export function usersFiles(lines = ""): Record<string, string> {
  return {
    "users.tfvars": `environment = "dev"\naws_region = "eu-west-1"\n${lines}\n`,
    "users-backend.hcl": USERS_BACKEND,
  };
}

/** `backend.hcl` of dev with these lines after the required ones. */
export function backendFile(lines = ""): string {
  return `bucket = "oidc-s3-uploader-tfstate"\nkey = "dev/foundation.tfstate"\nregion = "eu-west-1"\n${lines}\n`;
}
