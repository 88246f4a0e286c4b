import type { Fault, KeyPath } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

/** An IAM role that an environment has, with the key that its name comes from. */
export interface NamedRole {
  readonly environment: string;
  /** Of the foundation's state: environments that share it are taken for environments of one account. */
  readonly stateBucket: string;
  readonly name: string;
  readonly source: SourceFile;
  readonly path: KeyPath;
}

/** Roles of two environments that would be one in AWS, where names count for the whole account: a fault for each. */
export function sharedRoleFaults(roles: readonly NamedRole[]): Map<string, Fault[]> {
  const byName = new Map<string, NamedRole[]>();
  for (const role of roles) {
    // IAM does not tell capitals from small letters.
    const name = JSON.stringify([role.stateBucket, role.name.toLowerCase()]);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [role]);
    else same.push(role);
  }
  const faults = new Map<string, Fault[]>();
  for (const same of byName.values()) {
    for (const { environment, source, path, name } of same) {
      const others = new Set(same.map((role) => role.environment).filter((other) => other !== environment));
      if (others.size === 0) continue;
      const fault = faultAt(source, path, {
        message: `gives the IAM role "${name}", as another environment does: ${[...others].join(", ")}`,
        remedy: "rename the server, the project or the environment, or the two take each other's role away",
      });
      faults.set(environment, [...(faults.get(environment) ?? []), fault]);
    }
  }
  return faults;
}
