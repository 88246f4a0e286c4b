import { Authorizer, type RoleSession, RoleSessions } from "../../../sandbox/aws/authorizer";
import type { RolePolicies } from "../../../sandbox/aws/role-policies";
import { serviceAccessRequests } from "../../../sandbox/aws/service-request";
import { createSigningKey } from "../../../sandbox/cognito/signing-key";
import { Federation } from "../../../sandbox/identity/federation";
import type { IdentityPool } from "../../../sandbox/identity/identity-pools";
import { OpenIdTokens } from "../../../sandbox/identity/open-id-tokens";
import type { People } from "../../../sandbox/identity/people";
import { TrustedRoleSessions } from "../../../sandbox/identity/role-sessions";
import type { Json } from "../../../sandbox/identity/service-error";
import { WebIdentitySessions } from "../../../sandbox/identity/web-identity";
import {
  administer,
  claimsOf,
  createPeople,
  FakeDirectory,
  PASSWORD,
  resultOf,
  START,
  signInByPassword,
} from "./support/fake-directory";

const POOL_ID = "eu-west-1:11111111-2222-4333-8444-555555555555";
const PROVIDER = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_people";
const ISSUER = "cognito-identity.amazonaws.com";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const [USERS, ADMINS, GUESTS] = [role("users"), role("admins"), role("guests")];

const trust = (conditions: object = {}, who = "authenticated", aud = POOL_ID) => ({
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow",
    Principal: { Federated: ISSUER },
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {
      StringEquals: { [`${ISSUER}:aud`]: aud, ...conditions },
      "ForAnyValue:StringLike": { [`${ISSUER}:amr`]: who },
    },
  },
});
/** The prefix `/<identity>/` in a bucket and the rows of an identity in a table. */
const OWN = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: `arn:aws:s3:::files/users/\${${ISSUER}:sub}/*`,
    },
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::files",
      Condition: { StringLike: { "s3:prefix": `users/\${${ISSUER}:sub}/*` } },
    },
    {
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:BatchGetItem"],
      Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/rows",
      Condition: {
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [`\${${ISSUER}:sub}`] },
        Null: { "dynamodb:LeadingKeys": "false" },
      },
    },
  ],
};

let clock: { now: number };
let directory: FakeDirectory;
let people: People;
let keys: People["keys"] | undefined;
let pool: IdentityPool;
let tags: Record<string, string>;
let roles: Record<string, RolePolicies>;
let federation: Federation;
let openIdTokens: OpenIdTokens;
let sts: WebIdentitySessions;
let sessions: RoleSessions;
let authorizer: Authorizer;

beforeEach(async () => {
  clock = { now: START };
  directory = new FakeDirectory();
  people = await createPeople(directory, clock, keys);
  keys = people.keys;
  pool = {
    id: POOL_ID,
    allowsGuests: false,
    allowsBasicFlow: true,
    providers: [{ name: PROVIDER, clientId: "cli", checksUser: true }],
    roles: { authenticated: USERS, unauthenticated: GUESTS },
    mappings: { [`${PROVIDER}:cli`]: { type: "Token", ambiguous: "AuthenticatedRole", rules: [] } },
  };
  tags = {};
  const policies = (policy: unknown) => ({
    identityPolicies: [{ name: "own", policy }],
    longestSessionSeconds: 43_200,
  });
  roles = {
    [USERS]: { ...policies(OWN), trustPolicy: trust() },
    [ADMINS]: { ...policies(OWN), trustPolicy: trust() },
    [GUESTS]: { ...policies(OWN), trustPolicy: trust({}, "unauthenticated") },
  };
  const readRolePolicies = async (arn: string) => roles[arn];
  sessions = new RoleSessions(() => clock.now);
  authorizer = new Authorizer(sessions, readRolePolicies);
  let issued = 0;
  const issuer = new TrustedRoleSessions({
    readRolePolicies,
    issue: async ({ seconds }) => ({
      accessKeyId: `ASIA${++issued}`,
      secretAccessKey: "secret",
      sessionToken: `token ${issued}`,
      expires: clock.now + seconds * 1000,
      assumedRoleId: "AROA:x",
      assumedRoleArn: "arn:aws:sts::123456789012:assumed-role/x/y",
    }),
    remember: (session) => sessions.add(session),
  });
  openIdTokens = new OpenIdTokens(people.keys, () => clock.now);
  const pools = { find: async (id: string) => (id === POOL_ID ? pool : undefined), principalTags: async () => tags };
  federation = new Federation({ people, pools, openIdTokens, sessions: issuer });
  sts = new WebIdentitySessions(openIdTokens, issuer);
});

const call = (operation: string, input: Json) =>
  federation.calls[operation]?.(input) ?? Promise.reject(new Error(`there is no ${operation}`));
const idToken = async (name = "ann@example.org", client = "cli") =>
  resultOf(await signInByPassword(people, name, PASSWORD, client)).IdToken;
const getId = async (token?: string) =>
  String(
    (
      await call("GetId", {
        IdentityPoolId: POOL_ID,
        ...(token === undefined ? {} : { Logins: { [PROVIDER]: token } }),
      })
    ).IdentityId,
  );
const credentials = async (token: string, more: Json = {}) =>
  call("GetCredentialsForIdentity", { IdentityId: await getId(token), Logins: { [PROVIDER]: token }, ...more });
const openIdToken = async (token: string) =>
  String((await call("GetOpenIdToken", { IdentityId: await getId(token), Logins: { [PROVIDER]: token } })).Token);
const assume = async (WebIdentityToken: string, more: Record<string, string> = {}) => {
  const form = { RoleArn: USERS, RoleSessionName: "ann", WebIdentityToken, ...more };
  const { status, body } = await sts.assume(new URLSearchParams(form));
  return { status, code: /<Code>(\w+)</.exec(String(body))?.[1], body: String(body) };
};
const sessionIn = (answer: Json): RoleSession => {
  const session = sessions.find(String((answer.Credentials as Json).AccessKeyId));
  if (session === undefined) throw new Error("the proxy does not know the session");
  return session;
};

describe("an identity", () => {
  it("is one for each person, in every session", async () => {
    const ann = await getId(await idToken());
    expect(ann).toMatch(/^eu-west-1:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    clock.now += 1000;
    expect(await getId(await idToken("ann-id"))).toBe(ann);
    expect(await getId(await idToken("bob@example.org"))).not.toBe(ann);
  });
  it("of another is nobody else's", async () => {
    const [ann, bob] = [await idToken(), await idToken("bob@example.org")];
    const stolen = { IdentityId: await getId(ann), Logins: { [PROVIDER]: bob } };
    for (const operation of ["GetCredentialsForIdentity", "GetOpenIdToken"]) {
      await expect(call(operation, stolen)).rejects.toMatchObject({ type: "NotAuthorizedException" });
      await expect(call(operation, { ...stolen, Logins: { [PROVIDER]: ann } })).resolves.toBeDefined();
    }
  });
  it("that was never given is not found, nor is a pool", async () => {
    const missing = { type: "ResourceNotFoundException" };
    const Logins = { [PROVIDER]: await idToken() };
    await expect(call("GetId", { IdentityPoolId: "eu-west-1:none", Logins })).rejects.toMatchObject(missing);
    await expect(call("GetOpenIdToken", { IdentityId: "eu-west-1:none", Logins })).rejects.toMatchObject(missing);
  });
  it("of a guest is given only where guests may come", async () => {
    await expect(getId()).rejects.toMatchObject({
      message: "Unauthenticated access is not supported for this identity pool.",
    });
    pool = { ...pool, allowsGuests: true };
    const IdentityId = await getId();
    expect(await getId()).not.toBe(IdentityId);
    expect(sessionIn(await call("GetCredentialsForIdentity", { IdentityId })).roleArn).toBe(GUESTS);
  });
});

describe("a login", () => {
  it.each<[string, () => Promise<Json>]>([
    ["an access token", async () => ({ [PROVIDER]: resultOf(await signInByPassword(people)).AccessToken })],
    ["another client's token", async () => ({ [PROVIDER]: await idToken("ann-id", "other") })],
    ["a foreign pool's name", async () => ({ [`${PROVIDER}2`]: await idToken() })],
    [
      "a foreign pool's token",
      async () => {
        const { keys: all, tokens } = people;
        const iss = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other";
        const token = all.of(iss).sign({ ...tokens.read(await idToken()), iss });
        return { [PROVIDER]: token };
      },
    ],
    [
      "a token that another key signed",
      async () => ({
        [PROVIDER]: createSigningKey().sign(claimsOf(await idToken())),
      }),
    ],
    [
      "a service client's token",
      async () => ({
        [PROVIDER]: people.keys
          .of(`https://${PROVIDER}`)
          .sign({ iss: `https://${PROVIDER}`, token_use: "access", client_id: "cli", sub: "cli", exp: 9e9 }),
      }),
    ],
    ["junk", async () => ({ [PROVIDER]: "junk" })],
    ["none at all", async () => ({})],
  ])("is not %s", async (_, logins) => {
    await expect(call("GetId", { IdentityPoolId: POOL_ID, Logins: await logins() })).rejects.toMatchObject({
      type: "NotAuthorizedException",
    });
  });
  it("expires with its token", async () => {
    const token = await idToken();
    clock.now += 3_599_000;
    await expect(credentials(token)).resolves.toBeDefined();
    clock.now += 1000;
    await expect(credentials(token)).rejects.toMatchObject({ message: expect.stringContaining("Token expired") });
  });
  it.each<[string, () => Promise<unknown>]>([
    ["signed out", () => administer(people, directory, "AdminUserGlobalSignOut", { Username: "ann-id" })],
    [
      "disabled",
      async () => {
        directory.named("ann-id").enabled = false;
      },
    ],
    ["deleted", async () => directory.users.delete("ann-id")],
  ])("of somebody who was %s is refused where the pool asks about it", async (_, end) => {
    const [token, earlier] = [await idToken(), await idToken()];
    await expect(credentials(token)).resolves.toBeDefined();
    await end();
    await expect(credentials(token)).rejects.toMatchObject({ type: "NotAuthorizedException" });
    pool = { ...pool, providers: pool.providers.map((each) => ({ ...each, checksUser: false })) };
    await expect(credentials(earlier)).resolves.toBeDefined();
  });
});

describe("the role of the enhanced flow", () => {
  const member = (...groups: [name: string, roleArn: string, precedence: number][]) =>
    directory.groups.set(
      "ann-id",
      groups.map(([name, roleArn, precedence]) => ({ name, roleArn, precedence })),
    );
  const roleOf = async (more: Json = {}) => sessionIn(await credentials(await idToken(), more)).roleArn;

  it("is everybody's, or that of the group of the lowest precedence", async () => {
    expect(await roleOf()).toBe(USERS);
    member(["staff", USERS, 20], ["admins", ADMINS, 10]);
    expect(await roleOf()).toBe(ADMINS);
  });
  it("on a tie is everybody's, or nobody's where the mapping says so", async () => {
    member(["staff", USERS, 10], ["admins", ADMINS, 10]);
    expect(await roleOf()).toBe(USERS);
    pool = { ...pool, mappings: { [`${PROVIDER}:cli`]: { type: "Token", ambiguous: "Deny", rules: [] } } };
    await expect(roleOf()).rejects.toMatchObject({ type: "NotAuthorizedException" });
  });
  it("may be asked for, if the token holds it", async () => {
    member(["staff", USERS, 20], ["admins", ADMINS, 10]);
    expect(await roleOf({ CustomRoleArn: USERS })).toBe(USERS);
    member(["staff", USERS, 20]);
    await expect(roleOf({ CustomRoleArn: ADMINS })).rejects.toMatchObject({ type: "NotAuthorizedException" });
  });
  it("must trust the identity pool", async () => {
    const misconfigured = { type: "InvalidIdentityPoolConfigurationException" };
    for (const trustPolicy of [
      trust({}, "unauthenticated"),
      trust({}, "authenticated", "eu-west-1:other"),
      { Version: "2012-10-17", Statement: [] },
    ]) {
      roles[USERS] = { ...(roles[USERS] as RolePolicies), trustPolicy };
      await expect(roleOf()).rejects.toMatchObject(misconfigured);
    }
  });
  it("may come of rules about claims", async () => {
    const rule = { claim: "custom:team", match: "Equals", value: "blue", roleArn: ADMINS };
    pool = { ...pool, mappings: { [`${PROVIDER}:cli`]: { type: "Rules", ambiguous: "Deny", rules: [rule] } } };
    expect(await roleOf()).toBe(ADMINS);
    pool = {
      ...pool,
      mappings: { [`${PROVIDER}:cli`]: { type: "Rules", ambiguous: "Deny", rules: [{ ...rule, value: "red" }] } },
    };
    await expect(roleOf()).rejects.toMatchObject({ type: "NotAuthorizedException" });
  });
  it("lasts an hour", async () => {
    const session = sessionIn(await credentials(await idToken()));
    expect(session).toMatchObject({ expires: START + 3_600_000, sessionName: "CognitoIdentityCredentials" });
  });
});

describe("the basic flow", () => {
  it("is off unless the pool allows it", async () => {
    pool = { ...pool, allowsBasicFlow: false };
    await expect(openIdToken(await idToken())).rejects.toMatchObject({
      message: "Basic (classic) flow is not enabled, please use enhanced flow.",
    });
  });
  it("gives a signed token for ten minutes, with tags as they are mapped", async () => {
    tags = { role: "cognito:preferred_role", client: "aud" };
    const token = await openIdToken(await idToken());
    expect(claimsOf(token)).toEqual({
      sub: await getId(await idToken()),
      aud: POOL_ID,
      amr: ["authenticated", PROVIDER, `${PROVIDER}:CognitoSignIn:ann-sub`],
      iss: "https://cognito-identity.amazonaws.com",
      iat: START / 1000,
      exp: START / 1000 + 600,
      "https://aws.amazon.com/tags": { principal_tags: { client: ["cli"] } },
    });
    clock.now += 599_000;
    expect((await assume(token)).status).toBe(200);
    clock.now += 1000;
    expect(await assume(token)).toMatchObject({ status: 400, code: "ExpiredTokenException" });
  });
  it("takes no other token, and none that was edited", async () => {
    const token = await openIdToken(await idToken());
    const [head, , signature] = token.split(".");
    const edited = Buffer.from(JSON.stringify({ ...claimsOf(token), sub: "eu-west-1:bob" })).toString("base64url");
    for (const wrong of [
      `${head}.${edited}.${signature}`,
      await idToken(),
      createSigningKey().sign(claimsOf(token)),
      "junk",
      "",
    ]) {
      expect(await assume(wrong)).toMatchObject({ status: 400, code: "InvalidIdentityToken" });
    }
  });
  it.each([
    ["899", "ValidationError"],
    ["43201", "ValidationError"],
    ["7201", "ValidationError"],
    ["x", "ValidationError"],
    ["900", undefined],
    ["7200", undefined],
  ])("lasts as long as the role allows: %s seconds", async (DurationSeconds, code) => {
    roles[USERS] = { ...(roles[USERS] as RolePolicies), longestSessionSeconds: 7200 };
    expect((await assume(await openIdToken(await idToken()), { DurationSeconds })).code).toBe(code);
  });
  it("gives no role that is not there, or trusts somebody else", async () => {
    const token = await openIdToken(await idToken());
    for (const RoleArn of [role("nobody"), GUESTS]) {
      expect(await assume(token, { RoleArn })).toMatchObject({ status: 403, code: "AccessDenied" });
    }
  });
  it("gives any role that trusts the whole pool, and one that asks for its tag to those only who have it", async () => {
    const guarded = trust({ "aws:RequestTag/role": ADMINS });
    expect((await assume(await openIdToken(await idToken()), { RoleArn: ADMINS })).status).toBe(200);
    roles[ADMINS] = { ...(roles[ADMINS] as RolePolicies), trustPolicy: guarded };
    expect((await assume(await openIdToken(await idToken()), { RoleArn: ADMINS })).code).toBe("AccessDenied");
    tags = { role: "cognito:preferred_role" };
    directory.groups.set("ann-id", [{ name: "staff", roleArn: USERS, precedence: 1 }]);
    expect((await assume(await openIdToken(await idToken()), { RoleArn: ADMINS })).code).toBe("AccessDenied");
    directory.groups.set("ann-id", [{ name: "admins", roleArn: ADMINS, precedence: 1 }]);
    expect((await assume(await openIdToken(await idToken()), { RoleArn: ADMINS })).status).toBe(200);
  });
  it("needs a trust policy that lets tags pass", async () => {
    const { Statement, ...rest } = trust();
    const trustPolicy = { ...rest, Statement: { ...Statement, Action: "sts:AssumeRoleWithWebIdentity" } };
    roles[USERS] = { ...(roles[USERS] as RolePolicies), trustPolicy };
    expect((await assume(await openIdToken(await idToken()))).status).toBe(200);
    tags = { client: "aud" };
    expect((await assume(await openIdToken(await idToken()))).code).toBe("AccessDenied");
  });
});

describe("what Ann's session may do", () => {
  let session: RoleSession;
  let ann: string;
  let bob: string;
  beforeEach(async () => {
    const token = await idToken();
    [ann, bob] = [await getId(token), await getId(await idToken("bob@example.org"))];
    session = sessionIn(await credentials(token));
  });
  const decide = async (action: string, resource: string, context: Record<string, string> = {}) =>
    (await authorizer.decide(session, { action, resource, context })).allowed;

  it("in her own prefix, and in no other", async () => {
    const object = (prefix: string) => `arn:aws:s3:::files/users/${prefix}/a.txt`;
    expect(await decide("s3:PutObject", object(ann))).toBe(true);
    for (const prefix of [bob, `${ann}x`, "*", `\${${ISSUER}:sub}`, ""]) {
      expect(await decide("s3:PutObject", object(prefix))).toBe(false);
    }
  });
  it("in lists, which need her prefix", async () => {
    const list = (prefix?: string) =>
      decide("s3:ListBucket", "arn:aws:s3:::files", prefix === undefined ? {} : { "s3:prefix": prefix });
    expect(await list(`users/${ann}/`)).toBe(true);
    for (const prefix of [`users/${bob}/`, "users/", "", undefined]) expect(await list(prefix)).toBe(false);
  });
  it("in a table, where each row begins with who it belongs to", async () => {
    const ask = async (operation: string, body: object) => {
      const request = { service: "dynamodb", region: "eu-west-1", accountId: "123456789012" };
      const target = `DynamoDB_20120810.${operation}`;
      const keysOf = async () => "owner";
      const requests = await serviceAccessRequests({ ...request, target, body: JSON.stringify(body) }, keysOf);
      const decisions = await Promise.all((requests ?? []).map((each) => authorizer.decide(session, each)));
      return decisions.length > 0 && decisions.every(({ allowed }) => allowed);
    };
    const row = (owner: string) => ({ TableName: "rows", Key: { owner: { S: owner }, at: { N: "1" } } });
    const query = (condition: string, owner: string) => ({
      TableName: "rows",
      KeyConditionExpression: condition,
      ExpressionAttributeNames: { "#o": "owner", "#a": "at" },
      ExpressionAttributeValues: { ":o": { S: owner }, ":a": { N: "1" }, ":mine": { S: ann } },
    });
    expect(await ask("GetItem", row(ann))).toBe(true);
    expect(await ask("GetItem", row(bob))).toBe(false);
    expect(await ask("PutItem", { TableName: "rows", Item: row(ann).Key })).toBe(true);
    expect(await ask("PutItem", { TableName: "rows", Item: row(bob).Key })).toBe(false);
    for (const condition of ["#o = :o", "#a > :a AND #o = :o", "owner=:o and begins_with(at, :mine)", "(owner = :o)"]) {
      expect(await ask("Query", query(condition, ann))).toBe(true);
      expect(await ask("Query", query(condition, bob))).toBe(false);
    }
    expect(await ask("Query", query("at = :mine", bob))).toBe(false);
    // An index is a resource of its own.
    expect(await ask("Query", { ...query("#o = :o", ann), IndexName: "by-name" })).toBe(false);
    expect(await ask("Scan", { TableName: "rows" })).toBe(false);
    const batch = (...owners: string[]) => ({
      RequestItems: { rows: { Keys: owners.map((owner) => row(owner).Key) } },
    });
    expect(await ask("BatchGetItem", batch(ann, ann))).toBe(true);
    expect(await ask("BatchGetItem", batch(ann, bob))).toBe(false);
    expect(await ask("ExecuteStatement", { Statement: `SELECT * FROM rows WHERE owner = '${ann}'` })).toBe(false);
  });
});
