import { join } from "node:path";
import { belongsElsewhere, type CheckedLayer, hiddenInVariables, type LayerFacts } from "../../../config/layer";
import { usersConfiguration } from "../../../config/rules/users";
import { isChosenName } from "../../../config/schema/key-tree";
import type { UsersConfig } from "../../../config/schema/users-types";
import type { Fault } from "../../../config/source/fault";
import { parseFile } from "../../../config/source/parse-file";
import { temporaryDirectory } from "./temporary-environments";

export const USERS = "users.tfvars";
const RULES = { hides: hiddenInVariables([usersConfiguration]), isName: isChosenName(usersConfiguration) };
const hint = belongsElsewhere([usersConfiguration]);

interface Place {
  readonly facts?: Readonly<Record<string, LayerFacts>>;
  /** The environment's folder, for files that are named. */
  readonly folder?: string;
}

/** What is said of a `users.tfvars` of dev with its two required keys and these lines. */
export async function checkUsers(
  lines: string,
  { facts, folder = "dev" }: Place = {},
): Promise<CheckedLayer<UsersConfig>> {
  const text = `environment = "dev"\naws_region = "eu-west-1"\n${lines}\n`;
  const { source, faults } = await parseFile(join(folder, USERS), Buffer.from(text), RULES);
  if (source === undefined) throw new Error(JSON.stringify(faults));
  const known = facts ?? { foundation: { bucketName: "oidc-s3-cognito-dev-uploads" } };
  return usersConfiguration.check(source, { environment: "dev", facts: known, hint });
}

export async function configOf(lines: string): Promise<UsersConfig> {
  const { config, faults } = await checkUsers(lines);
  if (config === undefined) throw new Error(`unexpected faults: ${JSON.stringify(faults, null, 2)}`);
  return config;
}

export async function faultsOf(lines: string, facts?: Place["facts"]): Promise<readonly Fault[]> {
  const { faults } = await checkUsers(lines, facts === undefined ? {} : { facts });
  if (faults.length === 0) throw new Error("a fault was expected, and the file was accepted");
  return faults;
}

export async function warningsOf(lines: string): Promise<string[]> {
  const { warnings = [], faults } = await checkUsers(lines);
  if (faults.length > 0) throw new Error(`unexpected faults: ${JSON.stringify(faults, null, 2)}`);
  return warnings.map(({ key, message }) => `${key} ${message}`);
}

/** The folder of an environment with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  return temporaryDirectory(files);
}
