import { roleArn, tableArn } from "./arn";
import { MAX_SESSION_SECONDS } from "./client-role";
import { type ClientTableKind, clientTableName, type Deployment, ENVIRONMENT_TAG, serverRolePrefix } from "./names";
import { type PolicyDocument, policyDocument } from "./policy";

/** The inline policy of a server's role that denies revoked sessions; Terraform does not know it, and leaves it alone. */
export const REVOCATION_POLICY_NAME = "revoked-sessions";

/**
 * Denies everything to the sessions of an app client that began before a time, as
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html has it.
 * @param before seconds since 1970.
 */
export function revocationPolicy(clientId: string, before: number): PolicyDocument {
  return policyDocument({
    Sid: "DenyRevokedSessions",
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: {
      StringEquals: { "aws:PrincipalTag/client_id": clientId },
      DateLessThan: { "aws:TokenIssueTime": new Date(before * 1000).toISOString().replace(".000Z", "Z") },
    },
  });
}

/** When the last session that began before a time has ended, in seconds since 1970: chained sessions live no longer. */
export function lastSessionEnd(before: number): number {
  return before + MAX_SESSION_SECONDS;
}

/**
 * What the fleet command needs: to read the three tables, to write controls, to put the revocation on servers' roles, to
 * list what servers have uploaded, and to add and delete secrets of the pool's app clients. IAM cannot say which inline
 * policies somebody may put on a role; no operator can assume one.
 * @param account may be a Terraform reference.
 */
export function fleetOperatorPolicy(
  deployment: Deployment,
  {
    region,
    account,
    iamPath,
    bucketArn,
    userPoolArn,
  }: {
    readonly region: string;
    readonly account: string;
    readonly iamPath?: string | undefined;
    readonly bucketArn: string;
    readonly userPoolArn: string;
  },
): PolicyDocument {
  const table = (kind: ClientTableKind) => tableArn(region, account, clientTableName(deployment, kind));
  return policyDocument(
    {
      Sid: "ReadTables",
      Effect: "Allow",
      Action: "dynamodb:Scan",
      Resource: [table("roles"), table("controls"), table("activity")],
    },
    { Sid: "ListUploads", Effect: "Allow", Action: "s3:ListBucket", Resource: bucketArn },
    {
      Sid: "ChangeControls",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
      Resource: table("controls"),
    },
    {
      Sid: "RevokeSessions",
      Effect: "Allow",
      Action: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
      Resource: roleArn(account, `${serverRolePrefix(deployment)}*`, iamPath),
      // Names of two environments may begin alike.
      Condition: { StringEquals: { [`iam:ResourceTag/${ENVIRONMENT_TAG}`]: deployment.environment } },
    },
    {
      Sid: "RotateSecrets",
      Effect: "Allow",
      Action: [
        "cognito-idp:AddUserPoolClientSecret",
        "cognito-idp:ListUserPoolClientSecrets",
        "cognito-idp:DeleteUserPoolClientSecret",
      ],
      Resource: userPoolArn,
    },
    // IAM knows no resource for it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
    { Sid: "FindUserPool", Effect: "Allow", Action: "cognito-idp:DescribeUserPoolDomain", Resource: "*" },
  );
}
