import fc from "fast-check";
import { Deployment } from "../../audit/deployment";
import { literalPart } from "../../audit/pattern";
import { parsePolicy, type Statement } from "../../audit/policies";
import { type Reach, reachOf, VERBS, type Verb } from "../../audit/reach";
import { decide, type Principal } from "../../audit/roles";

const answers = (principals: readonly Principal[], deployment: Deployment) => reachOf(principals, deployment, []);
const NO_STACKS = new Deployment(new Map());
const B = "arn:aws:s3:::b";
const allow = (
  Action: string | string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: string, Resource: string): Statement => ({ Effect: "Deny", Action, Resource });
const listing = (prefix: string) => allow(VERBS.list, B, { StringLike: { "s3:prefix": prefix } });

function principal(name: string, ...Statement: Statement[]): Principal {
  const policies = [parsePolicy("policy", JSON.stringify({ Version: "2012-10-17", Statement }))];
  return { kind: "role", name, arn: `arn:aws:sts::000000000000:assumed-role/${name}/session`, policies, context: {} };
}

/** Rows in short: `prefix: who may this, that`. */
const short = (rows: readonly Reach[]) =>
  rows.map(({ prefix, who, verbs, others }) => `${prefix}: ${who.name} ${[...verbs, ...others].join(" ")}`);
const reach = async (...principals: Principal[]) => short(await answers(principals, NO_STACKS));

it.each<[what: string, statements: Statement[], rows: string[]]>([
  ["an own prefix", [allow(VERBS.write, `${B}/a/*`)], ["a/: x write"]],
  [
    "two prefixes",
    [allow([VERBS.read, VERBS.delete], [`${B}/a/*`, `${B}/c/*`])],
    ["a/: x read delete", "c/: x read delete"],
  ],
  ["a listing", [listing("a/*")], ["a/: x list"]],
  ["a listing of one folder", [allow(VERBS.list, B, { StringEquals: { "s3:prefix": "a/" } })], ["a/: x list"]],
  ["a listing without a condition", [allow(VERBS.list, B)], [": x list"]],
  ["a listing that must name nothing", [allow(VERBS.list, B, { Null: { "s3:prefix": "true" } })], [": x list"]],
  [
    "a listing whose condition holds without a prefix, too",
    [allow(VERBS.list, B, { StringLikeIfExists: { "s3:prefix": "a/*" } })],
    [": x list", "a/: x list"],
  ],
  [
    "a listing of the bucket's own level, beside a folder",
    [allow(VERBS.list, B, { StringEquals: { "s3:prefix": ["", "home/"] } }), allow(VERBS.read, `${B}/home/*`)],
    [": x list", "home/: x read list"],
  ],
  ["one object", [allow(VERBS.read, `${B}/a/one.csv`)], ["a/one.csv: x read"]],
  ["a wildcard in the middle", [allow(VERBS.read, `${B}/a/*/c/*`)], ["a/*/c/: x read"]],
  ["another action of objects", [allow("s3:PutObjectTagging", `${B}/a/*`)], ["a/: x s3:PutObjectTagging"]],
  ["an action of the bucket", [allow("s3:PutBucketPolicy", B)], [": x s3:PutBucketPolicy"]],
  ["an action on the wrong kind of thing", [allow(VERBS.write, B), allow(VERBS.list, `${B}/a/*`)], []],
  ["an upload that is given up", [allow(["s3:PutObject", "s3:AbortMultipartUpload"], `${B}/a/*`)], ["a/: x write"]],
  ["a denial of all of it", [allow(VERBS.write, `${B}/a/*`), deny("s3:*", "*")], []],
  ["a denial of a part", [allow(VERBS.write, `${B}/a/*`), deny("s3:PutObject", `${B}/a/secret/*`)], ["a/: x write"]],
  ["nothing of S3", [allow("dynamodb:PutItem", "*")], []],
])("tells %s", async (_, statements, rows) => expect(await reach(principal("x", ...statements))).toEqual(rows));

it("tells a wildcard of actions by every action that IAM knows, those of writing lists excepted", async () => {
  const [row] = await answers([principal("x", allow("s3:*Object", `${B}/a/*`))], NO_STACKS);
  expect(row?.verbs).toEqual(["write", "read", "delete"]);
  expect(row?.others).toEqual(expect.arrayContaining(["s3:RestoreObject"]));
  expect(row?.others).not.toContain("s3:PutObject");
});

it.each<Statement>([
  allow(["s3:*"], "*"),
  allow(["*"], "*"),
  { Effect: "Allow", NotAction: "iam:*", Resource: "*" },
  { Effect: "Allow", Action: "s3:*", NotResource: "arn:aws:s3:::other/*" },
  allow(["S3:*"], [`${B}*`, "arn:aws:s3:::*/*"]),
  allow(["s3:*"], "arn:aws:*"),
])("asks who may do everything at every place of others: %j", async (statement) => {
  const rows = await answers([principal("x", statement), principal("y", allow(VERBS.write, `${B}/a/*`))], NO_STACKS);
  const at = rows.find(({ prefix, who }) => prefix === "a/" && who.name === "x");
  expect(at?.verbs).toEqual(Object.keys(VERBS));
  expect(at?.others.length).toBeGreaterThan(40);
});

it("asks at a place of others what a prefix that begins alike, and one that is above it, allow", async () => {
  const at = async (resource: string) =>
    (await reach(principal("x", allow(VERBS.read, resource)), principal("y", allow(VERBS.write, `${B}/a/b/*`)))).filter(
      (row) => row.startsWith("a/b/:"),
    );
  expect(await at(`${B}/a*`)).toEqual(["a/b/: x read", "a/b/: y write"]);
  expect(await at(`${B}/*/b/*`)).toEqual(["a/b/: x read", "a/b/: y write"]);
  expect(await at(`${B}/a/bc/*`)).toEqual(["a/b/: y write"]);
  expect(await at(`${B}/A/*`)).toEqual(["a/b/: y write"]);
});

it("keeps to the session policy", async () => {
  const document = { Version: "2012-10-17", Statement: [allow(VERBS.write, `${B}/a/*`)] };
  const who = { ...principal("x", allow("s3:*", "*")), sessionPolicy: document };
  expect(await reach(who, principal("y", allow(VERBS.write, `${B}/a/*`)))).toEqual(["a/: x write", "a/: y write"]);
});

const SUB = "cognito-identity.amazonaws.com:sub";
const person = (resource: string): Principal => ({
  ...principal("x", allow(VERBS.read, resource)),
  context: { [SUB]: "own-identity-id", "aws:PrincipalTag/client": "c" },
});

it("tells a person's own folder from another person's", async () => {
  expect(await reach(person(`${B}/u/\${${SUB}}/*`))).toEqual(["u/own-identity-id/: x read"]);
  const everybody = principal("y", allow(VERBS.read, `${B}/u/*`));
  expect(await reach(person(`${B}/u/\${${SUB}}/*`), everybody)).toEqual([
    "u/own-identity-id/: x read",
    "u/: y read",
    "u/identity-id-of-another/: y read",
    "u/own-identity-id/: y read",
  ]);
});

it("puts in the tags of a session, and takes what is not known for the better, and says so", async () => {
  expect(await reach(person(`${B}/\${aws:PrincipalTag/client}/*`))).toEqual(["c/: x read"]);
  const [row] = await answers([person(`${B}/\${aws:username}/*`)], NO_STACKS);
  expect(row?.prefix).toBe("*/");
  expect(row?.assumed).toEqual(["policy: only where ${aws:username} is right"]);
  const open = { IpAddress: { "aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"] } };
  const denial: Statement = { ...deny("s3:*", "*"), Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } };
  const rows = await answers([principal("x", allow(VERBS.read, `${B}/a/*`, open), denial)], NO_STACKS);
  expect(short(rows)).toEqual(["a/: x read"]);
  expect(rows[0]?.assumed).toEqual([
    "policy: only where IpAddress aws:SourceIp 192.0.2.0/24 or 198.51.100.0/24",
    "policy: denies where Bool aws:MultiFactorAuthPresent false",
  ]);
  const elsewhere = await answers(
    [principal("x", allow(VERBS.read, `${B}/a/*`, open), allow(VERBS.read, `${B}/c/*`))],
    NO_STACKS,
  );
  expect(elsewhere.map(({ prefix, assumed }) => [prefix, assumed.length])).toEqual([
    ["a/", 1],
    ["c/", 0],
  ]);
});

it.each([
  ["the identity of one person", { StringEquals: { [SUB]: "eu-west-1:1234" } }],
  ["a pool", { StringEquals: { "cognito-identity.amazonaws.com:aud": "eu-west-1:1" } }],
  ["a way to sign in", { "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "*:CognitoSignIn:*" } }],
])("takes a condition on %s for one that somebody meets", async (_, condition) => {
  const who = { ...person(`${B}/a/*`), policies: principal("x", allow(VERBS.read, `${B}/a/*`, condition)).policies };
  const [row] = await answers([who], NO_STACKS);
  expect(row?.verbs).toEqual(["read"]);
  expect(row?.assumed).toEqual([expect.stringMatching(/^policy: only where /)]);
});

it.each(["${cognito-identity.amazonaws.com:aud}", `\${${SUB}, 'nobody'}`, "${cognito-identity.amazonaws.com:SUB}"])(
  "takes the variable %s for any text",
  async (variable) => expect(await reach(person(`${B}/u/${variable}/*`))).toEqual(["u/*/: x read"]),
);

it("reads IAM's own escapes as the one character that they stand for", async () => {
  expect(await reach(principal("x", allow(VERBS.read, `${B}/u/\${$}x/*`)))).toEqual(["u/?x/: x read"]);
});

it("reads condition keys in any case", async () => {
  const keys = allow(VERBS.list, B, { StringLike: { "S3:Prefix": "a/*" } });
  expect(await reach(principal("x", keys))).toEqual(["a/: x list"]);
});

it("asks the bucket's policy, and whether it insists on TLS", async () => {
  const tls = { Bool: { "aws:SecureTransport": "false" } };
  const withPolicy = (...Statement: object[]) =>
    new Deployment(
      new Map([
        [
          "foundation",
          {
            resource: {
              aws_s3_bucket: { b: { bucket: "b" } },
              aws_s3_bucket_policy: {
                p: { bucket: "b", policy: JSON.stringify({ Version: "2012-10-17", Statement }) },
              },
            },
          },
        ],
      ]),
    );
  const who = principal("x", allow([VERBS.read, VERBS.delete], `${B}/a/*`));
  const denial = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: `${B}/*` };
  expect((await answers([who], NO_STACKS))[0]?.withoutTls).toBeUndefined();
  expect((await answers([who], withPolicy({ ...denial, Resource: "arn:aws:s3:::c/*" })))[0]?.withoutTls).toBe(true);
  expect((await answers([who], withPolicy({ ...denial, Condition: tls })))[0]?.withoutTls).toBe(false);
  expect(short(await answers([who], withPolicy({ ...denial, Action: "s3:DeleteObject" })))).toEqual(["a/: x read"]);
});

it("leaves nothing out: whatever is allowed on any object lies in a place where it is told", async () => {
  const key = fc.stringMatching(/^[ab]\/[ab]?\/?[ab]{0,2}$/);
  const glob = fc.stringMatching(/^[ab*?]\/[ab*]?\/?[ab*]?$/);
  const statement = fc.record({
    Effect: fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const),
    Action: fc.constantFrom<string>(...Object.values(VERBS).slice(0, 3), "s3:*Object"),
    Resource: glob.map((pattern) => `${B}/${pattern}`),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 3 }),
      glob,
      key,
      async (statements, other, object) => {
        const who = principal("x", ...statements);
        const rows = await answers([who, principal("y", allow(VERBS.list, `${B}/${other}`))], NO_STACKS);
        for (const verb of ["write", "read", "delete"] satisfies Verb[]) {
          const question = { action: VERBS[verb], resource: `${B}/${object}`, context: {} };
          if (!(await decide(who, question)).allowed) continue;
          const told = rows.filter(
            ({ verbs, prefix }) => verbs.includes(verb) && object.startsWith(literalPart(prefix)),
          );
          expect({ object, verb, told: told.length > 0 }).toEqual({ object, verb, told: true });
        }
      },
    ),
    { numRuns: 100 },
  );
}, 30_000);
