import { basename, join } from "node:path";
import type { Fault, KeyPath } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import type { CheckedBackend } from "./backend";

/** A backend file, with the environment that its faults belong to. */
export interface StateLocation {
  readonly environment: string;
  readonly checked: CheckedBackend;
}

/** Stacks that would write over each other's state, of one environment or of two: a fault for each of them. */
export function sharedStateFaults(locations: readonly StateLocation[]): Map<string, Fault[]> {
  const byPlace = new Map<string, StateLocation[]>();
  for (const location of locations) {
    const { bucket, key } = location.checked;
    if (bucket === undefined || key === undefined) continue;
    const place = JSON.stringify([bucket, key]);
    byPlace.set(place, [...(byPlace.get(place) ?? []), location]);
  }
  const faults = new Map<string, Fault[]>();
  for (const sharing of byPlace.values()) {
    if (sharing.length < 2) continue;
    for (const { environment, checked } of sharing) {
      const others = sharing.filter((other) => other.checked !== checked).map(nameOf);
      const fault = faultAt(
        checked.source,
        ["key"],
        {
          message: `is the place of another stack's state too, in bucket "${checked.bucket}": ${others.join(", ")}`,
          remedy: "give each stack a key of its own, or they destroy each other's resources",
        },
        checked.key,
      );
      faults.set(environment, [...(faults.get(environment) ?? []), fault]);
    }
  }
  return faults;
}

function nameOf({ environment, checked }: StateLocation): string {
  return join(environment, basename(checked.source.file));
}

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
