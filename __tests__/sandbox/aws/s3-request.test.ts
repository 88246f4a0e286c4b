import {
  accessRequestsOf,
  deletionOf,
  isDeleteObjects,
  type S3Request,
  s3Address,
} from "../../../sandbox/aws/s3-request";

function request(line: string, headers: Record<string, string> = {}): S3Request {
  const [method = "", url = ""] = line.split(" ");
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  return { method, path, query: new URLSearchParams(query), headers: { host: "127.0.0.1:4000", ...headers } };
}

/** The questions, as "action resource". */
function asked(line: string, headers: Record<string, string> = {}): string[] | undefined {
  return accessRequestsOf(request(line, headers))?.map(({ action, resource }) => `${action} ${resource}`);
}

const OBJECT = "arn:aws:s3:::b/sync/a.txt";

describe("an operation on an object", () => {
  it.each<[string, string, string[]]>([
    ["PutObject", "PUT /b/sync/a.txt?x-id=PutObject", [`s3:PutObject ${OBJECT}`]],
    ["GetObject", "GET /b/sync/a.txt?x-id=GetObject&response-content-type=text/plain", [`s3:GetObject ${OBJECT}`]],
    ["GetObject of a part", "GET /b/sync/a.txt?partNumber=1", [`s3:GetObject ${OBJECT}`]],
    ["GetObject of a version", "GET /b/sync/a.txt?versionId=1", [`s3:GetObjectVersion ${OBJECT}`]],
    ["HeadObject", "HEAD /b/sync/a.txt", [`s3:GetObject ${OBJECT}`]],
    ["DeleteObject", "DELETE /b/sync/a.txt?x-id=DeleteObject", [`s3:DeleteObject ${OBJECT}`]],
    ["DeleteObject of a version", "DELETE /b/sync/a.txt?versionId=1", [`s3:DeleteObjectVersion ${OBJECT}`]],
    ["CreateMultipartUpload", "POST /b/sync/a.txt?uploads=", [`s3:PutObject ${OBJECT}`]],
    ["UploadPart", "PUT /b/sync/a.txt?partNumber=1&uploadId=u", [`s3:PutObject ${OBJECT}`]],
    ["CompleteMultipartUpload", "POST /b/sync/a.txt?uploadId=u", [`s3:PutObject ${OBJECT}`]],
    ["AbortMultipartUpload", "DELETE /b/sync/a.txt?uploadId=u", [`s3:AbortMultipartUpload ${OBJECT}`]],
    ["ListParts", "GET /b/sync/a.txt?uploadId=u&max-parts=5", [`s3:ListMultipartUploadParts ${OBJECT}`]],
    ["GetObjectTagging", "GET /b/sync/a.txt?tagging", [`s3:GetObjectTagging ${OBJECT}`]],
    ["PutObjectTagging", "PUT /b/sync/a.txt?tagging", [`s3:PutObjectTagging ${OBJECT}`]],
    [
      "GetObjectAttributes",
      "GET /b/sync/a.txt?attributes",
      [`s3:GetObject ${OBJECT}`, `s3:GetObjectAttributes ${OBJECT}`],
    ],
    ["a presigned PutObject", "PUT /b/sync/a.txt?X-Amz-Signature=s&X-Amz-Expires=60", [`s3:PutObject ${OBJECT}`]],
  ])("%s", (_, line, expected) => expect(asked(line)).toEqual(expected));

  it.each([["PUT /b/sync/a.txt"], ["PUT /b/sync/a.txt?partNumber=1&uploadId=u"]])(
    "copying asks for the source as well: %s",
    (line) => {
      const source = { "x-amz-copy-source": "/other/logs%2Fb%20c.txt?versionId=3" };
      expect(asked(line, source)).toEqual([
        `s3:PutObject ${OBJECT}`,
        "s3:GetObjectVersion arn:aws:s3:::other/logs/b c.txt",
      ]);
    },
  );

  it.each([
    ["x-amz-tagging", "s3:PutObjectTagging"],
    ["x-amz-acl", "s3:PutObjectAcl"],
    ["x-amz-grant-read", "s3:PutObjectAcl"],
    ["x-amz-object-lock-mode", "s3:PutObjectRetention"],
    ["x-amz-object-lock-legal-hold", "s3:PutObjectLegalHold"],
  ])("writing with the header %s asks for %s as well", (header, action) => {
    expect(asked("PUT /b/sync/a.txt", { [header]: "x" })).toEqual([`s3:PutObject ${OBJECT}`, `${action} ${OBJECT}`]);
    expect(asked("POST /b/sync/a.txt?uploads", { [header]: "x" })).toContain(`${action} ${OBJECT}`);
  });

  it("an ACL that is empty is none, as S3 takes it", () => {
    expect(asked("PUT /b/sync/a.txt", { "x-amz-acl": "" })).toEqual([`s3:PutObject ${OBJECT}`]);
    expect(asked("PUT /b/sync/a.txt", { "x-amz-acl": "private" })).toContain(`s3:PutObjectAcl ${OBJECT}`);
  });
});

describe("an operation on a bucket", () => {
  it.each<[string, string, string]>([
    ["HeadBucket", "HEAD /b", "s3:ListBucket"],
    ["HeadBucket with a slash", "HEAD /b/", "s3:ListBucket"],
    ["ListObjectsV2", "GET /b?list-type=2&prefix=sync%2F", "s3:ListBucket"],
    ["ListObjects", "GET /b?prefix=sync/&marker=a&encoding-type=url", "s3:ListBucket"],
    ["ListObjectVersions", "GET /b?versions&prefix=sync/", "s3:ListBucketVersions"],
    ["ListMultipartUploads", "GET /b?uploads", "s3:ListBucketMultipartUploads"],
    ["GetBucketLocation", "GET /b?location", "s3:GetBucketLocation"],
  ])("%s", (_, line, action) => expect(asked(line)).toEqual([`${action} arn:aws:s3:::b`]));

  it("listing hands prefix and delimiter on to conditions, and no prefix where there is none", () => {
    const context = (line: string) => accessRequestsOf(request(line))?.[0]?.context;
    expect(context("GET /b?list-type=2&prefix=sync%2Fa%20b&delimiter=%2F&max-keys=5")).toEqual({
      "s3:prefix": "sync/a b",
      "s3:delimiter": "/",
      "s3:max-keys": "5",
    });
    expect(context("GET /b?list-type=2")).toEqual({});
  });
});

describe("an unknown operation is undefined", () => {
  it.each([
    "PUT /b/sync/a.txt?acl",
    "PUT /b/sync/a.txt?legal-hold",
    "PUT /b/sync/a.txt?partNumber=1",
    "PUT /b/sync/a.txt?uploadId=u",
    "GET /b/sync/a.txt?torrent",
    "POST /b/sync/a.txt?select&select-type=2",
    "POST /b/sync/a.txt",
    "POST /b",
    "PUT /b",
    "DELETE /b",
    "PUT /b?policy",
    "GET /b?policy",
    "GET /b?location&policy",
    "GET /b?toString",
    "GET /b?list-type=2&prefix=sync/&prefix=logs/",
    "GET /?x",
    "PATCH /b/sync/a.txt",
  ])("%s", (line) => expect(asked(line)).toBeUndefined());
});

describe("bucket and key", () => {
  it.each([
    ["/b/sync/a%2Fb%20c", "127.0.0.1:4000", { bucket: "b", key: "sync/a/b c" }],
    ["/b/sync//x/../y", "localhost:4000", { bucket: "b", key: "sync//x/../y" }],
    ["/sync/a", "b.localhost:4000", { bucket: "b", key: "sync/a" }],
    ["/sync/a", "b.s3.eu-west-1.amazonaws.com", { bucket: "b", key: "sync/a" }],
    ["/sync/a", "my.b.s3.amazonaws.com", { bucket: "my.b", key: "sync/a" }],
    ["/b", "127.0.0.1:4000", { bucket: "b", key: "" }],
  ])("of %s at %s", (path, host, expected) => expect(s3Address({ path, headers: { host } })).toEqual(expected));

  it("of a path that is not well encoded is an error, which refuses it", () => {
    expect(() => s3Address({ path: "/b/%zz", headers: {} })).toThrow(URIError);
  });
});

describe("deleting many objects", () => {
  it("is recognised, with plain bodies only", () => {
    expect(isDeleteObjects(request("POST /b?delete"))).toBe(true);
    expect(isDeleteObjects(request("POST /b/?delete=&x-id=DeleteObjects"))).toBe(true);
    expect(isDeleteObjects(request("POST /b/key?delete"))).toBe(false);
    expect(isDeleteObjects(request("POST /b?delete&policy"))).toBe(false);
    expect(isDeleteObjects(request("POST /b?delete", { "content-encoding": "aws-chunked" }))).toBe(false);
    expect(asked("POST /b?delete")).toBeUndefined();
  });

  it("asks for each of them", () => {
    expect(deletionOf("b", { key: "a" })).toMatchObject({ action: "s3:DeleteObject", resource: "arn:aws:s3:::b/a" });
    expect(deletionOf("b", { key: "a", versionId: "1" })).toMatchObject({ action: "s3:DeleteObjectVersion" });
  });
});
