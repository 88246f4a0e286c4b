import {
  awsRefusal,
  type CheckRow,
  meetsExpectation,
  type Verdict,
  verdictOf,
} from "../../../sandbox/acceptance/checks";
import { checksText, loopSummary } from "../../../sandbox/acceptance/report";

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
  const verbose = checksText([checked], [], { verbose: true, screen: { columns: 80, colours: false } });
  expect(/^ {2}(.) put: inside x\/$/m.exec(verbose.replace(/ \(must be.*/, ""))?.[1]).toBe(
    right ? { allowed: "✔", refused: "–" }[checked.expected] : "✘",
  );
  expect(loopSummary([checked])).toMatch(right ? /^All checks passed/ : /^1 of 1 checks FAILED/);
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
