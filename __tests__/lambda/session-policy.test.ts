import type { ClientRole } from "../../access/client-role";
import { PERMISSION_LEVELS, SCOPES, type Scope, scopesOf } from "../../access/permission-level";
import { policyDocument, sessionPolicy } from "../../access/policy";
import { evaluate } from "../../iam/evaluate";
import { createRoleAssumer } from "../../lambda/assume-role";
import { authorise } from "../../lambda/authorise";
import { deadlineOf } from "../../lambda/deadline";
import type { AssumeRoleInput } from "../../lambda/sts";
import { CLIENT_ROLE } from "./support/cloud-stub";

// Short, for what the evaluator takes grows with them.
const BUCKET = "arn:aws:s3:::uploads";
const PREFIX = "b/s-1/";

/** Keys and list prefixes: the server's own, and those that a careless policy would reach too. */
const PLACES = {
  inside: `${PREFIX}2026/file.gz`,
  "the same start": "b/s-11/file.gz",
  parent: "b/file.gz",
  "another server": "logs/file.gz",
  root: "file.gz",
} as const;

/** The table of docs/interfaces.md, spelled out again so that a slip in access/ does not pass by agreeing with itself. */
const SCOPE_OF_ACTION: Readonly<Record<string, Scope | undefined>> = {
  "s3:PutObject": "write",
  "s3:AbortMultipartUpload": "write",
  "s3:GetObject": "read",
  "s3:DeleteObject": "delete",
  "s3:ListBucket": "list",
  "s3:GetObjectVersion": undefined,
  "s3:DeleteObjectVersion": undefined,
  "s3:PutObjectAcl": undefined,
  "s3:PutObjectTagging": undefined,
  "s3:ListBucketVersions": undefined,
  "s3:GetBucketPolicy": undefined,
  "s3:PutBucketPolicy": undefined,
  "s3:DeleteBucket": undefined,
};
const onBucket = (action: string) => action.includes("Bucket");
const isList = (action: string) => action.startsWith("s3:ListBucket");

/** The session policy as it goes to STS, for a token with these scopes; undefined where nothing is vended. */
async function sentPolicy(role: ClientRole, requested: readonly Scope[]): Promise<unknown> {
  if (!requested.some((scope) => role.allowedScopes.includes(scope))) {
    expect(() => authorise(requested, role, undefined)).toThrow("scope_insufficient");
    return undefined;
  }
  const Credentials = {
    AccessKeyId: "A",
    SecretAccessKey: "S",
    SessionToken: "T",
    Expiration: new Date(Date.now() + 900_000),
  };
  const send = jest.fn(async (_: AssumeRoleInput) => Credentials);
  const assume = createRoleAssumer(send, BUCKET);
  await assume(
    role,
    authorise(requested, role, undefined),
    deadlineOf(() => 10_000),
  );
  return JSON.parse(send.mock.calls[0]?.[0].Policy ?? "");
}

/** Whether the session policy allows it, on a role that may do everything. */
async function allowed(sessionPolicy: unknown, action: string, key: string) {
  const { allowed: answer } = await evaluate({
    principal: `arn:aws:sts::123456789012:assumed-role/oidc-s3-cognito-dev-${CLIENT_ROLE.serverName}/session`,
    accountId: "123456789012",
    action,
    resource: onBucket(action) ? BUCKET : `${BUCKET}/${key}`,
    context: isList(action) ? { "s3:prefix": key } : {},
    identityPolicies: [{ name: "all", policy: policyDocument({ Effect: "Allow", Action: "*", Resource: "*" }) }],
    sessionPolicy,
  });
  return answer;
}

const subsets = Array.from({ length: 2 ** SCOPES.length }, (_, bits) =>
  SCOPES.filter((_scope, index) => bits & (1 << index)),
);

// What these policies leave of each level's role is asked of the synthesised stacks: __tests__/stacks/least-privilege.
it.each(PERMISSION_LEVELS)(
  "level %s: the policy sent is that of the token's scopes that the level has",
  async (level) => {
    const role: ClientRole = { ...CLIENT_ROLE, allowedScopes: scopesOf(level), s3PathPrefix: PREFIX };
    for (const requested of subsets) {
      const granted = requested.filter((scope) => scopesOf(level).includes(scope));
      const expected = granted.length > 0 ? sessionPolicy(BUCKET, PREFIX, granted) : undefined;
      expect([requested, await sentPolicy(role, requested)]).toEqual([requested, expected]);
    }
  },
);

it("the session policy alone allows its scopes under the prefix and nothing else, should a role be too wide", async () => {
  const role: ClientRole = { ...CLIENT_ROLE, allowedScopes: SCOPES, s3PathPrefix: PREFIX };
  const wrong: string[] = [];
  for (const granted of subsets.filter((scopes) => scopes.length > 0)) {
    const policy = await sentPolicy(role, granted);
    for (const [action, scope] of Object.entries(SCOPE_OF_ACTION)) {
      // Of the bucket itself the key says nothing.
      const places = onBucket(action) && !isList(action) ? { inside: "" } : PLACES;
      for (const [place, key] of Object.entries(places)) {
        const expected = place === "inside" && scope !== undefined && granted.includes(scope);
        const answer = await allowed(policy, action, key);
        if (answer !== expected) wrong.push(`${granted}: ${action} ${place}: ${answer ? "allowed" : "refused"}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it("a list request without a prefix is refused", async () => {
  const policy = await sentPolicy({ ...CLIENT_ROLE, allowedScopes: SCOPES, s3PathPrefix: PREFIX }, SCOPES);
  expect(await allowed(policy, "s3:ListBucket", "")).toBe(false);
  expect(await allowed(policy, "s3:ListBucket", PREFIX)).toBe(true);
});
