import { setTimeout } from "node:timers/promises";
import { type AwsPost, AwsServiceError, createAwsPost } from "./aws-service";
import { type HttpAnswer, UnusableAnswerError } from "./http-request";

/** The attributes of an item, as DynamoDB's JSON has them. */
export type Item = Readonly<Record<string, unknown>>;
export type Key = Readonly<Record<string, { readonly S: string }>>;

/**
 * Reads one item of each table in one request, consistently. The item is undefined where DynamoDB says that there is none.
 * @param keys for each table's name the key of the item.
 */
export type ReadItems = (
  keys: Readonly<Record<string, Key>>,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, Item | undefined>>>;

/** Milliseconds before what DynamoDB left out is asked for again, at most; doubled each time, and bounded. */
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 400;

/** Posts requests to DynamoDB, over connections that all its operations share. */
export function createDynamodbPost(region: string, attemptMs: number): AwsPost {
  return createAwsPost({ service: "dynamodb", region, attemptMs, errorCode });
}

/** The headers of an operation of https://docs.aws.amazon.com/amazondynamodb/latest/APIReference. */
function operation(name: string): Readonly<Record<string, string>> {
  return { "content-type": "application/x-amz-json-1.0", "x-amz-target": `DynamoDB_20120810.${name}` };
}

/**
 * Makes the function that reads items by BatchGetItem. DynamoDB may leave some out, above all when it throttles a table:
 * those are asked for again until they are there or the signal ends it, since a missing answer is not a missing item.
 * @throws {AwsServiceError} for an error of DynamoDB, {UnusableAnswerError} for an answer that is not one of BatchGetItem,
 * such as a proxy's or one that was cut short: it says nothing of whether there is an item.
 */
export function createReadItems(post: AwsPost): ReadItems {
  const headers = operation("BatchGetItem");
  return async (keys, signal) => {
    const items: Record<string, Item | undefined> = {};
    let wanted = Object.keys(keys);
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const RequestItems = Object.fromEntries(
        wanted.map((table) => [table, { Keys: [keys[table]], ConsistentRead: true }]),
      );
      const { text } = await post(headers, JSON.stringify({ RequestItems }), signal);
      const left: string[] = [];
      for (const [table, item] of answersIn(text, wanted)) {
        if (item === "unprocessed") left.push(table);
        else items[table] = item;
      }
      if (left.length === 0) return items;
      wanted = left;
      await setTimeout(Math.random() * pause, undefined, { signal });
    }
  };
}

/** An UpdateItem with a condition; resolves to whether the condition was met. */
export type UpdateItem = (update: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<boolean>;

/**
 * Makes the function that updates an item by UpdateItem, in one attempt.
 * @throws {AwsServiceError} for an error of DynamoDB, or httpRequest's errors.
 */
export function createUpdateItem(post: AwsPost): UpdateItem {
  const headers = operation("UpdateItem");
  return async (update, signal) => {
    try {
      await post(headers, JSON.stringify(update), signal);
      return true;
    } catch (error) {
      if (error instanceof AwsServiceError && error.name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  };
}

/** What the answer says of each table's item. */
function answersIn(text: string, tables: readonly string[]): [table: string, Item | undefined | "unprocessed"][] {
  const answer = jsonObject(text);
  if (!answer) throw new UnusableAnswerError("not a JSON object");
  const { Responses: responses, UnprocessedKeys: unprocessed = {} } = answer;
  if (!isObject(responses) || !isObject(unprocessed)) throw new UnusableAnswerError("no answer to BatchGetItem");
  return tables.map((table) => {
    const found = responses[table];
    if (found !== undefined && !(Array.isArray(found) && found.length <= 1 && found.every(isObject))) {
      throw new UnusableAnswerError("an item that is not an object");
    }
    if (found?.[0] !== undefined) return [table, found[0]];
    return [table, Object.hasOwn(unprocessed, table) ? "unprocessed" : undefined];
  });
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException`, in the body. */
function errorCode({ text }: HttpAnswer): string | undefined {
  const type = jsonObject(text)?.__type;
  return typeof type === "string" ? type.slice(type.lastIndexOf("#") + 1) : undefined;
}

function jsonObject(text: string): Item | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
