import { serverResource } from "../../access/addresses";
import { addressName, MAX_ROLE_NAME_CHARACTERS, SERVER_NAME_CHARACTERS, serverRoleName } from "../../access/names";
import type { Fault, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

const SERVER_NAME = new RegExp(`^[${SERVER_NAME_CHARACTERS}]+$`);

/** What the names of roles are made of; the project's is missing where it is not known. */
interface RoleContext {
  readonly environment: string;
  readonly projectName: string | undefined;
}

/**
 * Names of servers that AWS or Terraform would refuse. Cognito's limit for app clients, 128 characters, is not
 * checked: their names are shorter than those of the roles, which IAM limits to 64.
 */
export function serverNameFaults(source: SourceFile, names: readonly string[], context: RoleContext): Fault[] {
  return [...names.flatMap((name) => ownFaults(source, name, context)), ...collisions(source, names)];
}

function ownFaults(source: SourceFile, name: string, { environment, projectName }: RoleContext): Fault[] {
  const problems: Problem[] = [];
  if (name === "") problems.push({ message: "is an empty name", remedy: "name the server" });
  else if (!SERVER_NAME.test(name)) {
    problems.push({
      message: "is not a name of letters A-Z, digits, underscores, dots and hyphens alone",
      remedy: "IAM and Terraform allow no others in names: rename it",
    });
  }
  if (projectName !== undefined) {
    const role = serverRoleName({ projectName, environment }, name);
    const excess = role.length - MAX_ROLE_NAME_CHARACTERS;
    if (excess > 0) {
      problems.push({
        message: `gives a role name of ${role.length} characters, "${role}", and IAM allows ${MAX_ROLE_NAME_CHARACTERS}`,
        remedy: `shorten it by ${excess}`,
      });
    }
  }
  return problems.map((problem) => faultAt(source, ["servers", name], problem));
}

/** Terraform's addresses tell fewer names apart than the file, and IAM does not tell capitals from small letters. */
function collisions(source: SourceFile, names: readonly string[]): Fault[] {
  const byAddress = new Map<string, string>();
  const byRole = new Map<string, string>();
  return names.flatMap((name) => {
    const address = addressName(name);
    const role = name.toLowerCase();
    const sameAddress = byAddress.get(address);
    const sameRole = byRole.get(role);
    if (sameAddress === undefined) byAddress.set(address, name);
    if (sameRole === undefined) byRole.set(role, name);
    const problems: Problem[] = [];
    if (sameAddress !== undefined) {
      problems.push({
        message: `gives the same Terraform address as "${sameAddress}", ${serverResource("role", name)}`,
        remedy: "rename one: in addresses, a character other than A-Z, a-z, 0-9, _ and - becomes _",
      });
    }
    if (sameRole !== undefined) {
      problems.push({
        message: `gives the same role name as "${sameRole}"`,
        remedy: "rename one: IAM does not tell capitals from small letters",
      });
    }
    return problems.map((problem) => faultAt(source, ["servers", name], problem));
  });
}
