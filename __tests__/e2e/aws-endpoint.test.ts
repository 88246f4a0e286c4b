import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { Upload } from "@aws-sdk/lib-storage";
import { sessionPolicy } from "../../access/policy";
import { type AwsEndpoint, startAwsEndpoint } from "../../sandbox/aws/aws-endpoint";
import { type Emulator, startEmulator } from "../../sandbox/aws/emulator";
import { rolePolicyReader } from "../../sandbox/aws/role-policies";
import { administratorConfig, type ClientConfig } from "../../sandbox/process/administrator";

const run = promisify(execFile);
const REGION = "eu-west-1";
const BUCKET = "uploads";
const ROLE = "arn:aws:iam::123456789012:role/server";
const MB = 1024 * 1024;

let folder: string;
let emulator: Emulator;
let aws: AwsEndpoint;
let administrator: S3Client;
let server: S3Client;
let serverEnvironment: NodeJS.ProcessEnv;
let now: number | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-endpoint-"));
  emulator = await startEmulator({ folder });
  const direct = administratorConfig(emulator.url, REGION);
  const readRolePolicies = rolePolicyReader(new IAMClient(direct));
  aws = await startAwsEndpoint({
    emulatorUrl: emulator.url,
    readRolePolicies,
    region: REGION,
    now: () => now ?? Date.now(),
  });

  const config = administratorConfig(aws.url, REGION);
  administrator = new S3Client(config);
  await administrator.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const iam = new IAMClient(config);
  await iam.send(
    new CreateRoleCommand({ RoleName: "server", AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }),
  );
  const full = sessionPolicy(`arn:aws:s3:::${BUCKET}`, "sync/", ["write", "read", "delete", "list"]);
  await iam.send(
    new PutRolePolicyCommand({ RoleName: "server", PolicyName: "s3", PolicyDocument: JSON.stringify(full) }),
  );
  const session = await assume();
  server = new S3Client(session);
  // Version 1 of the CLI presigns with Signature Version 2, which S3 accepts for old buckets only.
  writeFileSync(join(folder, "aws-config"), "[default]\ns3 =\n  signature_version = s3v4\n");
  serverEnvironment = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: aws.url,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: join(folder, "aws-config"),
    AWS_ACCESS_KEY_ID: session.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: session.credentials.sessionToken,
  };
});

afterAll(async () => {
  administrator?.destroy();
  server?.destroy();
  await aws?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function assume(policy?: object): Promise<ClientConfig> {
  const { Credentials } = await new STSClient(administratorConfig(aws.url, REGION)).send(
    new AssumeRoleCommand({
      RoleArn: ROLE,
      RoleSessionName: "server",
      ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  return {
    endpoint: aws.url,
    region: REGION,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  };
}

const put = (client: S3Client, Key: string) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "text" }));
const DENIED = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

/** Runs the AWS CLI as the server; returns what it printed, or its error. */
async function cli(...args: string[]): Promise<string> {
  try {
    return (await run("aws", args, { env: serverEnvironment })).stdout;
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}

describe("the AWS SDK for JavaScript, with its checksums in trailers", () => {
  it("puts, gets and lists under the prefix", async () => {
    await put(server, "sync/a b+c/ä.txt");
    const { Body } = await server.send(new GetObjectCommand({ Bucket: BUCKET, Key: "sync/a b+c/ä.txt" }));
    expect(await Body?.transformToString()).toBe("text");
    const { Contents } = await server.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "sync/a b+c/" }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["sync/a b+c/ä.txt"]);
  });

  it.each([
    ["puts", () => put(server, "sync-beside/a.txt")],
    ["gets", () => server.send(new GetObjectCommand({ Bucket: BUCKET, Key: "logs/a.txt" }))],
    ["lists", () => server.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "sync" }))],
    ["lists everything", () => server.send(new ListObjectsV2Command({ Bucket: BUCKET }))],
    [
      "copies from",
      () => server.send(new CopyObjectCommand({ Bucket: BUCKET, Key: "sync/x", CopySource: `${BUCKET}/logs/a.txt` })),
    ],
    [
      "copies to",
      () => server.send(new CopyObjectCommand({ Bucket: BUCKET, Key: "x", CopySource: `${BUCKET}/sync/a` })),
    ],
  ])("%s nothing elsewhere", async (_, attempt) => {
    await put(administrator, "logs/a.txt");
    await expect(attempt()).rejects.toMatchObject(DENIED);
  });

  it("uploads in parts", async () => {
    const Body = randomBytes(11 * MB);
    await new Upload({ client: server, params: { Bucket: BUCKET, Key: "sync/parts", Body }, partSize: 5 * MB }).done();
    const { Body: stored } = await server.send(new GetObjectCommand({ Bucket: BUCKET, Key: "sync/parts" }));
    expect(Buffer.compare(Buffer.from((await stored?.transformToByteArray()) ?? []), Body)).toBe(0);
  });

  it("deletes only those of many objects that are under the prefix, and gets an error for each other", async () => {
    for (const key of ["sync/1", "sync/<&2>", "logs/3"]) await put(administrator, key);
    const Objects = ["sync/1", "sync/<&2>", "logs/3"].map((Key) => ({ Key }));
    const answer = await server.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key).sort()).toEqual(["sync/1", "sync/<&2>"]);
    expect(answer.Errors).toEqual([expect.objectContaining({ Key: "logs/3", Code: "AccessDenied" })]);
    const { Contents } = await administrator.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "logs/3" }));
    expect(Contents).toHaveLength(1);
  });

  it("deletes none of many objects when all are elsewhere", async () => {
    await put(administrator, "logs/4");
    const answer = await server.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: "logs/4" }] } }),
    );
    expect([answer.Deleted ?? [], answer.Errors?.length]).toEqual([[], 1]);
    await administrator.send(new GetObjectCommand({ Bucket: BUCKET, Key: "logs/4" }));
  });
});

describe("a session policy", () => {
  it("narrows what the role may do", async () => {
    const reader = new S3Client(await assume(sessionPolicy(`arn:aws:s3:::${BUCKET}`, "sync/", ["read"])));
    await put(server, "sync/read.txt");
    await reader.send(new GetObjectCommand({ Bucket: BUCKET, Key: "sync/read.txt" }));
    await expect(put(reader, "sync/read.txt")).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining("no session policy allows the s3:PutObject action"),
    });
    reader.destroy();
  });

  it("widens nothing", async () => {
    const wide = new S3Client(
      await assume({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
    );
    await expect(put(wide, "logs/wide.txt")).rejects.toMatchObject(DENIED);
    wide.destroy();
  });
});

describe("the AWS CLI", () => {
  it("uploads and downloads under the prefix", async () => {
    const content = randomBytes(9 * MB);
    writeFileSync(join(folder, "big"), content);
    await cli("s3", "cp", join(folder, "big"), `s3://${BUCKET}/sync/cli`, "--quiet");
    await cli("s3", "cp", `s3://${BUCKET}/sync/cli`, join(folder, "back"), "--quiet");
    const { stdout } = await run("cmp", [join(folder, "big"), join(folder, "back")]);
    expect(stdout).toBe("");
  });

  it.each<[string, string[]]>([
    ["an upload elsewhere", ["s3", "cp", "/etc/hostname", `s3://${BUCKET}/logs/cli`]],
    ["an operation that no server needs", ["s3api", "get-bucket-policy", "--bucket", BUCKET]],
    [
      "making the object public",
      ["s3api", "put-object", "--bucket", BUCKET, "--key", "sync/p", "--acl", "public-read"],
    ],
    ["another service", ["iam", "list-roles"]],
  ])("is refused %s", async (_, args) => {
    expect(await cli(...args)).toMatch(/AccessDenied/);
  });

  it("presigns a download, which is refused once the credentials are expired", async () => {
    await put(server, "sync/presigned");
    const url = (await cli("s3", "presign", `s3://${BUCKET}/sync/presigned`)).trim();
    expect(await (await fetch(url)).text()).toBe("text");
    now = Date.now() + 2 * 3600_000;
    const expired = await fetch(url);
    now = undefined;
    expect([expired.status, await expired.text()]).toEqual([400, expect.stringContaining("<Code>ExpiredToken</Code>")]);
  });
});

describe("refused", () => {
  it("an unsigned request", async () => {
    const response = await fetch(`${aws.url}/${BUCKET}/sync/a`, { method: "PUT", body: "x" });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("AccessDenied")]);
  });

  it("temporary credentials that STS never gave", async () => {
    const credentials = { accessKeyId: "ASIAMADEUP", secretAccessKey: "x", sessionToken: "x" };
    const client = new S3Client({ endpoint: aws.url, region: REGION, credentials });
    await expect(put(client, "sync/a")).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    client.destroy();
  });

  it("a large upload, before it is sent", async () => {
    writeFileSync(join(folder, "large"), Buffer.alloc(64 * MB));
    const args = ["s3api", "put-object", "--bucket", BUCKET, "--key", "logs/large", "--body", join(folder, "large")];
    expect(await cli(...args)).toMatch(/AccessDenied/);
  });
});

it("a large upload passes through with little memory", async () => {
  const file = join(folder, "huge");
  for (let part = 0; part < 8; part++) writeFileSync(file, randomBytes(32 * MB), { flag: "a" });
  const before = process.memoryUsage().rss;
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const printed = await cli("s3api", "put-object", "--bucket", BUCKET, "--key", "sync/huge", "--body", file);
  clearInterval(watching);
  const md5 = createHash("md5");
  for await (const chunk of createReadStream(file)) md5.update(chunk as Buffer);
  expect(JSON.parse(printed).ETag).toBe(`"${md5.digest("hex")}"`);
  expect((most - before) / MB).toBeLessThan(100);
});

it("when the emulator is gone, clients are asked to retry", async () => {
  await emulator.stop();
  const client = new S3Client({ ...administratorConfig(aws.url, REGION), maxAttempts: 1 });
  await expect(put(client, "sync/a")).rejects.toMatchObject({ name: "ServiceUnavailable" });
  client.destroy();
});
