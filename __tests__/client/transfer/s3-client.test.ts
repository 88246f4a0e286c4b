import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { NetworkSettings } from "../../../client/network/network-settings";
import { createS3Client, needsPathStyle } from "../../../client/transfer/s3-client";
import { type Certificate, selfSignedCertificate } from "../support/certificates";
import { FakeS3 } from "../support/fake-s3";
import { knowNoNames, retryAtOnce } from "../support/stand-ins";

let folder: string;
let certificate: Certificate;
let s3: FakeS3;
const clients: S3Client[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-client-"));
  certificate = selfSignedCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  s3 = await new FakeS3(certificate).start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await s3.stop();
});

function client(endpoint: string | undefined, network: NetworkSettings): S3Client {
  const credentials = { accessKeyId: "A", secretAccessKey: "s", sessionToken: "t" };
  const created = createS3Client({ region: "eu-west-1", endpoint, credentials, network });
  clients.push(created);
  return created;
}

const BODY = randomBytes(1_000_000);
const put = (to: S3Client) => to.send(new PutObjectCommand({ Bucket: "uploads", Key: "logs/a b+ü", Body: BODY }));

it("over TLS with a private CA: the body arrives as it is, connections are kept, and nothing is hashed twice", async () => {
  const to = client(s3.url, { caFile: certificate.file });
  await put(to);
  await put(to);
  expect(s3.objects.get("logs/a b+ü")?.bytes.equals(BODY)).toBe(true);
  expect(s3.calls[0]?.headers).toMatchObject({
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    "content-length": "1000000",
    connection: "keep-alive",
  });
});

it("a certificate that nobody vouches for is not accepted", async () => {
  await expect(put(client(s3.url, {}))).rejects.toThrow("self-signed certificate");
  expect(s3.calls).toEqual([]);
});

it("an endpoint_url of the AWS config or of the environment is not taken: the settings' rules are for all endpoints", async () => {
  const asked: string[] = [];
  const other = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const config = join(folder, "aws-config");
  writeFileSync(
    config,
    `[default]\nendpoint_url = ${url}\nservices = own\n[services own]\ns3 =\n  endpoint_url = ${url}\n`,
  );
  const before = { ...process.env };
  const names = knowNoNames();
  retryAtOnce();
  try {
    for (const env of [{ AWS_CONFIG_FILE: config }, { AWS_ENDPOINT_URL_S3: url }, { AWS_ENDPOINT_URL: url }]) {
      process.env = { ...before, ...env };
      await expect(put(client(undefined, {}))).rejects.toMatchObject({ code: "ENOTFOUND" });
    }
    expect(names).toHaveBeenCalled();
  } finally {
    process.env = before;
    names.mockRestore();
    await new Promise((resolve) => other.close(resolve));
  }
  expect(asked).toEqual([]);
});

it("a body that was sent in vain is sent again, whole", async () => {
  let failures = 2;
  s3.fault = () => (failures-- > 0 ? { status: 503, code: "SlowDown" } : undefined);
  const random = retryAtOnce();
  await put(client(s3.url, { caFile: certificate.file }));
  random.mockRestore();
  expect(s3.calls).toHaveLength(3);
  expect(s3.objects.get("logs/a b+ü")?.bytes.equals(BODY)).toBe(true);
});

describe("through a proxy", () => {
  const asked: string[] = [];
  let proxy: Server;
  beforeEach(async () => {
    asked.length = 0;
    proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
      const upstream = connect(s3.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on("error", () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    for (const to of clients) to.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it("with its user name, and with the bucket in the host's name", async () => {
    const { port } = proxy.address() as AddressInfo;
    const to = client(`https://vending.test:${s3.port}`, {
      caFile: certificate.file,
      httpsProxy: `http://user:pass@127.0.0.1:${port}`,
    });
    await put(to);
    const { Body } = await to.send(new GetObjectCommand({ Bucket: "uploads", Key: "logs/a b+ü" }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(BODY)).toBe(true);
    // One tunnel for both requests: connections are kept through a proxy as well.
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBe(`uploads.vending.test:${s3.port} Basic ${Buffer.from("user:pass").toString("base64")}`);
  });

  it("but not for hosts of NO_PROXY", async () => {
    const { port } = proxy.address() as AddressInfo;
    const httpsProxy = `http://127.0.0.1:${port}`;
    const to = client(`https://vending.invalid:${s3.port}`, { httpsProxy, noProxy: "vending.invalid" });
    const names = knowNoNames();
    const random = retryAtOnce();
    await expect(put(to)).rejects.toThrow("ENOTFOUND");
    names.mockRestore();
    random.mockRestore();
    expect(asked).toEqual([]);
  });
});

it.each([
  ["http://127.0.0.1:5000", true],
  ["http://[::1]:5000", true],
  ["http://localhost:5000", true],
  ["http://minio:9000", true],
  ["https://s3.eu-west-1.amazonaws.com", false],
  ["https://minio.example.com", false],
])("the bucket is in the path of %s: %s", (endpoint, expected) => expect(needsPathStyle(endpoint)).toBe(expected));
