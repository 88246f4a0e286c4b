import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { GetRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { administratorConfig } from "../../sandbox/process/administrator";
import { type OtherAws, otherAws } from "../support/other-aws";
import { eventually, type SandboxRun, startSandboxRun } from "../support/sandbox-run";

const MINUTES = 60_000;
const run = promisify(execFile);
const runs: SandboxRun[] = [];

function start(...[through, ...args]: [through: "npm" | "node", ...args: string[]]): SandboxRun {
  const started = startSandboxRun(through, args);
  runs.push(started);
  return started;
}

interface Check {
  readonly subject: string;
  readonly operation: string;
  readonly where: string;
  readonly expected: string;
  readonly ok: boolean;
  readonly verdicts: readonly { readonly by: string; readonly outcome: string }[];
}

/** The checks that a run with --json printed, by "who · does · where". */
function checksOf(run: SandboxRun): Map<string, Check> {
  const { checks } = JSON.parse(run.results()) as { checks: Check[] };
  return new Map(checks.map((check) => [[check.subject, check.operation, check.where].join(" · "), check]));
}

function distinct(check: Check | undefined, property: "by" | "outcome"): string {
  return [...new Set(check?.verdicts.map((verdict) => verdict[property]))].join(" + ");
}

afterAll(() => Promise.all(runs.map((started) => started.cleanUp())));

describe("two runs of npm start -- --once beside each other, one of them tampered with", () => {
  let elsewhere: OtherAws;
  let good: SandboxRun;
  let tampered: SandboxRun;

  beforeAll(async () => {
    elsewhere = otherAws();
    good = startSandboxRun("npm", ["--once", "--json"], elsewhere.env);
    runs.push(good);
    tampered = start("npm", "--once", "--only", "servers");
    await Promise.all([widenRole(tampered), good.exited, tampered.exited]);
  }, 5 * MINUTES);

  afterAll(() => elsewhere.remove());

  /** Allows one role everything as soon as Terraform has made it: the loop comes seconds later. */
  async function widenRole(target: SandboxRun): Promise<void> {
    const [, endpoint = ""] = await target.waitFor(/the emulator answers at (\S+)/);
    const iam = new IAMClient(administratorConfig(endpoint, "eu-west-1"));
    const RoleName = "oidc-s3-cognito-local-log-shipper";
    await target.waitFor(/servers-local: applying/);
    while (!(await iam.send(new GetRoleCommand({ RoleName })).catch(() => undefined))) await sleep(50);
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
    });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "tampered", PolicyDocument }));
  }

  it("the untouched one ends with status 0 and says that all checks passed", async () => {
    expect({ ...(await good.exited), output: good.output() }).toMatchObject({
      code: 0,
      output: expect.stringContaining('{"ok":true,'),
    });
    expect([...checksOf(good)].filter(([, { ok }]) => !ok)).toEqual([]);
  });

  it("the untouched one heeds no AWS_* variable of the user and no profile in ~/.aws", () => {
    expect(elsewhere.wasNoticed()).toBe(false);
  });

  it.each([
    ["log-shipper · put · inside logs/", "allowed", "emulator's IAM + policy evaluation"],
    ["log-shipper · get · inside logs/", "refused", "emulator's IAM + policy evaluation"],
    ["log-shipper · delete · inside logs/", "refused", "emulator's IAM + policy evaluation"],
    ["log-shipper · list · inside logs/", "refused", "policy evaluation"],
    ["log-archive · get · inside logs-archive/", "allowed", "emulator's IAM + policy evaluation"],
    ["log-archive · delete · inside logs-archive/", "refused", "emulator's IAM + policy evaluation"],
    ["data-sync · list · inside sync/", "allowed", "policy evaluation"],
    ["data-sync · delete · inside sync/", "allowed", "emulator's IAM + policy evaluation"],
    ["data-sync · put · inside, token for read alone", "refused", "policy evaluation"],
    ["data-sync · credentials · once it is disabled", "refused", "vending API"],
    ["data-sync · credentials · once it is enabled again", "allowed", "vending API"],
    ["data-sync · put · in quarantine", "allowed", "policy evaluation"],
    ["data-sync · get · in quarantine", "refused", "policy evaluation"],
    ["data-sync · put · by a session that was revoked", "refused", "policy evaluation"],
    ["data-sync · credentials · for a token that was revoked", "refused", "vending API"],
    ["data-sync · credentials · for a new token, by its secret", "allowed", "vending API"],
    ["data-sync · put · by a new session", "allowed", "policy evaluation"],
    ["log-shipper · token · a wrong secret", "refused", "token endpoint"],
    ["log-shipper · token · scope read", "refused", "token endpoint"],
    ["anyone · credentials · for an unsigned token", "refused", "vending API"],
    ["vending function · scan · oidc-s3-local-client-roles", "refused", "policy evaluation"],
    ["client m2m_client · token · its scopes, by their names", "allowed", "token endpoint"],
    ["client m2m_client · token · scope API/book.get", "refused", "token endpoint"],
    ["client m2m_client · GET /book · with its scopes as deployed", "refused", "REST API"],
    ["client reports · token · its own secret", "allowed", "token endpoint"],
    ["client reports · token · a wrong secret", "refused", "token endpoint"],
    ["client reports · GET /book · with its scopes as deployed", "allowed", "REST API"],
    ["client reports · POST /book · with its scopes as deployed", "allowed", "REST API"],
    ["client reports · GET /user · with its scopes as deployed", "refused", "REST API"],
    ["client reports · POST /user · with its scopes as deployed", "refused", "REST API"],
    ["client reports · GET /book · with its scopes switched on", "allowed", "REST API"],
    ["client reports · POST /book · with its scopes switched on", "allowed", "REST API"],
    ["client reports · GET /user · with its scopes switched on", "allowed", "REST API"],
    ["client reports · POST /user · with its scopes switched on", "allowed", "REST API"],
    ["client reports · GET /user · with the token from before", "refused", "REST API"],
    ["client reports · POST /user · with the token from before", "refused", "REST API"],
    ["Ann · sign in · with a wrong password", "refused", "Cognito"],
    ["Ann · sign in · by the invitation, with a password of their own", "allowed", "Cognito"],
    ["Bob · sign in · by the invitation, with a password of their own", "allowed", "Cognito"],
    ["Ann · enrol · an authenticator app", "allowed", "Cognito"],
    ["Ann · sign in · with its code", "allowed", "Cognito"],
    ["Ann · sign in · with the same code again", "refused", "Cognito"],
    ["Ann · put · under the own prefix, by the profile", "allowed", "policy evaluation"],
    ["Ann · put · under the other's prefix", "refused", "policy evaluation"],
    ["Ann · get · under the other's prefix", "refused", "policy evaluation"],
    ["Ann · list · the whole bucket", "refused", "policy evaluation"],
    ["Ann · put item · a row of the own", "allowed", "policy evaluation"],
    ["Ann · put item · a row of the other's", "refused", "policy evaluation"],
    ["Ann · get item · a row of the other's", "refused", "policy evaluation"],
    ["Ann · scan · the whole table", "refused", "policy evaluation"],
    ["Ann · renew · credentials that have expired, without a sign-in", "allowed", "Cognito"],
    ["Ann · sign out · everywhere", "allowed", "Cognito"],
    ["Ann · renew · at another machine, after that", "refused", "Cognito"],
  ])("its checks: %s is %s by %s", (row, outcome, authority) => {
    const check = checksOf(good).get(row);
    expect([check?.expected, distinct(check, "outcome"), distinct(check, "by")]).toEqual([outcome, outcome, authority]);
  });

  it.each(["put", "get", "list", "delete"])("its checks: %s outside of the prefix is refused to all", (operation) => {
    const outside = [...checksOf(good)].filter(([row]) => row.includes(` · ${operation} · outside, `));
    expect(outside.map(([, check]) => [check.expected, distinct(check, "outcome")])).toEqual(
      Array(3).fill(["refused", "refused"]),
    );
  });

  it("the one with a widened role ends with status 1 and marks what should have been refused", async () => {
    expect(await tampered.exited).toMatchObject({ code: 1 });
    expect(tampered.results()).toMatch(/^log-shipper +write +✔ {3}✘/m);
    expect(tampered.results()).toMatch(
      /✘ get: inside logs\/ \(must be refused\)\n +allowed by the emulator's IAM\n +refused by policy evaluation: /,
    );
    expect(tampered.results()).toMatch(/checks FAILED/);
    // The session policy still narrows the widened role.
    expect(tampered.results()).not.toMatch(/allowed by policy evaluation/);
  });

  it("neither leaves a process or a file", () => {
    expect([good, tampered].flatMap((ended) => [...ended.processes(), ...ended.leftFiles()])).toEqual([]);
  });
});

describe("a run that is ended", () => {
  let up: SandboxRun;
  let interrupted: SandboxRun;
  let killed: SandboxRun;

  beforeAll(async () => {
    interrupted = start("node", "--once", "--only", "servers");
    killed = start("npm", "--once", "--only", "servers");
    up = start("node", "--only", "api");
    await Promise.all([interrupted, killed].map((started) => started.waitFor(/foundation-local: applying/)));
    expect(interrupted.processes().join("\n")).toMatch(/terraform apply/);
    interrupted.signal("SIGINT");
    killed.signal("SIGKILL");
    await Promise.all([interrupted.exited, killed.exited]);
    await up.waitFor(/The cloud is up/);
  }, 5 * MINUTES);

  it("by Ctrl-C while Terraform applies: status 130, no process and no file left", async () => {
    expect(await interrupted.exited).toEqual({ code: 130, signal: null });
    expect([...interrupted.processes(), ...interrupted.leftFiles()]).toEqual([]);
  });

  it("by kill -9 while Terraform applies: every process ends by itself", async () => {
    await eventually(() => killed.processes().length === 0, 10);
    expect(killed.processes()).toEqual([]);
  });

  it("while it is up, a client's settings file, readable by its user only, is enough for the documented commands", async () => {
    const [, file = ""] = await up.waitFor(/^ {2}(\S+\/reports\.env)$/m);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    const script = `
      set -a; . ${file}; set +a
      export ACCESS_TOKEN=$(curl -sS -X POST --user $CLIENT_ID:$CLIENT_SECRETE "$DOMAIN_NAME/oauth2/token?grant_type=client_credentials" -H "Content-Type: application/x-www-form-urlencoded" |
        python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')
      for PLACE in book user; do
        curl -sS -X GET "\${API_ENDPOINT}$PLACE" -H "Authorization:\${ACCESS_TOKEN}"; echo
        curl -sS -X POST "\${API_ENDPOINT}$PLACE" -H "Authorization:\${ACCESS_TOKEN}"; echo
      done`;
    const { stdout } = await run("sh", ["-c", script]);
    // What the run switched on is switched off again.
    expect(stdout).toBe(`{"Result":"Success","Description":"your GET for /book is completed"}
{"Result":"Success","Description":"your POST for /book is completed"}
{"message":"Unauthorized"}
{"message":"Unauthorized"}
`);
  });

  it("the API's functions log who called what, and no token", async () => {
    const [, file = ""] = await up.waitFor(/functions' log +(\S+)/);
    const log = readFileSync(file, "utf8");
    expect(log).toMatch(/"httpMethod":"GET","path":"\/book"/);
    expect(log).not.toMatch(/eyJ|Bearer/);
  });

  it("no secret is printed", async () => {
    const [, folder = ""] = await up.waitFor(/^ {2}(\S+\/clients)\/[^/]+\.env$/m);
    expect(readdirSync(folder)).toContain("reports.env");
    expect(up.output()).not.toMatch(/CLIENT_SECRETE?=|AWS_SECRET_ACCESS_KEY=|eyJ/);
  });

  it(
    "by Ctrl-C while it is up: status 0, no process and no file left",
    async () => {
      up.signal("SIGINT");
      expect(await up.exited).toEqual({ code: 0, signal: null });
      expect([...up.processes(), ...up.leftFiles()]).toEqual([]);
    },
    MINUTES,
  );
});
