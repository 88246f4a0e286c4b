import { sessionPolicy } from "../../../access/policy";
import { REVOCATION_POLICY_NAME, revocationPolicy } from "../../../access/session-revocation";
import { Authorizer, RoleSessions } from "../../../sandbox/aws/authorizer";
import type { RolePolicies } from "../../../sandbox/aws/role-policies";

const ROLE = "arn:aws:iam::123456789012:role/oidc-s3-cognito-dev-server";
const LAMBDA = "arn:aws:iam::123456789012:role/vending";
const BUCKET = "arn:aws:s3:::b";
const EXPIRES = Date.parse("2026-01-01T01:00:00Z");

const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource, ...more }],
});
const trust = (principal: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: principal }, Action: ["sts:AssumeRole", "sts:TagSession"] }],
});

const ROLES: Record<string, RolePolicies> = {
  [ROLE]: {
    identityPolicies: [
      { name: "objects", policy: allow(["s3:PutObject", "s3:GetObject"], `${BUCKET}/sync/*`) },
      {
        name: "list",
        policy: allow("s3:ListBucket", BUCKET, { Condition: { StringLike: { "s3:prefix": "sync/*" } } }),
      },
    ],
    trustPolicy: trust(LAMBDA),
  },
  [LAMBDA]: {
    identityPolicies: [
      { name: "sts", policy: allow(["sts:AssumeRole", "sts:TagSession"], "arn:aws:iam::123456789012:role/*") },
    ],
    trustPolicy: trust("arn:aws:iam::123456789012:root"),
  },
  "arn:aws:iam::123456789012:role/untrusting": { identityPolicies: [], trustPolicy: trust(`${ROLE}-other`) },
};

const TAGGING = "arn:aws:iam::123456789012:role/vending-by-tag";
for (const environment of ["dev", "dev-eu"]) {
  ROLES[`${ROLE}-tagged-${environment}`] = {
    identityPolicies: [],
    // The account: a role that is trusted by its name needs no permission of its own.
    trustPolicy: trust("arn:aws:iam::123456789012:root"),
    tags: { Environment: environment },
  };
}
ROLES[TAGGING] = {
  identityPolicies: [
    {
      name: "sts",
      policy: allow("sts:AssumeRole", "*", { Condition: { StringEquals: { "iam:ResourceTag/Environment": "dev" } } }),
    },
  ],
  trustPolicy: trust("arn:aws:iam::123456789012:root"),
};

let now: number;
let sessions: RoleSessions;
let authorizer: Authorizer;

beforeEach(() => {
  now = EXPIRES - 1000;
  sessions = new RoleSessions(() => now);
  authorizer = new Authorizer(sessions, async (arn) => ROLES[arn]);
});

function session(role = ROLE, policy?: unknown) {
  const request = new URLSearchParams({ Action: "AssumeRole", RoleArn: role, RoleSessionName: "server" });
  if (policy !== undefined) request.set("Policy", JSON.stringify(policy));
  sessions.remember(
    request.toString(),
    `<C><AccessKeyId>ASIA1</AccessKeyId><SessionToken>token</SessionToken><Expiration>${new Date(EXPIRES).toISOString()}</Expiration></C>`,
  );
  const found = authorizer.sessionOf({ accessKeyId: "ASIA1", service: "s3", sessionToken: "token" });
  if (found === undefined) throw new Error("the session was not remembered");
  return found;
}

const put = (key: string) => ({ action: "s3:PutObject", resource: `${BUCKET}/${key}`, context: {} });
const get = (key: string) => ({ action: "s3:GetObject", resource: `${BUCKET}/${key}`, context: {} });
const list = (context: Record<string, string>) => ({ action: "s3:ListBucket", resource: BUCKET, context });

describe("who signed", () => {
  const signer = { accessKeyId: "ASIA1", service: "s3", sessionToken: "token" };

  it("a permanent key is the administrator's", () => {
    expect(authorizer.sessionOf({ ...signer, accessKeyId: "sandbox" })).toBeUndefined();
  });
  it("temporary credentials that were never handed out are refused", () => {
    expect(() => authorizer.sessionOf(signer)).toThrow(expect.objectContaining({ refusal: "InvalidAccessKeyId" }));
  });
  it.each([undefined, "other"])("the session token %s with another's key is refused", (sessionToken) => {
    session();
    expect(() => authorizer.sessionOf({ ...signer, sessionToken })).toThrow(
      expect.objectContaining({ refusal: "InvalidToken" }),
    );
  });
  it("expired credentials are refused", () => {
    session();
    now = EXPIRES;
    expect(() => authorizer.sessionOf(signer)).toThrow(expect.objectContaining({ refusal: "ExpiredToken" }));
  });
  it("an answer of STS without credentials is nobody", () => {
    sessions.remember(`Action=GetCallerIdentity&RoleArn=${ROLE}`, "<Arn>x</Arn>");
    expect(sessions.find("ASIA1")).toBeUndefined();
  });
});

describe("what a session may do", () => {
  it.each([
    ["inside of the prefix", put("sync/a"), ""],
    ["beside the prefix", put("sync-beside/a"), "no identity-based policy allows the s3:PutObject action"],
    ["a key with a star in it", put("*"), "no identity-based policy allows the s3:PutObject action"],
    ["a star inside of the prefix", put("sync/*"), ""],
    ["listing the prefix", list({ "s3:prefix": "sync/" }), ""],
    [
      "listing beside the prefix",
      list({ "s3:prefix": "sync" }),
      "no identity-based policy allows the s3:ListBucket action",
    ],
    ["listing without a prefix", list({}), "no identity-based policy allows the s3:ListBucket action"],
  ])("by its role: %s", async (_, request, reason) => {
    expect(await authorizer.decide(session(), request)).toEqual({ allowed: reason === "", reason });
  });

  it.each([
    ["what the session policy allows", get("sync/a"), ""],
    ["what it does not", put("sync/a"), "no session policy allows the s3:PutObject action"],
    ["what the role does not", get("logs/a"), "no identity-based policy allows the s3:GetObject action"],
  ])("narrowed by a session policy: %s", async (_, request, reason) => {
    const narrowed = session(ROLE, sessionPolicy(BUCKET, "sync/", ["read"]));
    expect(await authorizer.decide(narrowed, request)).toEqual({ allowed: reason === "", reason });
  });

  it("an explicit deny is named as such", async () => {
    const denying = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "s3:*", Resource: "*" }] };
    expect((await authorizer.decide(session(ROLE, denying), put("sync/a"))).reason).toBe(
      "there is an explicit deny in the session policy",
    );
  });

  it("a role that is gone allows nothing", async () => {
    const orphan = session("arn:aws:iam::123456789012:role/gone");
    expect(await authorizer.decide(orphan, put("sync/a"))).toMatchObject({ allowed: false });
  });

  it("every one of several questions must be allowed", async () => {
    await expect(authorizer.check(session(), [put("sync/a"), get("logs/a")])).rejects.toMatchObject({
      refusal: "AccessDenied",
      message: expect.stringContaining(`s3:GetObject on resource: "${BUCKET}/logs/a" because no identity-based policy`),
    });
    await expect(authorizer.check(session(), [put("sync/a"), get("sync/b")])).resolves.toBeUndefined();
  });

  it("an operation that is not known is refused", async () => {
    await expect(authorizer.check(session(), undefined)).rejects.toMatchObject({ refusal: "AccessDenied" });
  });
});

describe("which roles a session may assume", () => {
  const assume = (resource: string) => ({ action: "sts:AssumeRole", resource, context: {} });
  it.each([
    ["one that trusts its role", ROLE, true],
    ["one that trusts another", "arn:aws:iam::123456789012:role/untrusting", false],
    ["one that does not exist", "arn:aws:iam::123456789012:role/nobody", false],
  ])("%s", async (_, role, allowed) => {
    expect((await authorizer.decide(session(LAMBDA), assume(role))).allowed).toBe(allowed);
  });
  it("none without a permission of its own, trusted or not", async () => {
    expect((await authorizer.decide(session(ROLE), assume(ROLE))).allowed).toBe(false);
  });
  it.each([
    ["dev", true],
    ["dev-eu", false],
  ])("a policy that asks for a tag of the role: tagged %s is %p", async (environment, allowed) => {
    const decision = await authorizer.decide(session(TAGGING), assume(`${ROLE}-tagged-${environment}`));
    expect(decision.allowed).toBe(allowed);
  });
});

it("a session that began before its client's were revoked is denied everything, and a later one is not", async () => {
  const revoked = `${ROLE}-revoked`;
  const open = (id: string, client: string) => {
    const request = new URLSearchParams({
      ...{ Action: "AssumeRole", RoleArn: revoked, RoleSessionName: "server" },
      ...{ "Tags.member.1.Key": "server", "Tags.member.1.Value": "a" },
      ...{ "Tags.member.2.Key": "client_id", "Tags.member.2.Value": client },
    });
    const credentials = `<AccessKeyId>${id}</AccessKeyId><SessionToken>token</SessionToken>`;
    const expiration = `<Expiration>${new Date(EXPIRES + 3_600_000).toISOString()}</Expiration>`;
    sessions.remember(request.toString(), `<C>${credentials}${expiration}</C>`);
    return authorizer.sessionOf({ accessKeyId: id, service: "s3", sessionToken: "token" });
  };
  const put = { action: "s3:PutObject", resource: `${BUCKET}/sync/a`, context: {} };
  const may = async (found: ReturnType<typeof open>) => found && (await authorizer.decide(found, put)).allowed;
  const before = open("ASIA2", "mine");
  const another = open("ASIA3", "theirs");
  const policies = ROLES[ROLE]?.identityPolicies ?? [];
  const denial = { name: REVOCATION_POLICY_NAME, policy: revocationPolicy("mine", now / 1000 + 10) };
  const trustPolicy = trust(LAMBDA);
  ROLES[revoked] = { identityPolicies: policies, trustPolicy };
  expect(await may(before)).toBe(true);
  ROLES[revoked] = { identityPolicies: [...policies, denial], trustPolicy };
  expect([await may(before), await may(another)]).toEqual([false, true]);
  now += 11_000;
  expect(await may(open("ASIA4", "mine"))).toBe(true);
});
