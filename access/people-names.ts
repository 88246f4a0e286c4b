import type { Deployment } from "./names";

// Beside names.ts, which the vending function has in its code: that must not change with what people are called.

/** The name of the role of people who have signed in, or of guests. */
export function peopleRoleName(
  { projectName, environment }: Deployment,
  whose: "authenticated" | "unauthenticated",
): string {
  return `${projectName}-users-${environment}-${whose}`;
}

/** The name of the role of a group of people. */
export function groupRoleName({ projectName, environment }: Deployment, group: string): string {
  return `${projectName}-users-${environment}-group-${group}`;
}
