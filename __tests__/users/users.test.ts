import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import type { GroupConfig, UserConfig, UsersConfig } from "../../config/schema/users-types";
import { evaluate } from "../../iam/evaluate";
import { Administration } from "../../users/administration";
import { type Request, runUsers } from "../../users/command";
import { parseArguments } from "../../users/main";
import { userPoolId } from "../../users/user-pool";

const POOL = "eu-west-1_abc123DEF";
const ANN = "ann@example.com";
const group = (key: string) => ({ key }) as GroupConfig;
const users = {
  signIn: ["email"],
  mfaMethods: ["totp", "email"],
  groups: [group("admin"), group("staff")],
  users: [{ key: "ada@example.com", userName: "ada@example.com", enabled: true }] as UserConfig[],
} as unknown as UsersConfig;

/** What was sent to Cognito: the operation's name and its input. */
let sent: [operation: string, input: Readonly<Record<string, unknown>>][];
let answers: Readonly<Record<string, unknown>>;
let refused: Readonly<Record<string, string>>;
let cognito: CognitoIdentityProviderClient;

beforeEach(() => {
  sent = [];
  answers = {};
  refused = {};
  cognito = new CognitoIdentityProviderClient({ region: "eu-west-1" });
  jest.spyOn(cognito, "send").mockImplementation(async (command) => {
    const operation = command.constructor.name.replace(/Command$/, "");
    const input = command.input as unknown as Record<string, unknown>;
    sent.push([operation, input]);
    const code = refused[`${operation} ${input.Username}`];
    if (code !== undefined) throw Object.assign(new Error("refused"), { name: code });
    return answers[operation] ?? {};
  });
});

async function run(commandLine: string) {
  const request: Request = parseArguments(["dev", ...commandLine.split(" ")]);
  const lines: string[] = [];
  const right = await runUsers(request, new Administration(cognito, users, POOL), users, (line) => lines.push(line));
  return { right, text: lines.join("\n"), operations: sent.map(([operation]) => operation) };
}

describe("what takes something away", () => {
  it.each([
    [`disable ${ANN}`, "disabled", ["AdminDisableUser", "AdminUserGlobalSignOut"]],
    [`sign-out ${ANN}`, "signed out everywhere", ["AdminUserGlobalSignOut"]],
    [`reset-mfa ${ANN}`, "without a second factor", ["AdminSetUserMFAPreference"]],
    [`groups ${ANN} --remove staff`, "out of staff", ["AdminRemoveUserFromGroup"]],
  ])("%s is only said, and done with --yes", async (commandLine, words, operations) => {
    const dry = await run(commandLine);
    expect(dry).toMatchObject({ right: true, operations: [] });
    expect(dry.text).toContain(`${ANN}: would be ${words}; nothing is done without --yes`);
    const done = await run(`${commandLine} --yes`);
    expect(done).toMatchObject({ right: true, operations });
    expect(done.text).toContain(`${ANN}: ${words}`);
    expect(sent.every(([, input]) => input.UserPoolId === POOL && input.Username === ANN)).toBe(true);
  });

  it("says that credentials which are out live on, and what a deployment would undo", async () => {
    expect((await run(`disable ${ANN} --yes`)).text).toContain("AWS credentials that are out work until they expire");
    expect((await run("disable ada@example.com")).text).toContain("write enabled = false there");
    expect((await run("groups ada@example.com --add staff")).text).toContain("the next deployment undoes it");
  });

  it("only the factors that the pool has are reset", async () => {
    await run(`reset-mfa ${ANN} --yes`);
    const off = { Enabled: false, PreferredMfa: false };
    expect(sent).toEqual([
      [
        "AdminSetUserMFAPreference",
        { UserPoolId: POOL, Username: ANN, SoftwareTokenMfaSettings: off, EmailMfaSettings: off },
      ],
    ]);
  });
});

describe("what gives something", () => {
  it.each([
    [`enable ${ANN}`, "enabled", ["AdminEnableUser"]],
    [`groups ${ANN} --add staff`, "in staff", ["AdminAddUserToGroup"]],
  ])("%s is done", async (commandLine, words, operations) => {
    const done = await run(commandLine);
    expect(done).toMatchObject({ right: true, operations });
    expect(done.text).toBe(`${ANN}: ${words}`);
  });

  it("an invitation has a verified address and the attributes, and no password", async () => {
    expect(await run(`invite ${ANN} --attribute given_name=Ann --attribute custom:team=a=b`)).toMatchObject({
      right: true,
      text: `${ANN}: invited`,
    });
    const UserAttributes = Object.entries({
      given_name: "Ann",
      "custom:team": "a=b",
      email: ANN,
      email_verified: "true",
    }).map(([Name, Value]) => ({ Name, Value }));
    const who = { UserPoolId: POOL, Username: ANN };
    expect(sent).toEqual([["AdminCreateUser", { ...who, UserAttributes, DesiredDeliveryMediums: ["EMAIL"] }]]);
  });

  it("one that was not used is sent again", async () => {
    await run(`invite ${ANN} --again`);
    expect(sent[0]?.[1]).toMatchObject({ MessageAction: "RESEND" });
  });

  it("nobody is invited whom Cognito cannot reach", async () => {
    expect(await run("invite ann")).toMatchObject({ right: false, operations: [] });
    expect((await run("invite ann --attribute email=ann@example.com")).operations).toEqual(["AdminCreateUser"]);
    expect((await run("invite +15555550100")).right).toBe(true);
    expect(sent.at(-1)?.[1]).toMatchObject({ DesiredDeliveryMediums: ["SMS"] });
  });
});

describe("what there is", () => {
  const user = (email: string, more: object = {}) => ({
    Username: `id-of-${email}`,
    Attributes: [{ Name: "email", Value: email }],
    UserStatus: "CONFIRMED",
    Enabled: true,
    UserCreateDate: new Date("2026-11-01T10:00:00Z"),
    ...more,
  });

  it("is listed in the order of addresses, with who is disabled", async () => {
    answers = { ListUsers: { Users: [user("bob@example.com", { Enabled: false }), user(ANN)] } };
    expect((await run("list")).text).toBe(
      `${ANN}  enabled   CONFIRMED  2026-11-01\nbob@example.com  DISABLED  CONFIRMED  2026-11-01`,
    );
    answers = { ListUsersInGroup: {} };
    expect(await run("list --group admin")).toMatchObject({ right: true, text: "nobody" });
    expect(sent.at(-1)?.[1]).toMatchObject({ GroupName: "admin", UserPoolId: POOL });
  });

  it("is shown with groups and second factors, for programs too", async () => {
    answers = {
      AdminGetUser: { ...user(ANN), UserAttributes: user(ANN).Attributes, UserMFASettingList: ["SOFTWARE_TOKEN_MFA"] },
      AdminListGroupsForUser: { Groups: [{ GroupName: "staff" }, { GroupName: "admin" }] },
    };
    const { text } = await run(`show ${ANN}`);
    expect(text).toContain("groups         admin, staff");
    expect(text).toContain("second factors SOFTWARE_TOKEN_MFA");
    expect(JSON.parse((await run(`show ${ANN} --json`)).text)).toEqual([
      expect.objectContaining({ email: ANN, enabled: true, groups: ["admin", "staff"], mfa: ["SOFTWARE_TOKEN_MFA"] }),
    ]);
    expect((await run(`groups ${ANN}`)).text).toBe(`${ANN}: admin, staff`);
  });
});

describe("faults", () => {
  it("one user's keeps no other from being served, and the status says it", async () => {
    refused = { "AdminEnableUser nobody@example.com": "UserNotFoundException" };
    const { right, text } = await run(`enable nobody@example.com ${ANN}`);
    expect(right).toBe(false);
    expect(text).toBe(
      `nobody@example.com: FAILED: there is no such user: npm run users -- ENVIRONMENT list (UserNotFoundException)\n${ANN}: enabled`,
    );
    expect(JSON.parse((await run(`enable nobody@example.com ${ANN} --json`)).text)).toEqual([
      { name: "nobody@example.com", error: expect.stringContaining("no such user") },
      { name: ANN, action: "enable", what: "enabled", done: true },
    ]);
  });

  it("a group that the file does not have, and an action without a name, are refused before anything is done", async () => {
    await expect(run(`groups ${ANN} --add admins --remove staff --yes`)).rejects.toThrow(
      "users.tfvars has no group admins, only admin, staff",
    );
    await expect(run("enable")).rejects.toThrow("name the users it is for");
    expect(sent).toEqual([]);
  });

  it("the pool is found by its whole name; none and several are told apart", async () => {
    const find = () => userPoolId(cognito, { name: "oidc-s3-users-dev", environment: "dev" });
    const pools = (...names: string[]) => ({ UserPools: names.map((Name, index) => ({ Name, Id: `pool-${index}` })) });
    answers = { ListUserPools: pools("oidc-s3-users-dev-old", "oidc-s3-users-dev") };
    expect(await find()).toBe("pool-1");
    answers = { ListUserPools: pools("oidc-s3-users") };
    await expect(find()).rejects.toThrow("there is no user pool oidc-s3-users-dev in eu-west-1: deploy it");
    answers = { ListUserPools: pools("oidc-s3-users-dev", "oidc-s3-users-dev") };
    await expect(find()).rejects.toThrow("--user-pool-id, pool-0 or pool-1");
  });
});

describe("the policy for administrators in docs/users.md", () => {
  const page = readFileSync(join(__dirname, "../../docs/users.md"), "utf8");
  const [, text = ""] = /<!-- policy of administrators -->\n+```json\n([\s\S]+?)```/.exec(page) ?? [];
  const policy: unknown = JSON.parse(text.replaceAll("<pool id>", POOL));
  const ours = `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${POOL}`;
  const may = async (operation: string, resource: string) =>
    (
      await evaluate({
        principal: "arn:aws:iam::123456789012:user/admin",
        accountId: "123456789012",
        action: `cognito-idp:${operation}`,
        resource,
        context: {},
        identityPolicies: [{ name: "administrators", policy }],
      })
    ).allowed;

  it("allows each operation that the commands send, on this pool and no other", async () => {
    for (const commandLine of [
      "list",
      "list --group admin",
      `show ${ANN}`,
      `invite ${ANN}`,
      `disable ${ANN} --yes`,
      `enable ${ANN}`,
      `sign-out ${ANN} --yes`,
      `reset-mfa ${ANN} --yes`,
      `groups ${ANN} --add admin --remove staff --yes`,
    ])
      await run(commandLine);
    const operations = [...new Set(sent.map(([operation]) => operation))];
    expect(operations).toHaveLength(11);
    for (const operation of operations) {
      expect([operation, await may(operation, ours)]).toEqual([operation, true]);
      expect([operation, await may(operation, `${ours}x`)]).toEqual([operation, false]);
    }
    expect(await may("ListUserPools", "*")).toBe(true);
  });

  it.each(["AdminSetUserPassword", "AdminInitiateAuth", "AdminDeleteUser", "UpdateUserPool", "CreateUserPoolClient"])(
    "does not allow %s",
    async (operation) => {
      expect(await may(operation, ours)).toBe(false);
    },
  );
});
