import { basename, join } from "node:path";
import type { Fault } from "../source/fault";
import { faultAt } from "../source/source-file";
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
