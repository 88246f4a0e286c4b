import { type HttpEvent, parseRequest } from "../../lambda/parse-request";

const event = (body: unknown, more: Partial<HttpEvent> = {}): HttpEvent => ({ body: JSON.stringify(body), ...more });
const base64 = (text: string): HttpEvent => ({ body: Buffer.from(text).toString("base64"), isBase64Encoded: true });

function refusal(request: HttpEvent): unknown {
  try {
    return parseRequest(request);
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
}

describe("where the token is", () => {
  it.each<[string, HttpEvent]>([
    ["in the body", event({ access_token: "t.o.k" })],
    ["in a base64-encoded body", base64('{"access_token":"t.o.k"}')],
    ["in the Authorization header", { headers: { authorization: "Bearer t.o.k" } }],
    ["in the header, in other cases", { headers: { AUTHORIZATION: "bEARER   t.o.k " } }],
    ["in the header, with an empty body", { headers: { authorization: "Bearer t.o.k" }, body: "" }],
    ["in both places, the same", event({ access_token: "t.o.k" }, { headers: { authorization: "Bearer t.o.k" } })],
    [
      "in the body, with a proxy's own header",
      event({ access_token: "t.o.k" }, { headers: { authorization: "Basic x" } }),
    ],
    ["beside keys that are not ours", event({ access_token: "t.o.k", role_arn: "x", server: 1 })],
  ])("%s", (_, request) => {
    expect(parseRequest(request)).toEqual({ accessToken: "t.o.k", durationSeconds: undefined });
  });
});

describe("what is refused", () => {
  it.each<[string, HttpEvent, string]>([
    ["nothing at all", {}, "token_missing"],
    ["an empty object", event({}), "token_missing"],
    ["malformed JSON", { body: '{"access_token":' }, "body_not_json"],
    ["malformed JSON beside a header", { body: "{", headers: { authorization: "Bearer t" } }, "body_not_json"],
    ["a form", { body: "access_token=t.o.k" }, "body_not_json"],
    ["an array", event([]), "body_not_json"],
    ["null", event(null), "body_not_json"],
    ["a string", event("t.o.k"), "body_not_json"],
    [
      "bytes that are not UTF-8",
      { body: Buffer.from([0x7b, 0xff, 0x7d]).toString("base64"), isBase64Encoded: true },
      "body_not_json",
    ],
    ["a number for a token", event({ access_token: 1 }), "token_not_text"],
    ["null for a token", event({ access_token: null }), "token_not_text"],
    ["an empty token", event({ access_token: "" }), "token_not_text"],
    ["different tokens", event({ access_token: "a" }, { headers: { authorization: "Bearer b" } }), "tokens_differ"],
    ["a scheme without a token", { headers: { authorization: "Bearer" } }, "authorization_malformed"],
    ["two header values joined", { headers: { authorization: "Bearer a, Bearer b" } }, "authorization_malformed"],
    ["two headers", { headers: { authorization: "Bearer a", Authorization: "Bearer a" } }, "authorization_malformed"],
    ["another scheme alone", { headers: { authorization: "Basic dXNlcjpwYXNz" } }, "authorization_malformed"],
    ["a body over 16 KiB", event({ access_token: "a".repeat(16 * 1024) }), "body_too_large"],
    ["a base64 body over 16 KiB", base64(JSON.stringify({ access_token: "a".repeat(16 * 1024) })), "body_too_large"],
    ["a huge base64 body", { body: "A".repeat(6_000_000), isBase64Encoded: true }, "body_too_large"],
    ["multi-byte text over 16 KiB", event({ access_token: "é".repeat(9 * 1024) }), "body_too_large"],
  ])("%s", (_, request, reason) => {
    expect(refusal(request)).toBe(reason);
  });

  it("a body of exactly 16 KiB is read", () => {
    const frame = JSON.stringify({ access_token: "" }).length;
    const token = "a".repeat(16 * 1024 - frame);
    expect(parseRequest(event({ access_token: token })).accessToken).toBe(token);
  });
});

describe("secret_fingerprint", () => {
  const said = (value: unknown) =>
    parseRequest(event({ access_token: "t", secret_fingerprint: value })).secretFingerprint;

  it("is taken", () => expect(said("0123456789ab")).toBe("0123456789ab"));

  it.each([undefined, null, 1, "", "0123456789AB", "0123456789abc", "0123456789ab\n", ["0123456789ab"]])(
    "%j is as good as none: other clients may send anything",
    (value) => expect(said(value)).toBeUndefined(),
  );
});

describe("duration_seconds", () => {
  it.each([900, 901, 3599, 3600])("%p is taken", (seconds) => {
    expect(parseRequest(event({ access_token: "t", duration_seconds: seconds })).durationSeconds).toBe(seconds);
  });

  it.each([899, 3601, 0, -900, 900.5, "900", null, true, [900]])("%p is refused", (seconds) => {
    expect(refusal(event({ access_token: "t", duration_seconds: seconds }))).toBe("duration_invalid");
  });
});
