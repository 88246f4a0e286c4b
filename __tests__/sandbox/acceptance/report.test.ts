import type { CheckRow, Verdict } from "../../../sandbox/acceptance/checks";
import { objectRows } from "../../../sandbox/acceptance/object-checks";
import { checksJson, checksText } from "../../../sandbox/acceptance/report";
import type { Screen } from "../../../sandbox/acceptance/screen";
import { serverConfig } from "../../support/environment";

const WIDE: Screen = { columns: 80, colours: false };
const SERVERS = [
  serverConfig("data-sync", { s3PathPrefix: "sync/", s3Permissions: "full" }),
  serverConfig("log-shipper", { s3PathPrefix: "logs/" }),
];

/** What the two authorities say of every operation where all is well. */
function checked(servers = SERVERS): CheckRow[] {
  return [
    ...servers.flatMap((server) =>
      objectRows(server, ["beside/", "other/"], []).map((row) => ({ ...row, verdicts: verdicts(row.expected) })),
    ),
    {
      subject: "anyone",
      operation: "credentials",
      where: "for an unsigned token",
      expected: "refused",
      verdicts: [{ by: "vending API", outcome: "refused", why: "401 invalid_token" }],
    },
  ];
}

function verdicts(outcome: Verdict["outcome"], why = outcome === "refused" ? "no policy allows it" : ""): Verdict[] {
  return [
    { by: "emulator's IAM", outcome, why: outcome === "refused" ? "AccessDenied" : "" },
    { by: "policy evaluation", outcome, why },
  ];
}

const lines = (text: string) => text.split("\n");
const text = (rows = checked(), screen = WIDE, verbose = false, servers = SERVERS) =>
  checksText(rows, servers, { verbose, screen });

it("shows at a glance what each server may do", () => {
  expect(text()).toBe(`\
                    inside its prefix    outside of it
server       level  put get list delete  put get list delete
data-sync    full    ✔   ✔   ✔     ✔      –   –   –     –
log-shipper  write   ✔   –   –     –      –   –   –     –

✔ allowed   – refused   ✘ wrong

Passed besides, on tokens, credentials and the vending function: 1 checks.

All checks passed: 5 allowed, 12 refused. --verbose lists them, and says by whom
and why.`);
});

it("marks what is not as expected, and says who was wrong about it", () => {
  const rows = checked().map((row) =>
    row.subject === "log-shipper" && row.operation === "get" && row.place === "inside"
      ? { ...row, verdicts: [...verdicts("allowed").slice(0, 1), ...verdicts("refused").slice(1)] }
      : row,
  );
  expect(text(rows)).toContain("log-shipper  write   ✔   ✘   –     –      –   –   –     –");
  expect(text(rows)).toContain(`
log-shipper (write, logs/)
  ✘ get: inside logs/ (must be refused)
      allowed by the emulator's IAM
      refused by policy evaluation: no policy allows it

1 of 17 checks FAILED: see the rows marked ✘.`);
});

it("says verbosely by whom everything was refused, and why, by server; the same reason once", () => {
  const rows = checked().map((row) =>
    row.place === "outside" ? { ...row, verdicts: [...row.verdicts, ...row.verdicts] } : row,
  );
  const verbose = text(rows, WIDE, true);
  expect(verbose).toContain(`
data-sync (full, sync/)
  ✔ put: inside sync/
`);
  expect(verbose).toContain(`
  – delete: outside, in beside/ other/
      refused by the emulator's IAM: AccessDenied
      refused by policy evaluation: no policy allows it

log-shipper (write, logs/)
`);
  expect(verbose).toContain(`
anyone
  – credentials: for an unsigned token
      refused by the vending API: 401 invalid_token
`);
});

describe("fits", () => {
  const long = serverConfig("a-server-with-a-name-that-is-as-long-as-AWS-lets-it-be-0123456789", {
    s3PathPrefix: `${"deep/".repeat(40)}`,
    s3Permissions: "read-write",
  });
  const why = `User: arn:aws:sts::123456789012:assumed-role/${"x".repeat(90)}/y is not authorised`;
  const rows = checked([long, ...SERVERS]).map((row) => ({ ...row, verdicts: verdicts(row.expected, why) }));

  it.each([40, 60, 80, 120])("%i columns", (columns) => {
    const all = lines(text(rows, { columns, colours: false }, true, [long, ...SERVERS]));
    expect(all.filter((line) => line.length > columns)).toEqual([]);
    expect(all).toContainEqual(columns === 120 ? expect.stringMatching(/^data-sync +full/) : "data-sync (full)");
  });

  it("a narrow terminal with two lines for each server", () => {
    expect(text(checked(), { columns: 44, colours: false })).toContain(`\
log-shipper (write)
                     put get list delete
  inside its prefix   ✔   –   –     –
  outside of it       –   –   –     –
`);
  });
});

it("has colours where the screen has, and only there", () => {
  const coloured = text(checked(), { columns: 80, colours: true });
  expect(coloured).toContain("\x1b[32m✔\x1b[39m");
  expect(text()).not.toContain("\x1b");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  expect(coloured.replace(/\x1b\[\d+m/g, "")).toBe(text());
});

it("a reason of others cannot drive the terminal", () => {
  const rows = checked().map((row) => ({ ...row, verdicts: verdicts(row.expected, "a\x1b[2J\nb") }));
  expect(text(rows, WIDE, true)).toContain("policy evaluation: a [2J b");
});

it("is one line of JSON for scripts", () => {
  const [line, ...more] = lines(checksJson(checked(), SERVERS));
  expect(more).toEqual([]);
  expect(JSON.parse(line ?? "")).toMatchObject({
    ok: true,
    servers: [{ name: "data-sync", permissions: "full", prefix: "sync/" }, { name: "log-shipper" }],
    checks: expect.arrayContaining([
      {
        ok: true,
        subject: "log-shipper",
        operation: "get",
        place: "inside",
        where: "inside logs/",
        expected: "refused",
        verdicts: verdicts("refused"),
      },
    ]),
  });
});
