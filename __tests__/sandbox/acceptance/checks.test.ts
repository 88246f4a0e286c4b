import {
  awsRefusal,
  type CheckRow,
  loopSummary,
  loopTable,
  meetsExpectation,
  type Verdict,
  verdictOf,
} from "../../../sandbox/acceptance/checks";

const iam = (outcome: Verdict["outcome"], why = ""): Verdict => ({ by: "emulator's IAM", outcome, why });
const evaluation = (outcome: Verdict["outcome"], why = ""): Verdict => ({ by: "policy evaluation", outcome, why });
const row = (expected: CheckRow["expected"], ...verdicts: Verdict[]): CheckRow => ({
  subject: "server",
  operation: "put",
  where: "inside x/",
  expected,
  verdicts,
});

it.each<[string, CheckRow, boolean]>([
  ["all allow what should be allowed", row("allowed", iam("allowed"), evaluation("allowed")), true],
  ["all refuse what should be refused", row("refused", iam("refused"), evaluation("refused")), true],
  ["one allows what should be refused", row("refused", iam("refused"), evaluation("allowed")), false],
  ["one refuses what should be allowed", row("allowed", iam("refused"), evaluation("allowed")), false],
  ["an error comes where a refusal is expected", row("refused", iam("failed")), false],
  ["an error comes where it should be allowed", row("allowed", iam("failed")), false],
  ["nobody decided", row("refused"), false],
])("a row in which %s", (_, checked, right) => {
  expect(meetsExpectation(checked)).toBe(right);
  expect(loopTable([checked]).split("\n").at(-1)?.[0]).toBe(right ? "✔" : "✘");
  expect(loopSummary([checked])).toMatch(right ? /^All checks passed/ : /^1 of 1 checks FAILED/);
});

it("a wrong row shows who was wrong, a right one all who decided", () => {
  const [, , right, wrong] = loopTable([
    row("refused", iam("refused", "AccessDenied"), evaluation("refused", "no session policy allows the s3:X action")),
    row("refused", iam("allowed"), evaluation("refused", "x")),
  ]).split("\n");
  expect(right).toMatch(/refused {2}refused {2}emulator's IAM \+ policy evaluation {2}no session policy allows s3:X$/);
  expect(wrong).toMatch(/refused {2}allowed {2}emulator's IAM$/);
});

describe("an attempt", () => {
  const fail = (name: string, message: string) => async () => {
    throw Object.assign(new Error(message), { name });
  };
  it.each([
    ["succeeds", async () => {}, iam("allowed")],
    ["is refused", fail("AccessDenied", "User x … because no policy"), iam("refused", "no policy")],
    ["is refused by DynamoDB", fail("AccessDeniedException", "no"), iam("refused", "AccessDenied")],
    ["finds nothing", fail("NoSuchKey", "gone"), iam("failed", "NoSuchKey: gone")],
    ["is signed wrongly", fail("SignatureDoesNotMatch", "bad"), iam("failed", "SignatureDoesNotMatch: bad")],
  ])("that %s", async (_, attempt, expected) => {
    expect(await verdictOf("emulator's IAM", attempt, awsRefusal)).toEqual(expected);
  });
});
