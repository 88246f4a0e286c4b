import type { Deployment } from "./names";

/** The prefix of the user pool's domain: the account is in it since it is unique in the region over all accounts. */
export function userPoolDomain({ projectName, environment }: Deployment, accountId: string): string {
  return `${projectName}-${environment}-${accountId}`;
}
