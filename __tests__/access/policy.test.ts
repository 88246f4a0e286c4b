import fc from "fast-check";
import { PERMISSION_LEVELS, SCOPES, scopesOf } from "../../access/permission-level";
import { MAX_SESSION_POLICY_CHARACTERS, policyDocument, policyJson, sessionPolicy } from "../../access/policy";
import { prefixFaults } from "../../access/prefix";
import { anyCharacter } from "../support/any-character";

const BUCKET = "arn:aws:s3:::bucket";

it("a write policy allows putting and aborting under the prefix, and nothing else", () => {
  expect(sessionPolicy(BUCKET, "logs/", ["write"])).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:PutObject", "s3:AbortMultipartUpload"], Resource: `${BUCKET}/logs/*` }],
  });
});

it("listing is allowed on the bucket, under the condition that the prefix is asked for", () => {
  expect(sessionPolicy(BUCKET, "sync/", ["read", "list"]).Statement).toEqual([
    { Effect: "Allow", Action: ["s3:GetObject"], Resource: `${BUCKET}/sync/*` },
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: BUCKET,
      Condition: { StringLike: { "s3:prefix": "sync/*" } },
    },
  ]);
});

it("listing alone brings no statement on objects, and no scope brings none at all", () => {
  expect(sessionPolicy(BUCKET, "a/", ["list"]).Statement).toHaveLength(1);
  expect(sessionPolicy(BUCKET, "a/", []).Statement).toEqual([]);
});

it("whatever the scopes, only Allow of single s3 actions, on this prefix of this bucket", () => {
  fc.assert(
    fc.property(fc.subarray([...SCOPES]), (scopes) => {
      for (const statement of sessionPolicy(BUCKET, "a/b/", scopes).Statement) {
        expect(statement.Effect).toBe("Allow");
        const actions = [statement.Action].flat();
        expect(actions.length).toBeGreaterThan(0);
        for (const action of actions) expect(action).toMatch(/^s3:[A-Za-z]+$/);
        if (statement.Resource === BUCKET) {
          expect(statement.Condition).toEqual({ StringLike: { "s3:prefix": "a/b/*" } });
        } else expect(statement.Resource).toBe(`${BUCKET}/a/b/*`);
      }
    }),
  );
});

describe("as JSON", () => {
  const prefix = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }).map((text) => `${text}/`);

  it("every character is one that STS accepts, and the meaning is the same", () => {
    fc.assert(
      fc.property(prefix, fc.constantFrom(...PERMISSION_LEVELS), (text, level) => {
        const policy = sessionPolicy(BUCKET, text, scopesOf(level));
        const json = policyJson(policy);
        expect(json).toMatch(/^[\u0020-\u007e]*$/);
        expect(JSON.parse(json)).toEqual(policy);
      }),
    );
  });

  it("characters outside ASCII are escaped, surrogates in pairs", () => {
    expect(
      policyJson(policyDocument({ Effect: "Allow", Action: "s3:GetObject", Resource: "é\u{1f4be}\u007f" })),
    ).toContain(String.raw`"Resource":"\u00e9\ud83d\udcbe\u007f"`);
  });

  it("an accepted prefix in ASCII never gives a policy that is too long", () => {
    const longest = `${"a".repeat(511)}/`;
    expect(prefixFaults(longest)).toEqual([]);
    const bucket = `arn:aws:s3:::${"b".repeat(63)}`;
    expect(policyJson(sessionPolicy(bucket, longest, scopesOf("full"))).length).toBeLessThanOrEqual(
      MAX_SESSION_POLICY_CHARACTERS,
    );
  });
});
