import fc from "fast-check";
import { type Reach, VERBS, type Verb } from "../../../audit/reach/reach";
import { rowsToShow } from "../../../audit/report/text";
import type { Statement } from "../../../audit/stacks/policies";
import { decide, type Principal } from "../../../audit/stacks/roles";
import { matches } from "../../../iam/pattern";
import { allow, answers, B, policyOf, principal } from "./support/principal";

// What is told, held against what IAM's rules answer for single objects and listings.

const NETWORK = { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } };
const glob = fc.stringMatching(/^[ab*?]\/[ab*]?\/?[ab*]?$/);
const key = fc.stringMatching(/^[ab]\/[ab]?\/?[ab]{0,2}$/);

const ofObjects = fc.record({
  Effect: fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const),
  Action: fc.constantFrom<string>(VERBS.write, VERBS.read, "s3:*Object"),
  Resources: fc.array(
    glob.map((pattern) => `${B}/${pattern}`),
    { minLength: 1, maxLength: 2 },
  ),
  resource: fc.constantFrom("Resource", "Resource", "NotResource"),
  Condition: fc.constantFrom(undefined, undefined, NETWORK),
});
const ofListings = fc.record({
  Effect: fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const),
  Action: fc.constantFrom<string>(VERBS.list, "s3:List*"),
  Resources: fc.constantFrom([B], ["*"], [`${B}*`], [`${B}/*`]),
  resource: fc.constant("Resource"),
  Condition: fc.oneof(
    fc.constantFrom(undefined, NETWORK, { Null: { "s3:prefix": "false" } }, { Null: { "s3:prefix": "true" } }),
    fc
      .tuple(
        fc.constantFrom("StringLike", "StringEquals", "StringNotLike", "StringNotEquals", "StringLikeIfExists"),
        glob,
      )
      .map(([operator, value]) => ({ [operator]: { "s3:prefix": value } })),
  ),
});
const statement = fc.oneof(ofObjects, ofListings).map(
  ({ Resources, resource, Condition, ...rest }): Statement => ({
    ...rest,
    [resource]: Resources,
    ...(Condition === undefined ? {} : { Condition }),
  }),
);
const statements = fc.array(statement, { minLength: 1, maxLength: 4 });

/** For somebody in the network that conditions are about, and for somebody in another. */
const INSIDE = "192.0.2.1";
const OUTSIDE = "198.51.100.1";

async function isAllowed(who: Principal, verb: Verb, text: string, address: string): Promise<boolean> {
  const ofBucket = verb === "list";
  const context = { "aws:SourceIp": address, ...(ofBucket ? { "s3:prefix": text } : {}) };
  const question = { action: VERBS[verb], resource: ofBucket ? B : `${B}/${text}`, context };
  return (await decide(who, question)).allowed;
}

const holds = ({ bucket, prefix }: Reach, text: string) =>
  matches(bucket, "b") && matches(prefix === "" || prefix.endsWith("/") ? `${prefix}*` : prefix, text);

it("leaves nothing out, and tells nothing without its limits", async () => {
  await fc.assert(
    fc.asyncProperty(statements, fc.option(statements), glob, key, async (own, session, other, text) => {
      const who = {
        ...principal("x", ...own),
        ...(session === null ? {} : { sessionPolicy: policyOf(...session).document }),
      };
      const rows = await answers([who, principal("y", allow(VERBS.delete, `${B}/${other}`))]);
      for (const verb of ["write", "read", "delete", "list"] satisfies Verb[]) {
        const [inside, outside] = [await isAllowed(who, verb, text, INSIDE), await isAllowed(who, verb, text, OUTSIDE)];
        const of = (all: readonly Reach[]) =>
          all.filter((row) => row.who.name === "x" && row.verbs.includes(verb) && holds(row, text));
        const told = of(rows);
        const described = {
          text,
          verb,
          rows: told.map(({ bucket, prefix, limits }) => [bucket, prefix, limits.get(verb)]),
        };
        // A Deny in one network is one that somebody may pass by.
        if (inside || outside) expect({ ...described, told: told.length > 0 }).toEqual({ ...described, told: true });
        expect({ ...described, shown: of(rowsToShow(rows)).length > 0 }).toEqual({
          ...described,
          shown: told.length > 0,
        });
        const isUnlimited = told.some(({ limits }) => !limits.has(verb));
        if (isUnlimited)
          expect({ ...described, inside, outside }).toEqual({ ...described, inside: true, outside: true });
      }
    }),
    { numRuns: 100 },
  );
}, 30_000);
