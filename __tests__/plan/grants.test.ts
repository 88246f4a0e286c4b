import fc from "fast-check";
import { scopesOf } from "../../access/permission-level";
import { policyJson, sessionPolicy } from "../../access/policy";
import { covers, type Grant, grantChange, grantsOf, widens } from "../../plan/grants";

const grant = (resource: string, more: Partial<Grant> = {}): Grant => ({
  action: "s3:GetObject",
  resource,
  principal: "",
  condition: "",
  ...more,
});

describe("one grant covers another", () => {
  it.each([
    ["arn:b/a/*", "arn:b/a/*", true],
    ["arn:b/a/*", "arn:b/a/c/*", true],
    ["arn:b/a/*", "arn:b/ab/*", false],
    ["arn:b/a/c/*", "arn:b/a/*", false],
    ["arn:b/a?", "arn:b/a*", false],
    ["arn:b/a*", "arn:b/a?", true],
    ["*", "arn:b/a/*", true],
    ["arn:b/a.c/*", "arn:b/abc/*", false],
  ])("%s and %s: %s", (wide, narrow, expected) => {
    expect(covers(grant(wide), grant(narrow))).toBe(expected);
  });

  it("actions match in any case and by wildcard", () => {
    expect(covers(grant("x", { action: "s3:*" }), grant("x", { action: "S3:getobject" }))).toBe(true);
    expect(covers(grant("x", { action: "s3:Get*" }), grant("x", { action: "s3:PutObject" }))).toBe(false);
  });

  it("a condition narrows; a different condition does not match", () => {
    expect(covers(grant("x"), grant("x", { condition: "{c}" }))).toBe(true);
    expect(covers(grant("x", { condition: "{c}" }), grant("x"))).toBe(false);
    expect(covers(grant("x", { condition: "{c}" }), grant("x", { condition: "{d}" }))).toBe(false);
    expect(covers(grant("x", { listed: "a/*" }), grant("x"))).toBe(false);
    expect(covers(grant("x", { listed: "a/*" }), grant("x", { listed: "a/b/*" }))).toBe(true);
  });
});

it("property: a policy for fewer scopes or a deeper prefix never widens, the reverse always does", () => {
  const prefix = fc.stringMatching(/^([a-z0-9.-]{1,8}\/){1,3}$/);
  const startLevel = fc.constantFrom("write", "read");
  fc.assert(
    fc.property(
      prefix,
      fc.option(prefix, { nil: "" }),
      fc.nat(2),
      fc.nat(2),
      startLevel,
      (outer, inner, a, b, start) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const chain = [start, "read-write", "full"] as const;
        const grants = (level: number, at: string) =>
          grantsOf(policyJson(sessionPolicy("arn:aws:s3:::b", at, scopesOf(chain[level] ?? start))));
        const [wide, narrow] = [grants(high, outer), grants(low, `${outer}${inner}`)];
        expect(widens(grantChange(wide, narrow))).toBe(false);
        expect(widens(grantChange(narrow, wide))).toBe(low !== high || inner !== "");
      },
    ),
  );
});

it("statements written in other forms say the same", () => {
  const policy = (statement: object) => grantsOf(JSON.stringify({ Statement: statement }));
  const one = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:b/*" });
  const list = policy([{ Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:b/*"] }]);
  expect(widens(grantChange(one, list)) || widens(grantChange(list, one))).toBe(false);
});

it("everything but a few actions is more than any of them", () => {
  const before = grantsOf('{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}');
  const after = grantsOf('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}');
  expect(widens(grantChange(before, after))).toBe(true);
});
