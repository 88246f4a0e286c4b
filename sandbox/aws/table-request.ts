import type { AccessRequest } from "../../iam/evaluate";

/** The attribute that a table, or an index of it, is partitioned by; undefined where there is none of that name. */
export type PartitionKeyOf = (table: string, index: string | undefined) => Promise<string | undefined>;

export interface TableCall {
  readonly region: string;
  readonly accountId: string;
  readonly operation: string;
  readonly body: string;
}

type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a call asks of one table. */
interface Part {
  readonly TableName?: unknown;
  readonly IndexName?: unknown;
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly KeyConditionExpression?: string;
  readonly KeyConditions?: Readonly<Record<string, { readonly AttributeValueList?: Attributes[string][] }>>;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
}

interface Question {
  readonly action: string;
  readonly table: string;
  readonly index?: string;
  readonly parts: readonly Part[];
}

/**
 * What DynamoDB would ask IAM about a call, with the partition keys of the rows that it reaches
 * (`dynamodb:LeadingKeys`); of a call that reaches rows by no key, like Scan, there are none. Undefined for a call that
 * names no table here, which must then be refused.
 */
export async function tableAccessRequests(
  { region, accountId, operation, body }: TableCall,
  partitionKeyOf: PartitionKeyOf,
): Promise<AccessRequest[] | undefined> {
  const questions = questionsOf(operation, body);
  if (questions === undefined || questions.length === 0) return undefined;
  const requests: AccessRequest[] = [];
  for (const { action, table, index, parts } of questions) {
    const name = parts.some(reachesByKey) ? await partitionKeyOf(table, index) : undefined;
    const keys = name === undefined ? [] : parts.flatMap((part) => leadingKeys(part, name));
    const place = index === undefined ? table : `${table}/index/${index}`;
    requests.push({
      action: `dynamodb:${action}`,
      resource: `arn:aws:dynamodb:${region}:${accountId}:table/${place}`,
      context: keys.length === 0 ? {} : { "dynamodb:LeadingKeys": [...new Set(keys)] },
    });
  }
  return requests;
}

/** The item of a transaction, and the action that it needs. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  ...{ Get: "GetItem", Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem" },
  ConditionCheck: "ConditionCheckItem",
};

function questionsOf(operation: string, body: string): Question[] | undefined {
  const input = parse(body);
  if (input === undefined) return undefined;
  if (typeof input.TableName === "string") return [question(operation, input as Part)];
  if (operation === "BatchGetItem" || operation === "BatchWriteItem") {
    return Object.entries(Object(input.RequestItems)).map(([table, asked]) => ({
      action: operation,
      table: tableName(table),
      parts: batchParts(asked),
    }));
  }
  if (operation !== "TransactGetItems" && operation !== "TransactWriteItems") return undefined;
  const items = Array.isArray(input.TransactItems) ? input.TransactItems : [];
  const entries = items.flatMap((item) => Object.entries(Object(item) as Record<string, Part>));
  if (entries.some(([kind, part]) => !(kind in TRANSACTION_ACTIONS) || typeof part?.TableName !== "string")) {
    return undefined;
  }
  return entries.map(([kind, part]) => question(TRANSACTION_ACTIONS[kind] as string, part));
}

function question(action: string, part: Part): Question {
  const index = typeof part.IndexName === "string" ? { index: part.IndexName } : {};
  return { action, table: tableName(String(part.TableName)), ...index, parts: [part] };
}

function batchParts(asked: unknown): Part[] {
  if (!Array.isArray(asked)) return (Object(asked).Keys ?? []).map((Key: Attributes) => ({ Key }));
  return asked.map((write) => ({ Key: write?.DeleteRequest?.Key, Item: write?.PutRequest?.Item }));
}

function reachesByKey({ Key, Item, KeyConditionExpression, KeyConditions }: Part): boolean {
  return [Key, Item, KeyConditionExpression, KeyConditions].some((each) => each !== undefined);
}

function leadingKeys(part: Part, name: string): string[] {
  const { KeyConditionExpression: condition = "", KeyConditions: conditions = {} } = part;
  const names = part.ExpressionAttributeNames ?? {};
  const compared = [...condition.matchAll(/([#\w.-]+)\s*(?<![<>])=\s*(:\w+)/g)]
    .filter(([, left = ""]) => (names[left] ?? left) === name)
    .map(([, , right = ""]) => part.ExpressionAttributeValues?.[right]);
  const values = [part.Key?.[name], part.Item?.[name], ...compared, ...(conditions[name]?.AttributeValueList ?? [])];
  return values.flatMap((value) => (value === undefined ? [] : [String(Object.values(value)[0])]));
}

function tableName(nameOrArn: string): string {
  return nameOrArn.replace(/^.*:table\//, "");
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const input: unknown = JSON.parse(body);
    return typeof input === "object" && input !== null ? (input as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
