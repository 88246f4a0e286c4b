import { type Reach, VERBS } from "../../../audit/reach/reach";
import { NO_LIMITS } from "../../../audit/reach/ruling";
import { verbWords } from "../../../audit/reach/words";
import { Deployment } from "../../../audit/stacks/deployment";
import type { Statement } from "../../../audit/stacks/policies";
import { decide, type Principal } from "../../../audit/stacks/roles";
import { allow, answers, B, deny, principal } from "./support/principal";

const listing = (prefix: string) => allow(VERBS.list, B, { StringLike: { "s3:prefix": prefix } });

/** Rows in short: `prefix: who may this, that`. */
const short = (rows: readonly Reach[]) =>
  rows.map(({ prefix, who, verbs, others }) => `${prefix}: ${who.name} ${[...verbs, ...others].join(" ")}`);
const limitsOf = (row: Reach | undefined, action: string) => row?.limits.get(action) ?? NO_LIMITS;
const reach = async (...principals: Principal[]) => short(await answers(principals));

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
  ["a wildcard in the middle", [allow(VERBS.read, `${B}/a/*/c/*`)], ["a/*/c/*: x read"]],
  ["another action of objects", [allow("s3:PutObjectTagging", `${B}/a/*`)], ["a/: x s3:PutObjectTagging"]],
  ["an action of the bucket", [allow("s3:PutBucketPolicy", B)], [": x s3:PutBucketPolicy"]],
  ["an action on the wrong kind of thing", [allow(VERBS.write, B), allow(VERBS.list, `${B}/a/*`)], []],
  ["an upload that is given up", [allow(["s3:PutObject", "s3:AbortMultipartUpload"], `${B}/a/*`)], ["a/: x write"]],
  ["a denial of all of it", [allow(VERBS.write, `${B}/a/*`), deny("s3:*", "*")], []],
  ["a denial of a part", [allow(VERBS.write, `${B}/a/*`), deny("s3:PutObject", `${B}/a/secret/*`)], ["a/: x write"]],
  [
    "access points of S3's, whatever the region",
    [allow(VERBS.read, "arn:aws:s3:*:123456789012:accesspoint/x/object/*")],
    [],
  ],
  ["a bucket in any partition", [allow(VERBS.read, "arn:*:s3:::b/a/*")], ["a/: x read"]],
  [
    "a denial of access points",
    [allow(VERBS.read, `${B}/a/*`), deny("s3:*", "arn:aws:s3:*:*:accesspoint/*")],
    ["a/: x read"],
  ],
  ["nothing of S3", [allow("dynamodb:PutItem", "*")], []],
])("tells %s", async (_, statements, rows) => expect(await reach(principal("x", ...statements))).toEqual(rows));

it("tells a wildcard of actions by every action that IAM knows, those of writing lists excepted", async () => {
  const [row] = await answers([principal("x", allow("s3:*Object", `${B}/a/*`))]);
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
  const rows = await answers([principal("x", statement), principal("y", allow(VERBS.write, `${B}/a/*`))]);
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
  context: { [SUB]: "$own-identity-id", "aws:PrincipalTag/client": "c" },
});

it("tells a person's own folder from another person's", async () => {
  expect(await reach(person(`${B}/u/\${${SUB}}/*`))).toEqual(["u/$own-identity-id/: x read"]);
  const everybody = principal("y", allow(VERBS.read, `${B}/u/*`));
  expect(await reach(person(`${B}/u/\${${SUB}}/*`), everybody)).toEqual([
    "u/$own-identity-id/: x read",
    "u/: y read",
    "u/$identity-id-of-another/: y read",
    "u/$own-identity-id/: y read",
  ]);
});

it("puts in the tags of a session, and takes what is not known for the better, and says so", async () => {
  expect(await reach(person(`${B}/\${aws:PrincipalTag/client}/*`))).toEqual(["c/: x read"]);
  const [row] = await answers([person(`${B}/\${aws:username}/*`)]);
  expect(row?.prefix).toBe("*/*");
  expect(limitsOf(row, "read").onlyIf).toEqual(["${aws:username} is right (policy)"]);
  const open = { IpAddress: { "aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"] } };
  const denial: Statement = { ...deny("s3:*", "*"), Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } };
  const rows = await answers([principal("x", allow(VERBS.read, `${B}/a/*`, open), denial)]);
  expect(short(rows)).toEqual(["a/: x read"]);
  expect(limitsOf(rows[0], "read")).toEqual({
    only: [],
    except: [],
    onlyIf: ["IpAddress aws:SourceIp 192.0.2.0/24 or 198.51.100.0/24 (policy)"],
    deniedIf: ["Bool aws:MultiFactorAuthPresent false (policy)"],
  });
  const elsewhere = await answers([principal("x", allow(VERBS.read, `${B}/a/*`, open), allow(VERBS.read, `${B}/c/*`))]);
  expect(elsewhere.map((row) => [row.prefix, limitsOf(row, "read").onlyIf.length])).toEqual([
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
  const [row] = await answers([who]);
  expect(row?.verbs).toEqual(["read"]);
  expect(limitsOf(row, "read").onlyIf).toEqual([expect.stringMatching(/ \(policy\)$/)]);
});

it.each(["${cognito-identity.amazonaws.com:aud}", `\${${SUB}, 'nobody'}`, "${cognito-identity.amazonaws.com:SUB}"])(
  "takes the variable %s for any text",
  async (variable) => expect(await reach(person(`${B}/u/${variable}/*`))).toEqual(["u/*/*: x read"]),
);

it("reads IAM's own escapes as the one character that they stand for", async () => {
  expect(await reach(principal("x", allow(VERBS.read, `${B}/u/\${$}x/*`)))).toEqual(["u/?x/*: x read"]);
});

it("reads condition keys in any case", async () => {
  const keys = allow(VERBS.list, B, { StringLike: { "S3:Prefix": "a/*" } });
  expect(await reach(principal("x", keys))).toEqual(["a/: x list"]);
});

const denyBut = (action: string, ...NotResource: string[]): Statement => ({
  Effect: "Deny",
  Action: action,
  NotResource,
});
const denyWhere = (statement: Statement, Condition: NonNullable<Statement["Condition"]>) => ({
  ...statement,
  Condition,
});
const NETWORK = { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } };
const OTHERS = { NotIpAddress: { "aws:SourceIp": "192.0.2.0/24" } };

it.each<[what: string, statements: Statement[], rows: string[]]>([
  [
    "what a Deny takes away",
    [allow([VERBS.write, VERBS.read], `${B}/*`), deny(VERBS.read, `${B}/secret/*`)],
    [": write", ": read (except secret/*)"],
  ],
  [
    "what a Deny takes away above and below",
    [allow(VERBS.read, `${B}/a/*`), deny(VERBS.read, `${B}/a/x/*`), deny(VERBS.read, `${B}/c/*`)],
    ["a/: read (except a/x/*)"],
  ],
  ["what a Deny leaves, where it is", [allow(VERBS.read, `${B}/*`), denyBut("s3:*", `${B}/keep/*`)], ["keep/: read"]],
  [
    "two places that a Deny leaves, and the bucket that it does not",
    [allow([VERBS.read, VERBS.list], [B, `${B}/*`]), denyBut("s3:*", `${B}/keep/*`, `${B}/also/*`)],
    ["also/: read", "keep/: read"],
  ],
  [
    "a Deny of all listings but some",
    [allow(VERBS.list, B), denyWhere(deny(VERBS.list, B), { StringNotLike: { "s3:prefix": ["home/*", ""] } })],
    [": list (only home/* or without a prefix, which lists all keys)", "home/: list"],
  ],
  [
    "a Deny of some listings",
    [allow(VERBS.list, B), denyWhere(deny(VERBS.list, B), { StringLike: { "s3:prefix": "home/*" } })],
    [": list (except home/*)"],
  ],
  [
    "everything but a part",
    [{ Effect: "Allow", Action: VERBS.read, NotResource: `${B}/a/*` }],
    [": read (except arn:aws:s3:::b/a/*)"],
  ],
  ["a pattern", [allow(VERBS.read, `${B}/*.txt`)], ["*.txt: read"]],
  [
    "a pattern, in places of others too",
    [allow(VERBS.read, [`${B}/*.txt`]), allow(VERBS.write, `${B}/a/*`)],
    ["*.txt: read", "a/: write", "a/: read (only *.txt)"],
  ],
  ["patterns with wildcards in folders", [allow(VERBS.read, `${B}/*/server-0?/*`)], ["*/server-0?/*: read"]],
  [
    "a condition of one action",
    [allow(VERBS.write, `${B}/a/*`), allow(VERBS.read, `${B}/a/*`, NETWORK)],
    ["a/: write", "a/: read (only if IpAddress aws:SourceIp 192.0.2.0/24 (policy))"],
  ],
  [
    "a condition that another statement does not have",
    [allow(VERBS.read, `${B}/a/*`), allow(VERBS.read, `${B}/a/*`, NETWORK)],
    ["a/: read"],
  ],
  [
    "a condition of a part",
    [allow(VERBS.read, `${B}/a/*`, NETWORK), allow(VERBS.read, `${B}/a/open/*`)],
    ["a/: read (only if IpAddress aws:SourceIp 192.0.2.0/24 (policy))", "a/open/: read"],
  ],
  [
    "a Deny on a condition, of one action and of a part",
    [allow([VERBS.write, VERBS.read], `${B}/a/*`), denyWhere(deny(VERBS.read, `${B}/a/x/*`), OTHERS)],
    ["a/: write", "a/: read (denied if NotIpAddress aws:SourceIp 192.0.2.0/24 (policy))"],
  ],
])("says how much of a place is meant: %s", async (_, statements, lines) => {
  const rows = await answers([principal("x", ...statements)]);
  expect(rows.flatMap((row) => verbWords(row).map((words) => `${row.prefix}: ${words}`))).toEqual(lines);
});

it("names whose policies cannot be asked", async () => {
  const question = { action: "s3:GetObject", resource: "nonsense", context: {} };
  await expect(decide(principal("x", allow(VERBS.read, "*")), question)).rejects.toThrow(
    "the policies of arn:aws:sts::000000000000:assumed-role/x/session: s3:GetObject on nonsense cannot be evaluated",
  );
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
  expect((await answers([who]))[0]?.withoutTls).toBeUndefined();
  expect((await answers([who], withPolicy({ ...denial, Resource: "arn:aws:s3:::c/*" })))[0]?.withoutTls).toBe(true);
  expect((await answers([who], withPolicy({ ...denial, Condition: tls })))[0]?.withoutTls).toBe(false);
  expect(short(await answers([who], withPolicy({ ...denial, Action: "s3:DeleteObject" })))).toEqual(["a/: x read"]);
});
