import type { ResourceChange } from "./terraform-plan";

const MINUTES: Readonly<Record<string, number>> = { seconds: 1 / 60, minutes: 1, hours: 60, days: 1440 };

/** How long an app client's access tokens live. */
export function accessTokenMinutes(client: ResourceChange["before"]): number | undefined {
  const validity = client?.access_token_validity;
  const [units] = (client?.token_validity_units as { access_token?: string | null }[] | null | undefined) ?? [];
  // Without a unit Cognito counts hours.
  return typeof validity === "number" ? validity * (MINUTES[units?.access_token ?? "hours"] ?? 60) : undefined;
}
