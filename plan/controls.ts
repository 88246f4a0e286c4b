import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import type { FoundationConfig } from "../config/schema/types";
import { FleetError, iso, restrictions } from "../fleet/change";
import { faultOf } from "../fleet/command";
import { Fleet } from "../fleet/fleet";

/** The servers of a foundation, by the AWS credentials that Terraform has too. */
export function fleetOf(foundation: FoundationConfig): Fleet {
  const region = foundation.awsRegion;
  return new Fleet(new DynamoDBClient({ region }), new IAMClient({ region }), foundation);
}

/**
 * What operators have decided about servers, which is in no plan and which no deployment changes: a note for each.
 * @param now seconds since 1970.
 * @returns none where the foundation is not deployed; what kept them from being read is a note as well.
 */
export async function controlNotes(fleet: Pick<Fleet, "servers" | "allControls">, now: number): Promise<string[]> {
  try {
    const [servers, controls] = await Promise.all([fleet.servers(), fleet.allControls()]);
    return [...servers.values()].flatMap(({ serverName, clientId }) => {
      const control = controls.get(clientId);
      if (control === undefined) return [];
      if (control instanceof FleetError) return [`The control of ${serverName} ${control.message}`];
      const { changedAt, changedBy = "unknown", reason } = control;
      const words = restrictions(control, now);
      if (words.length === 0) return [];
      const since =
        changedAt === undefined ? "" : ` (since ${iso(changedAt)}, by ${changedBy}${reason ? `: ${reason}` : ""})`;
      return [`${serverName} is under a control, which no deployment changes: ${words.join("; ")}${since}`];
    });
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
    return [`Which servers are under a control could not be read: ${faultOf(error)}`];
  }
}
