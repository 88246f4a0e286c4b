import { awsCall } from "../../lambda/aws-call";
import { deadlineOf } from "../../lambda/deadline";
import { ANSWER_RESERVE_MS, DEPENDENCY_LIMIT_MS, FUNCTION_TIMEOUT_SECONDS } from "../../lambda/limits";

const deadline = deadlineOf(() => 10_000);
const failing = (error: object) =>
  awsCall("sts", deadline, () => Promise.reject(Object.assign(new Error("secret"), error)));
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

// The second attempt comes at once.
beforeEach(() => jest.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => jest.restoreAllMocks());

it("all limits together leave time for an answer", () => {
  const limits = Object.values(DEPENDENCY_LIMIT_MS).reduce((sum, limit) => sum + limit, ANSWER_RESERVE_MS);
  expect(limits).toBeLessThan(FUNCTION_TIMEOUT_SECONDS * 1000);
});

it.each<[string, object]>([
  ["STS", { name: "Throttling", ...status(400) }],
  ["STS, the newer way", { name: "ThrottlingException", ...status(400) }],
  ["DynamoDB's table", { name: "ProvisionedThroughputExceededException", ...status(400) }],
  ["DynamoDB's account", { name: "RequestLimitExceeded", ...status(400) }],
  ["EC2-style", { name: "RequestThrottled", ...status(503) }],
  ["status 429", { name: "Other", ...status(429) }],
])("a throttle of %s is 429", async (_, error) => {
  await expect(failing(error)).rejects.toMatchObject({ status: 429, code: "throttled", retryAfterSeconds: 2 });
});

it.each<[string, object]>([
  ["500", { name: "InternalFailure", ...status(500) }],
  ["503", { name: "ServiceUnavailable", ...status(503) }],
  ["408", { name: "RequestTimeout", ...status(408) }],
  ["a refused connection", { code: "ECONNREFUSED" }],
  ["a reset connection", { code: "ECONNRESET" }],
  ["an unknown host", { code: "ENOTFOUND" }],
  ["the SDK's own timeout", { name: "TimeoutError" }],
])("an outage (%s) is 503", async (_, error) => {
  const expected = { status: 503, code: "temporarily_unavailable", retryAfterSeconds: 5 };
  await expect(failing(error)).rejects.toMatchObject(expected);
});

it.each<[string, object, string]>([
  ["a denied role", { name: "AccessDenied", ...status(403) }, "role_not_assumable"],
  ["a packed policy too large", { name: "PackedPolicyTooLargeException", ...status(400) }, "session_policy_too_long"],
  [
    "a policy STS cannot read",
    { name: "MalformedPolicyDocumentException", ...status(400) },
    "session_policy_malformed",
  ],
  ["our own credentials expired", { name: "ExpiredToken", ...status(403) }, "dependency_refused"],
  ["a wrong parameter", { name: "ValidationError", ...status(400) }, "dependency_refused"],
  ["a bug", { name: "TypeError" }, "dependency_refused"],
])("%s is 500 without Retry-After", async (_, error, reason) => {
  const expected = { status: 500, code: "internal_error", reason, retryAfterSeconds: undefined };
  await expect(failing(error)).rejects.toMatchObject(expected);
});

it("the log gets the error's name, status and request id, and no text", async () => {
  const error = { name: "AccessDenied", $metadata: { httpStatusCode: 403, requestId: "0d9a-1" } };
  await expect(failing(error)).rejects.toMatchObject({
    detail: { dependency: "sts", aws_error: "AccessDenied", aws_status: 403, aws_request_id: "0d9a-1" },
    message: "role_not_assumable",
  });
  await expect(failing({ name: "a text: arn:aws:iam::1:role/x" })).rejects.toMatchObject({
    detail: { aws_error: undefined },
  });
});

it("a call that does not listen to its signal is left behind in time, and told so", async () => {
  let signal: AbortSignal | undefined;
  const startedAt = performance.now();
  const call = awsCall(
    "dynamodb",
    deadlineOf(() => ANSWER_RESERVE_MS + 50),
    (abortSignal) => {
      signal = abortSignal;
      return new Promise(() => {});
    },
  );
  await expect(call).rejects.toMatchObject({ status: 503, detail: { aws_error: "TimeLimitError" } });
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(signal?.aborted).toBe(true);
});

it("a call has no more than its dependency's limit, however much time the invocation has", async () => {
  jest.useFakeTimers();
  try {
    const call = awsCall(
      "dynamodb",
      deadlineOf(() => 900_000),
      () => new Promise(() => {}),
    );
    const refusal = expect(call).rejects.toMatchObject({ status: 503 });
    await jest.advanceTimersByTimeAsync(DEPENDENCY_LIMIT_MS.dynamodb);
    expect(jest.getTimerCount()).toBe(0);
    await refusal;
  } finally {
    jest.useRealTimers();
  }
});
