import { parseClientActivityItem } from "../../access/client-activity";
import { AwsServiceError } from "../../lambda/aws-service";
import { createUpdateItem } from "../../lambda/dynamodb";
import type { HttpAnswer } from "../../lambda/http-request";
import { createActivityRecorder, type RecordActivity } from "../../lambda/record-activity";

const HOUR = 3600;
let seconds: number;
const updateItem = jest.fn<Promise<boolean>, [Readonly<Record<string, unknown>>, AbortSignal]>();
const failed = jest.fn<void, [string, unknown]>();
let record: RecordActivity;

beforeEach(() => {
  seconds = 1_790_000_000;
  updateItem.mockReset().mockResolvedValue(true);
  failed.mockReset();
  record = createActivityRecorder({
    updateItem,
    table: "client-activity",
    limitMs: 1000,
    failed,
    now: () => seconds * 1000,
  });
});

const settled = () => new Promise(setImmediate);
async function recordAfter(wait: number, clientId = "client-1", secretFingerprint?: string): Promise<number> {
  seconds += wait;
  const before = updateItem.mock.calls.length;
  record(clientId, secretFingerprint);
  await settled();
  return updateItem.mock.calls.length - before;
}

it("the time is written where none is, or one that is six hours old", async () => {
  await recordAfter(0);
  expect(updateItem.mock.calls).toEqual([
    [
      {
        TableName: "client-activity",
        Key: { client_id: { S: "client-1" } },
        UpdateExpression: "SET last_seen = :now REMOVE secret_fingerprint",
        ConditionExpression: "attribute_not_exists(last_seen) OR last_seen <= :due",
        ExpressionAttributeValues: { ":now": { N: "1790000000" }, ":due": { N: String(1_790_000_000 - 6 * HOUR) } },
      },
      expect.any(AbortSignal),
    ],
  ]);
});

it("a client is written once in six hours, each by itself", async () => {
  const writes: number[] = [];
  for (let hour = 0; hour < 25; hour++) writes.push(await recordAfter(hour === 0 ? 0 : HOUR));
  expect(writes.flatMap((count, hour) => (count > 0 ? [hour] : []))).toEqual([0, 6, 12, 18, 24]);
  expect(await recordAfter(0, "client-2")).toBe(1);
});

it("where another instance has written it, this one asks again in an hour", async () => {
  updateItem.mockResolvedValue(false);
  expect([await recordAfter(0), await recordAfter(HOUR - 1), await recordAfter(1)]).toEqual([1, 0, 1]);
  expect(failed).not.toHaveBeenCalled();
});

it("another secret than before is written at once, the same one once in six hours", async () => {
  const says = async (wait: number, secret?: string) => recordAfter(wait, "client-1", secret);
  const [old, other] = ["0123456789ab", "ba9876543210"];
  expect([await says(0, old), await says(HOUR, old), await says(1, other), await says(1, other)]).toEqual([1, 0, 1, 0]);
  expect(updateItem.mock.lastCall?.[0]).toMatchObject({
    UpdateExpression: "SET last_seen = :now, secret_fingerprint = :secret",
    ConditionExpression:
      "attribute_not_exists(last_seen) OR last_seen <= :due OR attribute_not_exists(secret_fingerprint) OR secret_fingerprint <> :secret",
    ExpressionAttributeValues: { ":secret": { S: other } },
  });
  // Another client with the same id, that says none: it is not due before the six hours are over.
  expect([await says(1), await says(HOUR), await says(5 * HOUR), await says(1, other)]).toEqual([0, 0, 1, 1]);
});

it("what failed is said, and tried again after a minute", async () => {
  const error = new Error("down");
  updateItem.mockRejectedValue(error);
  expect([await recordAfter(0), await recordAfter(59), await recordAfter(1)]).toEqual([1, 0, 1]);
  expect(failed.mock.calls).toEqual([
    ["client-1", error],
    ["client-1", error],
  ]);
});

it("nothing is written twice while it is under way", async () => {
  updateItem.mockReturnValue(new Promise(() => {}));
  expect([await recordAfter(0), await recordAfter(1)]).toEqual([1, 0]);
});

it("of 20,000 clients, who was noted first is forgotten first", async () => {
  for (let client = 0; client <= 20_000; client++) record(`client-${client}`);
  await settled();
  updateItem.mockClear();
  record("client-20000");
  record("client-1");
  expect(updateItem).not.toHaveBeenCalled();
  record("client-0");
  expect(updateItem).toHaveBeenCalledTimes(1);
});

describe("an update of DynamoDB", () => {
  const answer: HttpAnswer = { status: 400, headers: {}, text: "" };
  const update = createUpdateItem((headers) => {
    expect(headers["x-amz-target"]).toBe("DynamoDB_20120810.UpdateItem");
    return post();
  });
  let post: () => Promise<HttpAnswer>;
  const signal = AbortSignal.abort();

  it("says whether its condition was met", async () => {
    post = async () => answer;
    expect(await update({}, signal)).toBe(true);
    post = () => Promise.reject(new AwsServiceError("ConditionalCheckFailedException", answer));
    expect(await update({}, signal)).toBe(false);
  });

  it("fails for any other error", async () => {
    post = () => Promise.reject(new AwsServiceError("ThrottlingException", answer));
    await expect(update({}, signal)).rejects.toThrow("ThrottlingException");
  });
});

describe("an item of the client-activity table", () => {
  it("is read as it was written", () => {
    expect(parseClientActivityItem({ client_id: { S: "c" }, last_seen: { N: "1790000000" } })).toEqual({
      clientId: "c",
      lastSeen: 1_790_000_000,
    });
    const said = (S: string) => ({ client_id: { S: "c" }, last_seen: { N: "1" }, secret_fingerprint: { S } });
    expect(parseClientActivityItem(said("0123456789ab")).secretFingerprint).toBe("0123456789ab");
    expect(parseClientActivityItem(said("anything"))).toEqual({ clientId: "c", lastSeen: 1 });
  });

  it.each([
    {},
    { client_id: { S: "c" } },
    { client_id: { S: "" }, last_seen: { N: "1" } },
    { client_id: { S: "c" }, last_seen: { S: "1" } },
    { client_id: { S: "c" }, last_seen: { N: "-1" } },
    { client_id: { S: "c" }, last_seen: { N: "1.5" } },
  ])("that is %j is refused", (item) => {
    expect(() => parseClientActivityItem(item)).toThrow("client_id or no last_seen");
  });
});
