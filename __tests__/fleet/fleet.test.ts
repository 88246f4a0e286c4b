import { Readable } from "node:stream";
import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient, NoSuchEntityException } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { HttpResponse } from "@smithy/core/protocols";
import { LONGEST_VENDING_SECONDS, parseClientControlItem } from "../../access/client-control";
import { clientRoleItem, MAX_SESSION_SECONDS } from "../../access/client-role";
import { fleetOperatorPolicy } from "../../access/session-revocation";
import { parseArguments } from "../../fleet/arguments";
import { type Request, runFleet } from "../../fleet/command";
import { Fleet } from "../../fleet/fleet";
import { identify } from "../../fleet/main";
import { evaluate } from "../../iam/evaluate";

const ACCOUNT = "123456789012";
const DEPLOYMENT = { projectName: "oidc-s3", environment: "dev" };
const ADA = `arn:aws:sts::${ACCOUNT}:assumed-role/Operator/ada`;
const POOL_ARN = `arn:aws:cognito-idp:eu-west-1:${ACCOUNT}:userpool/eu-west-1_a`;
const NOW = 1_790_000_000;
const WHY = ["--reason", "INC-42"];
type Input = Readonly<Record<string, never>>;
type Item = Readonly<Record<string, { S?: string; N?: string; BOOL?: boolean }>>;

/** What is in the tables and on the roles, and what was sent: services of AWS as far as the command needs them. */
let controls: Map<string, Item>;
let policies: Map<string, string>;
let sent: [action: string, resource: string][];
/** Done before an operation is, once: what somebody else does at that moment. */
let meanwhile: Record<string, () => void>;
let now: number;

beforeEach(() => {
  controls = new Map();
  policies = new Map();
  sent = [];
  meanwhile = {};
  now = NOW;
});

const roleNameOf = (server: string) => `oidc-s3-cognito-dev-${server}`;
const tableOf = (kind: string) => `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/oidc-s3-dev-client-${kind}`;
const roles = ["db-01", "db-02"].map((serverName) =>
  clientRoleItem({
    clientId: `id-of-${serverName}`,
    serverName,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/team/${roleNameOf(serverName)}`,
    s3PathPrefix: `${serverName}/`,
    s3Permissions: "write",
    allowedScopes: ["write"],
    maxSessionDuration: MAX_SESSION_SECONDS,
  }),
);

function answer(operation: string, input: Input): object {
  const other = meanwhile[operation];
  delete meanwhile[operation];
  other?.();
  const at = (input as { Key?: { client_id: { S: string } } }).Key?.client_id.S ?? "";
  const values = input as { Item?: Item; ExpressionAttributeValues?: Item; RoleName?: string; PolicyDocument?: string };
  switch (operation) {
    case "Scan":
      return { Items: String(input.TableName).endsWith("-roles") ? roles : [...controls.values()] };
    case "GetItem":
      return { Item: controls.get(at) };
    case "PutItem": {
      const id = values.Item?.client_id?.S ?? "";
      const version = controls.get(id)?.version?.N;
      const none = version === undefined && String(input.ConditionExpression).includes("attribute_not_exists");
      if (!none && version !== values.ExpressionAttributeValues?.[":read"]?.N)
        throw new ConditionalCheckFailedException({ message: "The conditional request failed", $metadata: {} });
      controls.set(id, values.Item ?? {});
      return {};
    }
    case "PutRolePolicy":
      policies.set(values.RoleName ?? "", values.PolicyDocument ?? "");
      return {};
    default:
      if (!policies.delete(values.RoleName ?? "")) throw new NoSuchEntityException({ message: "none", $metadata: {} });
      return {};
  }
}

async function run(commandLine: string, more: readonly string[] = [], ask?: () => Promise<boolean>, arn = ADA) {
  const dynamodb = new DynamoDBClient({ region: "eu-west-1" });
  const iam = new IAMClient({ region: "eu-west-1" });
  for (const client of [dynamodb, iam])
    jest.spyOn(client as DynamoDBClient, "send").mockImplementation(async (command) => {
      const operation = command.constructor.name.replace(/Command$/, "");
      const input = command.input as unknown as Input;
      const resource =
        client === iam
          ? `arn:aws:iam::${ACCOUNT}:role/team/${input.RoleName}`
          : tableOf(String(input.TableName).slice(19));
      sent.push([`${client === iam ? "iam" : "dynamodb"}:${operation}`, resource]);
      return answer(operation, input);
    });
  const lines: string[] = [];
  const request = parseArguments(["dev", ...commandLine.split(" "), ...more]) as Request;
  const right = await runFleet(request, {
    fleet: new Fleet(dynamodb, iam, DEPLOYMENT),
    identify: async () => ({ arn, now }),
    ask,
    print: (line) => lines.push(line),
  });
  return { right, text: lines.join("\n") };
}
const control = (server = "db-01") => {
  const item = controls.get(`id-of-${server}`);
  return item === undefined ? undefined : parseClientControlItem(item);
};

describe("disable, quarantine, pause, enable", () => {
  it("are what the vending function reads, with reason, who and when, and are said", async () => {
    const { right, text } = await run("disable db-01", WHY);
    expect(right).toBe(true);
    expect(control()).toMatchObject({ disabled: true, reason: "INC-42", changedBy: ADA, changedAt: NOW, version: 1 });
    expect(text).toContain("db-01: disabled until it is enabled\n  since 2026-09-21T");
    expect(text).toContain("revoke ends them");
    expect((await run("enable db-01")).text).toContain("db-01: under no control");
    expect(control()).toMatchObject({ disabled: false, version: 2 });
    await run("quarantine db-01", WHY);
    expect(control()).toMatchObject({ disabled: false, writeOnly: true });
    expect(control("db-02")).toBeUndefined();
    await run("pause db-02 --until 2h", WHY);
    expect(control("db-02")).toMatchObject({ disabled: true, until: NOW + 7200 });
    now += 7200;
    expect((await run("status db-02")).text).toContain("db-02: under no control");
  });

  it("run twice, nothing is written again", async () => {
    await run("disable db-01", WHY);
    now += 60;
    expect((await run("disable db-01", WHY)).text).toContain("since 2026-09-21T");
    expect(control()).toMatchObject({ changedAt: NOW, version: 1 });
  });

  it("never loosen what is stricter or lasts longer", async () => {
    await run("disable db-01", WHY);
    for (const less of ["quarantine db-01", "pause db-01 --until 2h"]) {
      const { right, text } = await run(less, WHY);
      expect(right).toBe(false);
      expect(text).toContain("db-01: FAILED: is disabled without an end, which this would loosen: enable it first");
    }
    await run("quarantine db-02 --until 2h", WHY);
    expect((await run("disable db-02", WHY)).right).toBe(true);
    expect(control("db-02")).toMatchObject({ disabled: true, writeOnly: false });
  });

  it("keep networks and what was revoked", async () => {
    const kept = { allowed_cidrs: { SS: ["10.0.0.0/8"] }, cidr_enforcement: { S: "enforce" } };
    controls.set("id-of-db-01", { client_id: { S: "id-of-db-01" }, ...kept, tokens_not_before: { N: "5" } } as Item);
    await run("disable db-01", WHY);
    await run("enable db-01");
    expect(controls.get("id-of-db-01")).toMatchObject({ ...kept, tokens_not_before: { N: "5" } });
  });
});

describe("networks", () => {
  const FROM = ["--from", "198.51.100.7/32,192.0.2.0/24,2001:db8::/32,192.0.2.0/24"];

  it("are what the vending function reads, reported or enforced, and are lifted by any", async () => {
    const { right, text } = await run("networks db-01", [...FROM, ...WHY]);
    expect(right).toBe(true);
    const allowedCidrs = ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"];
    expect(control()).toMatchObject({ allowedCidrs, cidrEnforcement: "report", reason: "INC-42", version: 1 });
    expect(text).toContain("db-01: networks 192.0.2.0/24, 198.51.100.7/32, 2001:db8::/32 (report)");
    expect(text).not.toContain("sessions that are out");
    expect((await run("networks db-01 --enforce", [...FROM, ...WHY])).text).toContain(
      "sessions that are out work until",
    );
    expect(control()).toMatchObject({ allowedCidrs, cidrEnforcement: "enforce", version: 2 });
    expect((await run("networks db-01 --from any", WHY)).text).toContain("db-01: under no control");
    expect(control()).toEqual(expect.not.objectContaining({ allowedCidrs: expect.anything() }));
    expect(control()).toMatchObject({ version: 3 });
  });

  it("are of a disabled server too, leave it so, and run twice are not written again", async () => {
    await run("disable db-01", WHY);
    for (const version of [2, 2]) {
      expect((await run("networks db-01 --enforce", [...FROM, ...WHY])).right).toBe(true);
      expect(control()).toMatchObject({ disabled: true, cidrEnforcement: "enforce", version });
    }
  });

  it.each([
    ["networks db-01", "networks: say which"],
    ["networks db-01 --from any --enforce", "nothing to enforce"],
    ["networks db-01 --from any --until 2h", "has no end"],
    ["disable db-01 --from any", "disable is of no networks"],
    ["disable db-01 --enforce", "disable is of no networks"],
  ])("%s is refused, and nothing is sent", async (line, message) => {
    await expect(run(line, WHY)).rejects.toThrow(message);
    expect(sent).toEqual([]);
  });

  /** What is said of a command line before the process ends. */
  function refusalOf(from: string): string {
    const exit = jest.spyOn(process, "exit").mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(() => parseArguments(["dev", "networks", "db-01", "--from", from])).toThrow("exit 1");
    const said = String(write.mock.calls[0]?.[0]);
    exit.mockRestore();
    write.mockRestore();
    return said;
  }

  it.each([
    "",
    "192.0.2.0",
    "192.0.2.0/33",
    "2001:db8::/129",
    "192.0.2.0/24, 10.0.0.0/8",
    "all",
    "1.2.3.4/-1",
    "10.0.0.0/8,",
  ])("%j are none", (from) => expect(refusalOf(from)).toContain("write networks like 192.0.2.0/24, or any"));

  it("more than ten do not fit into a session's policy", () => {
    const many = Array.from({ length: 11 }, (_, n) => `10.${n}.0.0/16`);
    expect(refusalOf(many.join())).toContain("11 networks, and 10 fit");
  });
});

describe("revoke", () => {
  const denied = (server = "db-01") => JSON.parse(policies.get(roleNameOf(server)) ?? "{}").Statement?.[0]?.Condition;
  const BEFORE = NOW + LONGEST_VENDING_SECONDS;

  it("refuses tokens and denies sessions from one time, after the last vending that may not have seen it", async () => {
    const { text } = await run("revoke db-01", WHY);
    expect(control()).toMatchObject({ disabled: false, tokensNotBefore: BEFORE, sessionsDeniedUntil: BEFORE + 3600 });
    const time = `${new Date(BEFORE * 1000).toISOString().slice(0, 19)}Z`;
    expect(denied()).toEqual({
      StringEquals: { "aws:PrincipalTag/client_id": "id-of-db-01" },
      DateLessThan: { "aws:TokenIssueTime": time },
    });
    expect(text).toContain(`tokens from before ${time} are refused; sessions from before ${time} are denied`);
  });

  it.each([
    ["before", -1, "id-of-db-01", false],
    ["at", 0, "id-of-db-01", true],
    ["before, of another client", -1, "id-of-db-02", true],
  ])("a session that began %s the time", async (_, seconds, clientId, allowed) => {
    await run("revoke db-01", WHY);
    const policy = (name: string, text: object) => ({ name, policy: text });
    const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:*", Resource: "*" } };
    const revoked = JSON.parse(policies.get(roleNameOf("db-01")) ?? "");
    const decision = await evaluate({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleNameOf("db-01")}/db-01`,
      accountId: ACCOUNT,
      action: "s3:PutObject",
      resource: "arn:aws:s3:::uploads/db-01/a",
      context: {
        "aws:PrincipalTag/client_id": clientId,
        "aws:TokenIssueTime": new Date((BEFORE + seconds) * 1000).toISOString(),
      },
      identityPolicies: [policy("level", everything), policy("revoked", revoked)],
    });
    expect(decision.allowed).toBe(allowed);
  });

  it("is taken off the role by the next change of any server, when the last such session has ended, and not before", async () => {
    await run("revoke db-01", WHY);
    now = BEFORE + 3599;
    await run("enable db-02");
    expect(denied()).toBeDefined();
    now += 1;
    await run("enable db-02");
    expect(denied()).toBeUndefined();
    expect(control()).toMatchObject({ tokensNotBefore: BEFORE, version: 2 });
    expect(control()).not.toHaveProperty("sessionsDeniedUntil");
  });

  it("goes through where it was interrupted after the table was written", async () => {
    meanwhile.PutRolePolicy = () => {
      throw Object.assign(new Error("connection lost"), { name: "AccessDenied" });
    };
    const { right, text } = await run("revoke db-01", WHY);
    expect(right).toBe(false);
    expect(text).toContain("connection lost (AccessDenied): docs/operations.md has the policy for operators");
    expect((await run("revoke db-01", WHY)).right).toBe(true);
    expect(denied()).toBeDefined();
  });

  it("of an operator whose time is behind takes nothing back", async () => {
    await run("revoke db-01", WHY);
    const first = denied();
    now -= 500;
    await run("revoke db-01", WHY);
    expect(denied()).toEqual(first);
  });

  it("by another operator between table and role ends as the later one has it", async () => {
    const later = BEFORE + 100;
    meanwhile.PutRolePolicy = () => {
      const item = controls.get("id-of-db-01") as Item;
      controls.set("id-of-db-01", { ...item, tokens_not_before: { N: String(later) }, version: { N: "2" } });
    };
    await run("revoke db-01", WHY);
    expect(denied().DateLessThan["aws:TokenIssueTime"]).toBe(`${new Date(later * 1000).toISOString().slice(0, 19)}Z`);
  });

  it("by another operator is not lost to whoever cleans up at that moment", async () => {
    await run("revoke db-01", WHY);
    now += 4000;
    meanwhile.DeleteRolePolicy = () => {
      const item = controls.get("id-of-db-01") as Item;
      const again = { tokens_not_before: { N: String(now) }, sessions_denied_until: { N: String(now + 3600) } };
      controls.set("id-of-db-01", { ...item, ...again, version: { N: "2" } });
    };
    const { right } = await run("enable db-02");
    expect(right).toBe(false);
    expect(denied()).toBeDefined();
    expect(control()).toMatchObject({ tokensNotBefore: now, version: 2 });
  });
});

it("of two operators at once the second is told, and changes nothing", async () => {
  meanwhile.PutItem = () => controls.set("id-of-db-01", { client_id: { S: "id-of-db-01" }, version: { N: "1" } });
  const { right, text } = await run("disable db-01", WHY);
  expect(right).toBe(false);
  expect(text).toContain("somebody else has changed it this moment");
  expect(control()).toMatchObject({ disabled: false, version: 1 });
});

it("a malformed control is told by status, is not overwritten, and keeps no other server from being served", async () => {
  const malformed = { client_id: { S: "id-of-db-01" }, disbaled: { BOOL: true } };
  controls.set("id-of-db-01", malformed);
  expect(await run("status")).toMatchObject({
    right: false,
    text: expect.stringContaining("has an unknown attribute"),
  });
  expect((await run("disable db-01 db-02 --yes", WHY)).right).toBe(false);
  expect(controls.get("id-of-db-01")).toBe(malformed);
  expect(control("db-02")).toMatchObject({ disabled: true });
});

describe("more than one server", () => {
  it("nothing is done without a terminal or with no for an answer", async () => {
    await expect(run("disable db-01 db-02", WHY)).rejects.toThrow("Nobody can be asked here: add --yes");
    await expect(run("disable db-01 db-02", WHY, async () => false)).rejects.toThrow("nothing was done");
    expect(controls.size).toBe(0);
  });

  it("are served with yes for an answer", async () => {
    await run("disable db-01 db-02", WHY, async () => true);
    expect(controls.size).toBe(2);
  });
});

it.each([
  ["disable", WHY, "name the servers it is for"],
  ["disable db-01", [], "--reason"],
  ["revoke db-01", ["--reason", " "], "--reason"],
  ["pause db-01", WHY, "--until 2h"],
  ["enable db-01 --until 2h", [], "enable has no end"],
  ["disable db-01 --until 2020-01-01T00:00Z", WHY, "--until 2020-01-01T00:00:00Z is over"],
  ["disable db-02 db-1", WHY, "no server db-1 is deployed, so nothing was done; did you mean db-01?"],
])("%s is refused before anything is done", async (commandLine, more, message) => {
  await expect(run(commandLine, [...more, "--yes"])).rejects.toThrow(message);
  expect(controls.size).toBe(0);
});

it("status has what is under a control, in JSON too", async () => {
  expect((await run("status")).text).toBe("no server is under a control");
  await run("disable db-01", WHY);
  expect(JSON.parse((await run("status --json")).text)).toEqual([
    { name: "db-01", restrictions: ["disabled until it is enabled"] },
  ]);
});

it("status has what is left of servers that are not there any more", async () => {
  const item = { client_id: { S: "id-of-gone" }, disabled: { BOOL: true }, version: { N: "1" } };
  controls.set("id-of-gone", item);
  expect((await run("status")).text).toContain(
    "client id-of-gone, of no server that is deployed: disabled until it is enabled",
  );
  expect((await run("status db-01")).text).not.toContain("id-of-gone");
});

describe("the operators' policy", () => {
  const policy = fleetOperatorPolicy(DEPLOYMENT, {
    region: "eu-west-1",
    account: ACCOUNT,
    iamPath: "/team/",
    bucketArn: "arn:aws:s3:::uploads",
    userPoolArn: POOL_ARN,
  });
  const isAllowed = async (action: string, resource: string, environment = "dev") =>
    (
      await evaluate({
        principal: `arn:aws:iam::${ACCOUNT}:user/operator`,
        accountId: ACCOUNT,
        action,
        resource,
        context: { "iam:ResourceTag/Environment": environment },
        identityPolicies: [{ name: "operator", policy }],
      })
    ).allowed;

  it("allows each operation that the command sends", async () => {
    await run("revoke db-01", WHY);
    now += 4000;
    await run("disable db-01", WHY);
    await run("status");
    const operations = new Map(sent.map((operation) => [operation.join(), operation]));
    expect(operations.size).toBe(6);
    for (const [action, resource] of operations.values()) expect(await isAllowed(action, resource)).toBe(true);
  });

  it.each([
    ["cognito-idp:AddUserPoolClientSecret", POOL_ARN],
    ["cognito-idp:ListUserPoolClientSecrets", POOL_ARN],
    ["cognito-idp:DeleteUserPoolClientSecret", POOL_ARN],
    ["cognito-idp:DescribeUserPoolDomain", "*"],
  ])("allows %s on %s, which a rotation sends", async (action, resource) => {
    expect(await isAllowed(action, resource)).toBe(true);
  });

  it.each([
    ["cognito-idp:AddUserPoolClientSecret", POOL_ARN.replace("1_a", "1_b")],
    ["cognito-idp:DeleteUserPoolClientSecret", `${POOL_ARN}b`],
    // It tells the first secret.
    ["cognito-idp:DescribeUserPoolClient", POOL_ARN],
    ["cognito-idp:UpdateUserPoolClient", POOL_ARN],
    ["cognito-idp:DeleteUserPoolClient", POOL_ARN],
    ["dynamodb:PutItem", tableOf("roles")],
    ["dynamodb:DeleteItem", tableOf("controls")],
    ["dynamodb:UpdateItem", tableOf("activity")],
    ["s3:GetObject", "arn:aws:s3:::uploads/db-01/a"],
    ["s3:ListBucket", "arn:aws:s3:::uploads-of-others"],
    ["iam:PutRolePolicy", `arn:aws:iam::${ACCOUNT}:role/team/oidc-s3-dev-cred-vending`],
    ["iam:UpdateAssumeRolePolicy", `arn:aws:iam::${ACCOUNT}:role/team/${roleNameOf("db-01")}`],
    ["iam:AttachRolePolicy", `arn:aws:iam::${ACCOUNT}:role/team/${roleNameOf("db-01")}`],
    ["sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/team/${roleNameOf("db-01")}`],
  ])("does not allow %s on %s", async (action, resource) => {
    expect(await isAllowed(action, resource)).toBe(false);
  });

  it("reaches no role of an environment whose name begins alike", async () => {
    const resource = `arn:aws:iam::${ACCOUNT}:role/team/${roleNameOf("eu-db-01")}`;
    expect(await isAllowed("iam:PutRolePolicy", resource, "dev-eu")).toBe(false);
  });
});

it.each([
  ["Mon, 21 Sep 2026 14:13:20 GMT", NOW],
  ["not a time", 5],
])("the time is AWS's, by the answer's Date: %s", async (date, seconds) => {
  jest.spyOn(Date, "now").mockReturnValue(5000);
  const body = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${ADA}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  const response = new HttpResponse({ statusCode: 200, headers: { date }, body: Readable.from([Buffer.from(body)]) });
  const sts = new STSClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
    requestHandler: { handle: async () => ({ response }) },
  });
  expect(await identify(sts)).toEqual({ arn: ADA, now: seconds });
});
