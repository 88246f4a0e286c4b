import { s3Fault } from "../../../client/transfer/s3-errors";

function answer(fields: Readonly<Record<string, unknown>>): unknown {
  return Object.assign(new Error("words"), { $metadata: { httpStatusCode: 400 }, ...fields });
}

const AWS = { url: "https://s3.eu-west-1.amazonaws.com", place: undefined };
const told = (error: unknown) => s3Fault(error, "to store logs/a", AWS).message;

it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("%s is an error code like any other", (Code) => {
  expect(told(answer({ Code }))).toBe(`S3 failed to store logs/a: words (${Code}, status 400)`);
});

it("what answers in S3's place cannot drive a terminal: neither by code, words nor request id", () => {
  const nasty = "\u001b[2J\u009b\u202e";
  const error = answer({ Code: nasty, message: nasty, $metadata: { httpStatusCode: 400, requestId: nasty } });
  expect(told(error)).toBe(
    "S3 failed to store logs/a: \\x1b[2J\\x9b\\u{202e} (\\x1b[2J\\x9b\\u{202e}, status 400, request \\x1b[2J\\x9b\\u{202e})",
  );
});

it("nor fill it, nor be anything but text", () => {
  expect(told(answer({ message: "x".repeat(10_000) })).length).toBeLessThan(700);
  expect(told(answer({ Code: { "#text": "a" } }))).toMatch(/status 400/);
});

it("a wrong clock is this machine's fault, not a refusal that others must lift", () => {
  const error = Object.assign(new Error("The difference is too large."), {
    name: "RequestTimeTooSkewed",
    $metadata: { httpStatusCode: 403 },
  });
  expect(s3Fault(error, "to store logs/a", AWS)).toMatchObject({
    code: "clock_skew",
    exitCode: 6,
  });
});

describe("blames a setting of this machine only where one can be wrong", () => {
  const elsewhere = { url: "https://minio.lan:9000", place: "AWS_ENDPOINT_URL (/etc/oidc-s3/config.env, line 9)" };
  const remedy = (Code: string, what: string, at = AWS as Parameters<typeof s3Fault>[2]) =>
    s3Fault(answer({ Code }), what, at).remedy;

  it.each(["NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed"])("%s", (code) => {
    expect(remedy(code, "to store logs/a")).toMatch(/^Ask the platform team: the (bucket|region) is the one that the/);
    expect(remedy(code, "to store logs/a")).not.toMatch(/S3_BUCKET|AWS_/);
    expect(remedy(code, "to store logs/a", elsewhere)).toContain(
      "or correct AWS_ENDPOINT_URL (/etc/oidc-s3/config.env, line 9)",
    );
  });

  it("a name that is not known is that of the one setting, or of the API's answer", () => {
    const unknown = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
    expect(s3Fault(unknown, "to list logs/", elsewhere).remedy).toMatch(/^Check AWS_ENDPOINT_URL \(\/etc/);
    expect(s3Fault(unknown, "to list logs/", AWS).remedy).toMatch(/^Check the region that the vending API names/);
  });

  it("what cannot be fetched may not be there: S3 tells only those who may list", () => {
    expect(remedy("AccessDenied", "to fetch logs/a")).toMatch(/^There may be no such object/);
    expect(remedy("AccessDenied", "to store logs/a")).toMatch(/^Ask the platform team whether/);
  });
});
