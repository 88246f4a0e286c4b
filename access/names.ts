/** The names of resources that more than one layer must agree on. */
export interface Deployment {
  readonly projectName: string;
  readonly environment: string;
}

/** What the names of all IAM roles of servers start with; the Lambda may assume these and no other. */
export function serverRolePrefix({ projectName, environment }: Deployment): string {
  return `${projectName}-cognito-${environment}-`;
}

/** The name of a server's IAM role. */
export function serverRoleName(deployment: Deployment, serverName: string): string {
  return `${serverRolePrefix(deployment)}${serverName}`;
}

/** The tag of a server's role by which the vending Lambda knows its own: names of two environments may begin alike. */
export const ENVIRONMENT_TAG = "Environment";

/** The name of the vending Lambda, its role and its API. */
export function vendingName({ projectName, environment }: Deployment): string {
  return `${projectName}-${environment}-cred-vending`;
}

/** What the tables about app clients hold: roles from Terraform, controls from operators, activity from the Lambda. */
export type ClientTableKind = "roles" | "controls" | "activity";

/** The name of a table with an item for each app client. */
export function clientTableName({ projectName, environment }: Deployment, kind: ClientTableKind): string {
  return `${projectName}-${environment}-client-${kind}`;
}

/** The characters of a server's name and thus of its role's, as a character class: IAM and Terraform allow no others. */
export const SERVER_NAME_CHARACTERS = "A-Za-z0-9_.\\-";

/** The most characters that IAM allows in the name of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MAX_ROLE_NAME_CHARACTERS = 64;

/** A server's name as the end of Terraform addresses; different names may give one. */
export function addressName(serverName: string): string {
  return serverName.replace(/[^A-Za-z0-9_-]/g, "_");
}

/** The name of the bucket that the foundation layer makes. */
export function uploadsBucketName({ projectName, environment }: Deployment): string {
  return `${projectName}-cognito-${environment}-uploads`;
}

/** The bucket that servers upload to: made by the foundation, or there before it. */
export function serversBucketName(
  foundation: Deployment & { readonly createS3Bucket: boolean; readonly existingBucketName: string },
): string {
  return foundation.createS3Bucket ? uploadsBucketName(foundation) : foundation.existingBucketName;
}
