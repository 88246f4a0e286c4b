import { bucketArn, functionArn, tableArn } from "./arn";
import { type PermissionLevel, scopesOf } from "./permission-level";
import {
  listStatement,
  objectStatement,
  type PolicyDocument,
  type PolicyStatement,
  policyDocument,
  policyJson,
} from "./policy";

// What people may do with credentials from a Cognito identity pool, and who may take the roles that allow it. The vending
// function knows nothing of people.

/** IAM puts the identity of whoever signed in here: one for each person and identity pool, which no claim can change. */
export const IDENTITY = "${cognito-identity.amazonaws.com:sub}";

/** Texts may be Terraform's references and escapes in all of these. */
export interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
  /** Whether each person reaches the folder of his own identity alone. */
  readonly userSpecific: boolean;
  readonly permissions: PermissionLevel;
}

export interface RowsPlace {
  readonly table: string;
  /** Whether each person reaches the rows alone whose partition key is his identity. */
  readonly userSpecific: boolean;
  readonly permissions: "read" | "read-write";
}

/** Objects under a prefix, and listing it where the level has that. */
export function s3Statements({ bucket, prefix, userSpecific, permissions }: S3Place, identity = IDENTITY) {
  const place = userSpecific ? `${prefix}${identity}/` : prefix;
  const scopes = scopesOf(permissions);
  const arn = bucketArn(bucket);
  return [objectStatement(arn, place, scopes), ...(scopes.includes("list") ? [listStatement(arn, place)] : [])];
}

const READ_ROWS = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
const WRITE_ROWS = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"];

export interface Account {
  readonly region: string;
  readonly id: string;
}

/** Rows of a table. A scan names no partition key, so it is for tables that everybody of the role shares. */
export function rowStatements(
  { table, userSpecific, permissions }: RowsPlace,
  { region, id }: Account,
  identity = IDENTITY,
): PolicyStatement[] {
  const arn = tableArn(region, id, table);
  const actions = [...READ_ROWS, ...(permissions === "read-write" ? WRITE_ROWS : [])];
  if (!userSpecific) {
    return [{ Effect: "Allow", Action: [...actions, "dynamodb:Scan"], Resource: [arn, `${arn}/index/*`] }];
  }
  return [
    {
      Effect: "Allow",
      Action: actions,
      Resource: arn,
      Condition: {
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [identity] },
        // A condition for all values is met by none: without this, a request without partition keys were allowed.
        Null: { "dynamodb:LeadingKeys": "false" },
      },
    },
  ];
}

/** Functions, by their names or ARNs. */
export function functionStatements(functions: readonly string[], { region, id }: Account): PolicyStatement[] {
  if (functions.length === 0) return [];
  const arns = functions.map((name) => (name.startsWith("arn:") ? name : functionArn(region, id, name)));
  return [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arns }];
}

/** What people may reach; what is absent grants nothing. */
export interface PeopleAccess {
  readonly s3?: S3Place | undefined;
  readonly dynamodb?: RowsPlace | undefined;
  readonly lambda: readonly string[];
}

/** The policies of a role that has all of these, by service, in JSON; what several grant alike is in them once. */
export function peoplePolicies(
  access: readonly PeopleAccess[],
  account: Account,
  identity = IDENTITY,
): Readonly<Partial<Record<"s3" | "dynamodb" | "lambda", string>>> {
  const statements = {
    s3: access.flatMap(({ s3 }) => (s3 ? s3Statements(s3, identity) : [])),
    dynamodb: access.flatMap(({ dynamodb }) => (dynamodb ? rowStatements(dynamodb, account, identity) : [])),
    lambda: functionStatements([...new Set(access.flatMap(({ lambda }) => lambda))].sort(), account),
  };
  return Object.fromEntries(
    Object.entries(statements).flatMap(([service, of]) => {
      const distinct = new Map(of.map((statement) => [JSON.stringify(statement), statement]));
      return distinct.size === 0 ? [] : [[service, policyJson(policyDocument(...distinct.values()))]];
    }),
  );
}

/** The tag of a session that says which role Cognito gives its person, and the claim that it comes from. */
export const ROLE_TAG = "preferred_role";
const ROLE_CLAIM = "cognito:preferred_role";
/** The tag that every session of a person has: which app client he signed in with. */
export const CLIENT_TAG = "client";
const CLIENT_CLAIM = "aud";

/** Tags by their keys, with the claims of people's tokens that they come from. */
export const PRINCIPAL_TAGS: Readonly<Record<string, string>> = {
  [ROLE_TAG]: ROLE_CLAIM,
  [CLIENT_TAG]: CLIENT_CLAIM,
};

/** What a session's tags must say. In the basic flow people name the role themselves: nothing else tells who may have it. */
export type Guard =
  /** Of a group's role: that Cognito gives its person this role. */
  | { readonly roleArn: string }
  /** Of the role of everybody else: that Cognito gives him no other, and that tags are there at all. */
  | { readonly clientId: string };

/** Who vouches for people to IAM: every identity pool of every account, so that a trust policy names its own. */
export const ISSUER = "cognito-identity.amazonaws.com";
const ASSUME = "sts:AssumeRoleWithWebIdentity";

/**
 * Who may take a role: those whom this identity pool has let in, signed in or as guests.
 * @param guard where more than one role trusts the pool and the basic flow is allowed
 */
export function identityPoolTrust(
  identityPoolId: string,
  who: "authenticated" | "unauthenticated",
  guard?: Guard,
): PolicyDocument {
  const { equals, absent } = tagConditions(guard);
  return policyDocument({
    Effect: "Allow",
    Principal: { Federated: ISSUER },
    Action: guard === undefined ? ASSUME : [ASSUME, "sts:TagSession"],
    Condition: {
      StringEquals: { [`${ISSUER}:aud`]: identityPoolId, ...equals },
      "ForAnyValue:StringLike": { [`${ISSUER}:amr`]: who },
      ...(absent === undefined ? {} : { Null: { [absent]: "true" } }),
    },
  });
}

/** The condition key of a tag that a request for a session passes on. */
function tagKey(tag: string): string {
  return `aws:RequestTag/${tag}`;
}

function tagConditions(guard: Guard | undefined): { equals: Record<string, string>; absent?: string } {
  if (guard === undefined) return { equals: {} };
  if ("roleArn" in guard) return { equals: { [tagKey(ROLE_TAG)]: guard.roleArn } };
  return { equals: { [tagKey(CLIENT_TAG)]: guard.clientId }, absent: tagKey(ROLE_TAG) };
}
