import { type ClientControl, noControl } from "../../access/client-control";
import { policyJson, sessionPolicy } from "../../access/policy";
import { evaluate } from "../../iam/evaluate";
import type { Grant } from "../../lambda/authorise";
import { enforceControl } from "../../lambda/enforce-control";
import type { Reason } from "../../lambda/errors";

/** Seconds. */
const NOW = 1_790_000_000;
const REQUEST = { issuedAt: NOW - 60, sourceIp: "198.51.100.7", now: NOW * 1000 };
const FULL: Grant = { scopes: ["write", "read", "delete", "list"], durationSeconds: 3600 };

/** What a control leaves of a grant: the reason of its refusal, or the grant and whether the network was reported. */
function outcome(control: Partial<ClientControl> | undefined, request: Partial<typeof REQUEST> = {}, grant = FULL) {
  const stored = control && { ...noControl("client"), ...control };
  try {
    const { narrow, sourceOutside } = enforceControl(stored, { ...REQUEST, ...request });
    return { ...narrow(grant), sourceOutside };
  } catch (error) {
    return (error as { reason: Reason }).reason;
  }
}
const served = (changes: Partial<Grant> = {}, sourceOutside = false) => ({ ...FULL, ...changes, sourceOutside });

it.each([undefined, {}, { version: 7, reason: "over", changedBy: "arn:x", changedAt: NOW }])(
  "the control %j changes nothing",
  (control) => expect(outcome(control)).toEqual(served()),
);

it.each<[string, Partial<ClientControl>, ReturnType<typeof outcome>]>([
  ["disabled", { disabled: true }, "client_disabled"],
  ["disabled until a second ago", { disabled: true, until: NOW - 1 }, served()],
  ["disabled until now", { disabled: true, until: NOW }, served()],
  ["disabled until the next second", { disabled: true, until: NOW + 1 }, "client_disabled"],
  ["write-only", { writeOnly: true }, served({ scopes: ["write"], durationSeconds: 900 })],
  ["write-only until a second ago", { writeOnly: true, until: NOW - 1 }, served()],
  ["disabled and write-only", { disabled: true, writeOnly: true }, "client_disabled"],
])("%s", (_, control, expected) => expect(outcome(control)).toEqual(expected));

it.each<[string, number, ReturnType<typeof outcome>]>([
  ["before it", NOW - 1, "token_revoked"],
  ["in its second", NOW, served()],
  ["after it", NOW + 1, served()],
])("a token that was issued %s, with tokens_not_before", (_, issuedAt, expected) => {
  expect(outcome({ tokensNotBefore: NOW }, { issuedAt })).toEqual(expected);
});

it("a control that has ended revives no token", () => {
  expect(outcome({ disabled: true, until: NOW - 1, tokensNotBefore: NOW })).toBe("token_revoked");
});

it("whose clock is wrong makes no difference to a revoked token: both times are AWS's", () => {
  for (const now of [0, (NOW - 86_400) * 1000, (NOW + 86_400) * 1000]) {
    expect(outcome({ tokensNotBefore: NOW }, { now })).toBe("token_revoked");
  }
});

it("a shorter session stays shorter, and a grant that cannot write is refused", () => {
  expect(outcome({ writeOnly: true }, {}, { scopes: ["write"], durationSeconds: 900 })).toMatchObject({
    durationSeconds: 900,
  });
  expect(outcome({ writeOnly: true }, {}, { scopes: ["read", "list"], durationSeconds: 900 })).toBe(
    "client_write_only",
  );
});

describe("networks", () => {
  it.each<[string, string[], string | undefined, boolean]>([
    ["its own address", ["198.51.100.7/32"], "198.51.100.7", true],
    ["one of several", ["10.0.0.0/8", "198.51.100.0/24"], "198.51.100.7", true],
    ["the one beside it", ["198.51.101.0/24"], "198.51.100.7", false],
    ["all of IPv4", ["0.0.0.0/0"], "198.51.100.7", true],
    ["IPv6", ["2001:db8::/32"], "2001:db8::7", true],
    ["another IPv6", ["2001:db8::/32"], "2001:db9::7", false],
    ["IPv4 for an IPv6 caller", ["0.0.0.0/0"], "2001:db8::7", false],
    ["IPv6 for an IPv4 caller", ["::/0"], "198.51.100.7", false],
    ["IPv4 spelled as IPv6", ["198.51.100.0/24"], "::ffff:198.51.100.7", true],
    ["all of IPv4 for nobody", ["0.0.0.0/0"], undefined, false],
    ["all of IPv4 for no address", ["0.0.0.0/0"], "localhost", false],
  ])("%s", (_, allowedCidrs, sourceIp, inside) => {
    const request = { sourceIp: sourceIp as string };
    expect(outcome({ allowedCidrs, cidrEnforcement: "enforce" }, request)).toEqual(
      inside ? served({ allowedCidrs }) : "source_not_allowed",
    );
    expect(outcome({ allowedCidrs, cidrEnforcement: "report" }, request)).toEqual(served({}, !inside));
  });

  it.each([
    "198.51.100.7",
    "198.51.100.0/33",
    "198.51.100.0/",
    "198.51.100.0/ 8",
    "198.51.100/24",
    "2001:db8::/129",
    "a/8",
    "",
    "1.2.3.4/8/9",
  ])("%j is none, and nobody is served by it, even where it is only to report", (cidr) => {
    for (const cidrEnforcement of ["report", "enforce"] as const) {
      expect(outcome({ allowedCidrs: ["0.0.0.0/0", cidr], cidrEnforcement })).toBe("control_malformed");
    }
  });

  const cidrs = ["198.51.100.0/24", "2001:db8::/32"];
  const bucket = "arn:aws:s3:::uploads";
  const session = JSON.parse(policyJson(sessionPolicy(bucket, "b/", ["write"], cidrs)));
  it.each<[string, Record<string, string>, boolean]>([
    ["one of them", { "aws:SourceIp": "198.51.100.99" }, true],
    ["another one", { "aws:SourceIp": "203.0.113.1" }, false],
    // A VPC endpoint's request has aws:VpcSourceIp instead: docs/operations.md.
    ["a VPC endpoint", { "aws:VpcSourceIp": "198.51.100.99" }, false],
    ["nowhere", {}, false],
  ])("the session policy of enforced networks, for a request from %s", async (_, context, allowed) => {
    const decision = await evaluate({
      principal: "arn:aws:sts::123456789012:assumed-role/role/session",
      accountId: "123456789012",
      action: "s3:PutObject",
      resource: `${bucket}/b/file`,
      context,
      identityPolicies: [{ name: "any", policy: session }],
      sessionPolicy: session,
    });
    expect(decision.allowed).toBe(allowed);
  });
});
