import { createAwsPost } from "./aws-service";
import { type HttpAnswer, UnusableAnswerError } from "./http-request";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html */
export interface GetItemInput {
  readonly TableName: string;
  readonly Key: Readonly<Record<string, { readonly S: string }>>;
  readonly ConsistentRead: boolean;
}

/** The item's attributes; undefined where DynamoDB says that there is none. */
export type GetItem = (
  input: GetItemInput,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

const HEADERS = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem" };

/**
 * Makes the function that reads an item of a table.
 * @throws {AwsServiceError} for an error of DynamoDB, {UnusableAnswerError} for an answer that is not one of GetItem,
 * such as a proxy's or one that was cut short: it says nothing of whether there is an item.
 */
export function createGetItem(region: string, attemptMs: number): GetItem {
  const post = createAwsPost({ service: "dynamodb", region, attemptMs, errorCode });
  return async (input, signal) => {
    const answer = jsonObject((await post(HEADERS, JSON.stringify(input), signal)).text);
    if (!answer) throw new UnusableAnswerError("not a JSON object");
    if (answer.Item === undefined) return undefined;
    if (!isObject(answer.Item)) throw new UnusableAnswerError("an item that is not an object");
    return answer.Item;
  };
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException`, in the body. */
function errorCode({ text }: HttpAnswer): string | undefined {
  const type = jsonObject(text)?.__type;
  return typeof type === "string" ? type.slice(type.lastIndexOf("#") + 1) : undefined;
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
