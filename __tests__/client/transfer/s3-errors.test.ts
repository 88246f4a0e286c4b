import { s3Fault } from "../../../client/transfer/s3-errors";

function answer(fields: Readonly<Record<string, unknown>>): unknown {
  return Object.assign(new Error("words"), { $metadata: { httpStatusCode: 400 }, ...fields });
}

const told = (error: unknown) => s3Fault(error, "to store logs/a", "https://s3.eu-west-1.amazonaws.com").message;

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
  expect(s3Fault(error, "to store logs/a", "https://s3.eu-west-1.amazonaws.com")).toMatchObject({
    code: "clock_skew",
    exitCode: 6,
  });
});
