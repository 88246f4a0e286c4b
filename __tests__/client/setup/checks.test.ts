import { type CheckResult, checkLines } from "../../../client/setup/checks";

const FAILED: CheckResult = {
  check: "token endpoint",
  status: "failed",
  milliseconds: 41,
  message: "the name oidc-s3-dev-123456789012.auth.eu-west-1.amazoncognito.com cannot be looked up",
  notes: ["a note that is long enough to need more than the one line that there is for it"],
  code: "network_dns",
  remedy: "Check COGNITO_DOMAIN and AWS_REGION (/etc/oidc-s3/config.env, lines 1 and 2), then the machine's DNS",
  exitCode: 5,
};

it("puts notes and what to do into one column, wrapped to the terminal, and what is too long for it below", () => {
  expect(checkLines(FAILED, 80)).toBe(`\
FAILED token endpoint    41 ms
       the name oidc-s3-dev-123456789012.auth.eu-west-1.amazoncognito.com cannot
       be looked up
       note:                    a note that is long enough to need more than the
                                one line that there is for it
       what to do:              Check COGNITO_DOMAIN and AWS_REGION
                                (/etc/oidc-s3/config.env, lines 1 and 2), then
                                the machine's DNS`);
});

it("on a narrow terminal the words stand below", () => {
  expect(checkLines(FAILED, 60).split("\n").slice(0, 4)).toEqual([
    "FAILED token endpoint    41 ms",
    "       the name",
    "       oidc-s3-dev-123456789012.auth.eu-west-1.amazoncognito.com",
    "       cannot be looked up",
  ]);
});

it("without a terminal nothing is wrapped, so that a line can be searched for", () => {
  expect(checkLines(FAILED).split("\n")).toEqual([
    `FAILED token endpoint    41 ms  ${FAILED.message}`,
    `       note:                    ${FAILED.notes[0]}`,
    `       what to do:              ${FAILED.remedy}`,
  ]);
  expect(checkLines({ check: "prefix", status: "skipped", message: "not tried", notes: [] })).toBe(
    "-      prefix                   not tried",
  );
});
