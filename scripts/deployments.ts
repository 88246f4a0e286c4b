import type { EnvironmentConfig } from "../config";
import type { Asked } from "./caller-identity";

/** What a layer's file says of the account that it is deployed to. */
interface AccountSettings {
  readonly awsRegion?: string;
  readonly profile?: string | undefined;
  readonly assumeRole?: Readonly<Record<string, unknown>> | undefined;
  readonly allowedAccountIds?: readonly string[] | undefined;
  readonly apiLogging?: boolean;
  readonly routes?: readonly unknown[];
}

/** The layers of an environment that are deployed alike. */
export interface Deployment extends Asked {
  readonly name: string;
  readonly role?: string | undefined;
  readonly allowed?: readonly string[] | undefined;
  /** Whether a REST API in it writes logs, for which the account needs a role. */
  readonly apiLogs?: true;
}

/** How an environment is deployed: once, unless its layers' files differ in region, profile, role or accounts. */
export function deploymentsOf({ name, foundation, optional }: EnvironmentConfig): Deployment[] {
  const settings: readonly (AccountSettings | undefined)[] = [
    foundation,
    ...(Object.values(optional) as AccountSettings[]),
  ];
  const deployments = new Map<string, Deployment>();
  for (const file of settings) {
    if (file?.awsRegion === undefined) continue;
    const { awsRegion: region, profile, assumeRole, allowedAccountIds: allowed } = file;
    const role = typeof assumeRole?.role_arn === "string" ? assumeRole.role_arn : undefined;
    const deployment = { name, region, profile, role, allowed };
    const key = JSON.stringify(deployment);
    const { apiLogging = false, routes = [] } = file;
    const apiLogs = (apiLogging && routes.length > 0) || deployments.get(key)?.apiLogs === true;
    deployments.set(key, apiLogs ? { ...deployment, apiLogs } : deployment);
  }
  return [...deployments.values()];
}
