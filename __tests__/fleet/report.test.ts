import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { clientControlItem, noControl } from "../../access/client-control";
import { clientRoleItem } from "../../access/client-role";
import { scopesOf } from "../../access/permission-level";
import { parseArguments, type ReportRequest } from "../../fleet/arguments";
import { Fleet } from "../../fleet/fleet";
import { reportOn, type ServerReport } from "../../fleet/report";
import { reportPage } from "../../fleet/report-page";
import { age, reportText } from "../../fleet/report-text";
import { Uploads } from "../../fleet/uploads";

const NOW = 1_790_000_000;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Milliseconds of the objects under each prefix, newest last or not; an error instead. */
let objects: Record<string, number[] | Error>;
let activity: Record<string, object>;
let controls: object[];

beforeEach(() => {
  objects = { "db-01/": [NOW - 3 * DAY, NOW - HOUR, NOW - 2 * DAY], "db-02/": [NOW - 3 * DAY], "reader/": [] };
  activity = {
    "db-01": { N: String(NOW - HOUR) },
    "db-02": { N: String(NOW - 27 * HOUR) },
    reader: { N: String(NOW) },
  };
  controls = [];
});

const roles = (
  [
    ["db-01", "write"],
    ["db-02", "full"],
    ["reader", "read"],
  ] as const
).map(([serverName, s3Permissions]) =>
  clientRoleItem({
    clientId: `id-of-${serverName}`,
    serverName,
    roleArn: `arn:aws:iam::123456789012:role/oidc-s3-cognito-dev-${serverName}`,
    s3PathPrefix: `${serverName}/`,
    s3Permissions,
    allowedScopes: scopesOf(s3Permissions),
    maxSessionDuration: HOUR,
  }),
);

function answer(name: string, input: Readonly<Record<string, string>>): object {
  if (name === "ScanCommand") {
    const table = input.TableName?.split("-").at(-1);
    const seen = Object.entries(activity).map(([server, last_seen]) => ({
      client_id: { S: `id-of-${server}` },
      last_seen,
    }));
    return { Items: { roles, controls, activity: seen }[table as "roles"] };
  }
  const times = objects[input.Prefix ?? ""] ?? [];
  if (times instanceof Error) throw times;
  const start = Number(input.ContinuationToken ?? 0);
  const Contents = times.slice(start, start + 2).map((at, index) => ({
    Key: `${input.Prefix}${start + index}.gz`,
    LastModified: new Date(at * 1000),
  }));
  const isTruncated = start + 2 < times.length;
  return {
    Contents,
    IsTruncated: isTruncated,
    ...(isTruncated ? { NextContinuationToken: String(start + 2) } : {}),
  };
}

async function report(commandLine = "", mostListed?: number): Promise<ServerReport[]> {
  const clients = [new DynamoDBClient({ region: "a" }), new IAMClient({ region: "a" }), new S3Client({ region: "a" })];
  for (const client of clients)
    jest
      .spyOn(client as S3Client, "send")
      .mockImplementation(async (command) => answer(command.constructor.name, command.input as never));
  const [dynamodb, iam, s3] = clients as [DynamoDBClient, IAMClient, S3Client];
  const { silent, stale } = parseArguments([
    "dev",
    "report",
    ...commandLine.split(" ").filter(Boolean),
  ]) as ReportRequest;
  return reportOn(
    new Fleet(dynamodb, iam, { projectName: "oidc-s3", environment: "dev" }),
    new Uploads(s3, "uploads", mostListed),
    {
      now: NOW,
      silentAfter: silent,
      staleAfter: stale,
      tokenHours: (server) => (server === "reader" ? undefined : 1),
    },
  );
}
const states = async (commandLine?: string, mostListed?: number) =>
  (await report(commandLine, mostListed)).map(({ server, state }) => `${server} ${state}`);

it("has of each server what the tables and the bucket say", async () => {
  expect((await report()).find(({ server }) => server === "db-01")).toEqual({
    server: "db-01",
    state: "ok",
    level: "write",
    prefix: "db-01/",
    last_seen: "2026-09-21T13:13:20Z",
    newest_object: { key: "db-01/1.gz", at: "2026-09-21T13:13:20Z", all_listed: true },
    controls: [],
    tokens_a_month: 695,
  });
});

it("names the silent ones first: by default who was not seen for 26 hours", async () => {
  expect(await states()).toEqual(["db-02 silent", "db-01 ok", "reader ok"]);
  expect(await states("--silent 28h")).toEqual(["db-01 ok", "db-02 ok", "reader ok"]);
  activity = {};
  expect(await states()).toEqual(["db-01 silent", "db-02 silent", "reader silent"]);
});

it("names who was seen and wrote nothing new, where it is asked for that, and nobody who may not write", async () => {
  activity["db-02"] = { N: String(NOW) };
  expect(await states("--stale 26h")).toEqual(["db-02 stale", "db-01 ok", "reader ok"]);
  objects["db-01/"] = [];
  expect(await states("--stale 30d")).toEqual(["db-01 stale", "db-02 ok", "reader ok"]);
});

it("does not call silent what is switched off, and does again when that has ended", async () => {
  const disabled = { ...noControl("id-of-db-02"), disabled: true, reason: "INC-42", version: 1 };
  controls = [clientControlItem(disabled)];
  expect(await states()).toEqual(["db-02 off", "db-01 ok", "reader ok"]);
  expect((await report())[0]?.controls).toEqual(["disabled until it is enabled"]);
  controls = [clientControlItem({ ...disabled, until: NOW })];
  expect(await states()).toEqual(["db-02 silent", "db-01 ok", "reader ok"]);
});

it.each([
  [
    "a prefix that may not be listed",
    () => (objects["db-01/"] = Object.assign(new Error("no"), { name: "AccessDenied" })),
    /no \(AccessDenied\)/,
  ],
  ["a malformed note", () => (activity["db-01"] = { S: "x" }), /no last_seen in seconds: delete it/],
  ["a malformed control", () => (controls = [{ client_id: { S: "id-of-db-01" }, x: {} }]), /unknown attribute/],
])("says of %s what was not found out, and goes on with the others", async (_, make, fault) => {
  make();
  const [first, ...others] = await report();
  expect(first).toMatchObject({ server: "db-01", state: "fault", fault: expect.stringMatching(fault) });
  expect(others.map(({ state }) => state)).toEqual(["silent", "ok"]);
});

it("of more objects than it lists it says so, and claims nothing of the newest", async () => {
  const [, first] = await report("", 2);
  expect(first?.newest_object).toEqual({ key: "db-01/1.gz", at: "2026-09-21T13:13:20Z", all_listed: false });
  expect(reportText(await report("", 2), NOW)).toContain("60 min or newer");
  expect((await report("--stale 30m", 2))[0]).toMatchObject({
    server: "db-01",
    state: "fault",
    fault: "its newest object is not known: more than 100,000 lie under its prefix",
  });
});

it("is told in lines, with a sum", async () => {
  expect(reportText(await report(), NOW).split("\n")).toEqual([
    "        server  level  prefix   seen           newest object  tokens a month",
    "silent  db-02   full   db-02/   27 h           3 days         695",
    "ok      db-01   write  db-01/   less than 6 h  60 min         695",
    "ok      reader  read   reader/  less than 6 h  none",
    "",
    "3 servers: 1 silent, 2 ok; about 695 token requests a month",
  ]);
});

it("is a page that escapes whatever comes from elsewhere, and loads nothing", async () => {
  objects["db-01/"] = [NOW];
  const found = await report();
  const evil = `"><script>alert(1)</script>&`;
  const page = await reportPage(
    evil,
    found.map((each) => ({ ...each, server: evil, prefix: evil, controls: [evil], fault: evil })),
    NOW,
  );
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/https?:|src=|href=/);
  expect(page).toContain("default-src 'none'");
});

it.each([
  [59 * 60, "59 min"],
  [2 * HOUR, "2 h"],
  [48 * HOUR - 1, "47 h"],
  [48 * HOUR, "2 days"],
  [-5, "0 min"],
])("%d seconds are %s", (seconds, words) => expect(age(seconds)).toBe(words));
