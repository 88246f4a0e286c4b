import { tlsOnlyPolicy } from "../../access/policy";
import { isTlsOnly } from "../../bootstrap/bucket-settings";
import { ensureStateBucket } from "../../bootstrap/state-bucket";
import { type FakeAnswer, fakeS3, s3Error } from "./fake-s3";

const BUCKET = { name: "tfstate", region: "eu-west-1" };
const ARN = "arn:aws:s3:::tfstate";

/** An S3 without the bucket until it is created. */
function emptyS3(
  more: (operation: string) => FakeAnswer | undefined = () => undefined,
  endpoint?: string,
  region?: string,
) {
  let made = false;
  return fakeS3(
    (operation) => {
      const special = more(operation);
      if (special !== undefined) return special;
      if (operation === "HEAD") return { status: made ? 200 : 404 };
      if (operation === "PUT") made = true;
      return { status: 200 };
    },
    endpoint,
    region,
  );
}

const GOOD: Readonly<Record<string, string>> = {
  "GET ?versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  "GET ?encryption":
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
  "GET ?publicAccessBlock":
    "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
  "GET ?policy": JSON.stringify(tlsOnlyPolicy(ARN)),
};
const existing = (changes: Readonly<Record<string, FakeAnswer>> = {}, endpoint?: string) =>
  fakeS3((operation) => changes[operation] ?? { status: 200, body: GOOD[operation] ?? "" }, endpoint);

describe("a bucket that is not there", () => {
  it("is made, and closed before anything else is set", async () => {
    const { s3, operations, bodies } = emptyS3();
    const outcome = await ensureStateBucket(s3, BUCKET, false);
    expect(outcome).toEqual({
      action: "made",
      traits: ["versioned", "encrypted (AES256)", "private", "TLS only"],
      deviations: [],
    });
    expect(operations.filter((operation) => operation.startsWith("PUT"))).toEqual([
      "PUT",
      "PUT ?publicAccessBlock",
      "PUT ?encryption",
      "PUT ?versioning",
      "PUT ?tagging",
      "PUT ?policy",
    ]);
    expect(isTlsOnly(bodies.get("PUT ?policy") ?? "", ARN)).toBe(true);
    expect(bodies.get("PUT")).toContain("<LocationConstraint>eu-west-1</LocationConstraint>");
  });

  it("gets the backend's KMS key", async () => {
    const { s3, bodies } = emptyS3();
    await ensureStateBucket(s3, { ...BUCKET, kmsKeyId: "alias/state" }, false);
    expect(bodies.get("PUT ?encryption")).toContain("<KMSMasterKeyID>alias/state</KMSMasterKeyID>");
  });

  it("in S3's first region is made without naming it, as S3 wants", async () => {
    const { s3, bodies } = emptyS3(undefined, undefined, "us-east-1");
    await ensureStateBucket(s3, { ...BUCKET, region: "us-east-1" }, false);
    expect(bodies.get("PUT")).not.toContain("LocationConstraint");
  });

  it("by plain HTTP gets no policy that would lock everybody out, and reports that", async () => {
    const { s3, operations } = emptyS3(undefined, "http://127.0.0.1:1");
    const { traits } = await ensureStateBucket(s3, BUCKET, false);
    expect(operations).not.toContain("PUT ?policy");
    expect(traits).toContain("not TLS only, since S3 is reached by plain HTTP here");
  });

  it("is not made by a dry run", async () => {
    const { s3, operations } = emptyS3();
    expect((await ensureStateBucket(s3, BUCKET, true)).action).toBe("would-make");
    expect(operations).toEqual(["HEAD"]);
  });

  it("and cannot be finished is told, with what to do", async () => {
    const { s3 } = emptyS3((operation) => (operation === "PUT ?versioning" ? s3Error(403, "AccessDenied") : undefined));
    await expect(ensureStateBucket(s3, BUCKET, false)).rejects.toThrow(
      /was made, and then a setting was refused.*run this again/,
    );
  });
});

describe("a bucket that is there", () => {
  it("and right is left as it is", async () => {
    const { s3, operations } = existing();
    expect(await ensureStateBucket(s3, BUCKET, false)).toEqual({ action: "exists", traits: [], deviations: [] });
    expect(operations.filter((operation) => !/^(GET|HEAD)/.test(operation))).toEqual([]);
  });

  it.each<[string, FakeAnswer, RegExp, RegExp]>([
    ["GET ?versioning", { status: 200, body: "<VersioningConfiguration/>" }, /not versioned/, /put-bucket-versioning/],
    [
      "GET ?encryption",
      s3Error(404, "ServerSideEncryptionConfigurationNotFoundError"),
      /does not encrypt/,
      /put-bucket-encryption/,
    ],
    [
      "GET ?publicAccessBlock",
      s3Error(404, "NoSuchPublicAccessBlockConfiguration"),
      /public access/,
      /put-public-access-block/,
    ],
    ["GET ?policy", s3Error(404, "NoSuchBucketPolicy"), /without TLS/, /put-bucket-policy --bucket tfstate/],
    ["GET ?policy", { status: 200, body: '{"Statement":[]}' }, /without TLS/, /add the statement/],
    ["GET ?policy", s3Error(403, "AccessDenied"), /may not read/, /use credentials/],
  ])("and wrong in %s is reported with the remedy, and not changed", async (operation, answer, text, remedy) => {
    const { s3, operations } = existing({ [operation]: answer });
    const { deviations } = await ensureStateBucket(s3, BUCKET, false);
    expect(deviations).toEqual([{ text: expect.stringMatching(text), remedy: expect.stringMatching(remedy) }]);
    expect(operations.filter((each) => !/^(GET|HEAD)/.test(each))).toEqual([]);
  });

  it("by plain HTTP is not asked to be TLS only", async () => {
    const { s3 } = existing({ "GET ?policy": s3Error(404, "NoSuchBucketPolicy") }, "http://127.0.0.1:1");
    expect((await ensureStateBucket(s3, BUCKET, false)).deviations).toEqual([]);
  });

  it("and somebody else's is reported", async () => {
    const { s3 } = existing({ HEAD: { status: 403 } });
    await expect(ensureStateBucket(s3, BUCKET, false)).rejects.toThrow(/another account's/);
  });

  it("in another region is reported", async () => {
    const { s3 } = existing({ HEAD: { status: 200, headers: { "x-amz-bucket-region": "us-east-1" } } });
    await expect(ensureStateBucket(s3, BUCKET, false)).rejects.toThrow(
      /is in us-east-1, and the backend says eu-west-1/,
    );
  });
});

describe("a policy is TLS only", () => {
  const statement = tlsOnlyPolicy(ARN).Statement[0];
  const policy = (changes: object) => JSON.stringify({ Statement: { ...statement, ...changes } });
  it.each<[string, object, boolean]>([
    ["as it is made here", {}, true],
    ["with the principal in its other form", { Principal: { AWS: ["*"] } }, true],
    ["for one principal only", { Principal: { AWS: "arn:aws:iam::1:root" } }, false],
    ["for reading only", { Action: "s3:GetObject" }, false],
    ["for the objects only", { Resource: `${ARN}/*` }, false],
    [
      "under a further condition",
      { Condition: { Bool: { "aws:SecureTransport": "false", "aws:ViaAWSService": "true" } } },
      false,
    ],
    ["as a permission", { Effect: "Allow" }, false],
    ["the other way round", { Condition: { Bool: { "aws:SecureTransport": "true" } } }, false],
  ])("%s: %#", (_, changes, expected) => {
    expect(isTlsOnly(policy(changes), ARN)).toBe(expected);
  });
});
