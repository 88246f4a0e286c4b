import { type AwsEndpoint, startAwsEndpoint } from "../../../../sandbox/aws/aws-endpoint";
import {
  type LoopbackServer,
  type RequestHandler,
  readBody,
  sendJson,
  serveOnLoopback,
} from "../../../../sandbox/process/loopback-server";

type Json = Record<string, unknown>;
const USER_POOLS = "AWSCognitoIdentityProviderService";
const IDENTITY_POOLS = "AWSCognitoIdentityService";
const POOL = "eu-west-1:11111111-2222-3333-4444-555555555555";
const PROVIDER = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a";
const ROLE = "arn:aws:iam::123456789012:role/people";
const MAPPING = { [`${PROVIDER}:client`]: { Type: "Token", AmbiguousRoleResolution: "Deny" } };

/** What has reached the emulator, which forgets as the real one does. */
let asked: { call: string; body: Json }[] = [];
const emulate: RequestHandler = async (request, response) => {
  const body = JSON.parse((await readBody(request, 1_000_000)).toString()) as Json;
  const call = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
  asked.push({ call, body });
  const answers: Record<string, Json> = {
    CreateUserPool: { UserPool: { Id: "eu-west-1_a" } },
    DescribeUserPool: { UserPool: { Id: "eu-west-1_a" } },
    DescribeUserPoolDomain: { DomainDescription: body.Domain === "none" ? {} : { Domain: body.Domain } },
    CreateIdentityPool: { IdentityPoolId: POOL },
    UpdateIdentityPool: { IdentityPoolId: POOL },
    DescribeIdentityPool: { IdentityPoolId: POOL },
  };
  if (body.IdentityPoolName === "refused") sendJson(response, 400, { __type: "InvalidParameterException" });
  else sendJson(response, 200, answers[call] ?? {});
};

let emulator: LoopbackServer;
let aws: AwsEndpoint;
beforeEach(async () => {
  asked = [];
  emulator = await serveOnLoopback(emulate);
  const readRolePolicies = async () => undefined;
  aws = await startAwsEndpoint({ emulatorUrl: emulator.url, readRolePolicies, region: "eu-west-1" });
});
afterEach(async () => {
  await aws.close();
  await emulator.close();
});

async function call(service: string, name: string, body: Json, signed = true) {
  const credential = "AKIAIOSFODNN7EXAMPLE/20261126/eu-west-1/cognito/aws4_request";
  const response = await fetch(aws.url, {
    method: "POST",
    headers: {
      "x-amz-target": `${service}.${name}`,
      ...(signed
        ? { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0` }
        : {}),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
}
const userPools = async (name: string, body: Json) => (await call(USER_POOLS, name, body)).body;
const identityPools = async (name: string, body: Json) => (await call(IDENTITY_POOLS, name, body)).body;

describe("a user pool that is changed", () => {
  const lasting = {
    UsernameAttributes: ["email"],
    UsernameConfiguration: { CaseSensitive: false },
    UserPoolTier: "LITE",
  };

  it("keeps what only its making can say, and what the change does not name", async () => {
    await userPools("CreateUserPool", { PoolName: "people", ...lasting, UserPoolTags: { a: "1" } });
    const change = { UserPoolId: "eu-west-1_a", UserPoolTier: "PLUS" };
    await userPools("UpdateUserPool", change);
    expect(asked.at(-1)).toEqual({
      call: "UpdateUserPool",
      body: { ...change, ...lasting, UserPoolTags: { a: "1" }, UserPoolTier: "PLUS" },
    });
    await userPools("UpdateUserPool", { UserPoolId: "eu-west-1_a" });
    expect(asked.at(-1)?.body).toMatchObject({ UserPoolTier: "PLUS", UsernameAttributes: ["email"] });
  });

  it("is asked for nothing more where it was made elsewhere, or deleted", async () => {
    await userPools("CreateUserPool", { PoolName: "people", ...lasting });
    await userPools("DeleteUserPool", { UserPoolId: "eu-west-1_a" });
    for (const UserPoolId of ["eu-west-1_a", "eu-west-1_b"]) {
      await userPools("UpdateUserPool", { UserPoolId });
      expect(asked.at(-1)?.body).toEqual({ UserPoolId });
    }
  });
});

it.each([
  ["user", "UserPool", (name: string, body: Json) => userPools(name, body)],
  ["identity", "IdentityPool", (name: string, body: Json) => identityPools(name, body)],
] as const)(
  "the tags of a %s pool change by themselves, and a change of the pool keeps them",
  async (kind, word, call) => {
    const id = kind === "user" ? "eu-west-1_a" : POOL;
    const of = { [`${word}Id`]: id };
    await call(`Create${word}`, { [`${word}Tags`]: { a: "1", b: "2" } });
    const ResourceArn = `arn:aws:cognito:eu-west-1:123456789012:pool/${id}`;
    await call("TagResource", { ResourceArn, Tags: { b: "3", c: "4" } });
    await call("UntagResource", { ResourceArn, TagKeys: ["a"] });
    await call(`Update${word}`, of);
    const answer = await call(`Describe${word}`, of);
    expect(((kind === "user" ? answer.UserPool : answer) as Json)[`${word}Tags`]).toEqual({ b: "3", c: "4" });
  },
);

it("a domain keeps its version of the sign-in pages until it is deleted", async () => {
  await userPools("CreateUserPoolDomain", { Domain: "acme", ManagedLoginVersion: 1 });
  await userPools("UpdateUserPoolDomain", { Domain: "acme", ManagedLoginVersion: 2 });
  const description = async (Domain: string) =>
    (await userPools("DescribeUserPoolDomain", { Domain })).DomainDescription;
  expect(await description("acme")).toEqual({ Domain: "acme", ManagedLoginVersion: 2 });
  expect(await description("none")).toEqual({});
  await userPools("DeleteUserPoolDomain", { Domain: "acme" });
  expect(await description("acme")).toEqual({ Domain: "acme" });
});

it("a resource server can be deleted, which the emulator does not know", async () => {
  expect(await call(USER_POOLS, "DeleteResourceServer", {})).toEqual({ status: 200, body: {} });
  expect(asked).toEqual([]);
});

describe("an identity pool", () => {
  beforeEach(() => identityPools("CreateIdentityPool", { IdentityPoolName: "people" }));

  it("has the basic flow where it was allowed last, and loses it where a change does not name it", async () => {
    const allowed = async () =>
      (await identityPools("DescribeIdentityPool", { IdentityPoolId: POOL })).AllowClassicFlow;
    expect(await allowed()).toBe(false);
    await identityPools("UpdateIdentityPool", { IdentityPoolId: POOL, AllowClassicFlow: true });
    expect([await allowed(), aws.identityPools.allowsClassicFlow(POOL)]).toEqual([true, true]);
    await identityPools("UpdateIdentityPool", { IdentityPoolId: POOL });
    expect([await allowed(), aws.identityPools.allowsClassicFlow(POOL)]).toEqual([false, false]);
  });

  it("has its roles and mappings, which a change of the pool leaves alone", async () => {
    expect(await identityPools("GetIdentityPoolRoles", { IdentityPoolId: POOL })).toEqual({
      IdentityPoolId: POOL,
      Roles: {},
      RoleMappings: {},
    });
    const roles = { Roles: { authenticated: ROLE }, RoleMappings: MAPPING };
    await identityPools("SetIdentityPoolRoles", { IdentityPoolId: POOL, ...roles });
    await identityPools("UpdateIdentityPool", { IdentityPoolId: POOL, AllowClassicFlow: true });
    expect(await identityPools("GetIdentityPoolRoles", { IdentityPoolId: POOL })).toEqual({
      IdentityPoolId: POOL,
      ...roles,
    });
    expect(aws.identityPools.rolesOf(POOL)).toEqual(roles);
  });

  it("has tags for each provider", async () => {
    const of = { IdentityPoolId: POOL, IdentityProviderName: PROVIDER };
    const PrincipalTags = { preferred_role: "cognito:preferred_role" };
    await identityPools("SetPrincipalTagAttributeMap", { ...of, UseDefaults: false, PrincipalTags });
    expect(await identityPools("GetPrincipalTagAttributeMap", of)).toEqual({
      ...of,
      UseDefaults: false,
      PrincipalTags,
    });
    expect(aws.identityPools.principalTagsOf(POOL, PROVIDER)).toEqual(PrincipalTags);
    expect(aws.identityPools.principalTagsOf(POOL, "another")).toEqual({});
    await identityPools("SetPrincipalTagAttributeMap", { ...of, UseDefaults: true });
    expect(aws.identityPools.principalTagsOf(POOL, PROVIDER)).toEqual({ username: "sub", client: "aud" });
  });

  it.each([
    ["a role that is no ARN", { Roles: { authenticated: "people" } }, /people is not the ARN of a role/],
    ["an unknown kind of role", { Roles: { everybody: ROLE } }, /unknown key everybody/],
    ["a mapping of no known type", { RoleMappings: { p: { Type: "Guess" } } }, /unknown type Guess/],
    ["a mapping that leaves ambiguity open", { RoleMappings: { p: { Type: "Token" } } }, /AmbiguousRoleResolution/],
  ])("refuses %s, and keeps what it had", async (_, change, message) => {
    const answer = await call(IDENTITY_POOLS, "SetIdentityPoolRoles", { IdentityPoolId: POOL, ...change });
    expect(answer).toMatchObject({
      status: 400,
      body: { __type: "InvalidParameterException", message: expect.stringMatching(message) },
    });
    expect(aws.identityPools.rolesOf(POOL)).toEqual({ Roles: {}, RoleMappings: {} });
  });

  it("that is deleted, or was never made, has nothing", async () => {
    await identityPools("DeleteIdentityPool", { IdentityPoolId: POOL });
    for (const name of ["GetIdentityPoolRoles", "SetIdentityPoolRoles", "GetPrincipalTagAttributeMap"]) {
      expect(await call(IDENTITY_POOLS, name, { IdentityPoolId: POOL, IdentityProviderName: PROVIDER })).toEqual({
        status: 400,
        body: { __type: "ResourceNotFoundException", message: `IdentityPool '${POOL}' not found.` },
      });
    }
  });

  it("is not known where the emulator refused to make it, and the refusal is passed on", async () => {
    const answer = await call(IDENTITY_POOLS, "CreateIdentityPool", { IdentityPoolName: "refused" });
    expect(answer).toEqual({ status: 400, body: { __type: "InvalidParameterException" } });
  });

  it("is nobody's to configure without a signature", async () => {
    await call(IDENTITY_POOLS, "SetIdentityPoolRoles", { IdentityPoolId: POOL, Roles: { authenticated: ROLE } }, false);
    // The emulator answers what is not signed, as it answers people who sign in.
    expect(asked.at(-1)?.call).toBe("SetIdentityPoolRoles");
    expect(aws.identityPools.rolesOf(POOL).Roles).toEqual({});
  });
});
