import { ACTIVITY_INTERVAL_SECONDS } from "../access/client-activity";
import type { UpdateItem } from "./dynamodb";

/** Seconds until a note that failed is tried again: a table that is down or throttled is not hammered. */
const RETRY_SECONDS = 60;
/** Seconds until a note is tried again where another instance of the function made one, some time in the last hours. */
const RECHECK_SECONDS = 3600;
/** So many clients are remembered; of more, each may cost one refused write too many. */
const MOST_CLIENTS = 20_000;

/** Notes that a client is given credentials now. It returns at once, and never throws. */
export type RecordActivity = (clientId: string) => void;

export interface ActivityRecorderOptions {
  readonly updateItem: UpdateItem;
  readonly table: string;
  /** Milliseconds after which a write is given up. */
  readonly limitMs: number;
  /** Called with what kept a client's activity from being written. */
  readonly failed: (clientId: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Makes the function that notes in the client-activity table when a client was last seen, every six hours at most.
 * Nobody waits for the write: it runs beside the request to STS, which takes longer. Lambda halts what is still under way
 * when the answer is out, until the next invocation; a write that is lost so is made at a later vending.
 */
export function createActivityRecorder(options: ActivityRecorderOptions): RecordActivity {
  const { updateItem, table, limitMs, failed, now = Date.now } = options;
  /** Seconds since 1970 from when a client is to be noted again; who was noted first comes first. */
  const due = new Map<string, number>();
  const remember = (clientId: string, seconds: number) => {
    due.delete(clientId);
    due.set(clientId, seconds);
    const [oldest] = due.keys();
    if (due.size > MOST_CLIENTS && oldest !== undefined) due.delete(oldest);
  };
  return (clientId) => {
    const seconds = Math.floor(now() / 1000);
    if ((due.get(clientId) ?? 0) > seconds) return;
    remember(clientId, seconds + RETRY_SECONDS);
    const update = {
      TableName: table,
      Key: { client_id: { S: clientId } },
      UpdateExpression: "SET last_seen = :now",
      ConditionExpression: "attribute_not_exists(last_seen) OR last_seen <= :due",
      ExpressionAttributeValues: {
        ":now": { N: String(seconds) },
        ":due": { N: String(seconds - ACTIVITY_INTERVAL_SECONDS) },
      },
    };
    updateItem(update, AbortSignal.timeout(limitMs)).then(
      (isWritten) => remember(clientId, seconds + (isWritten ? ACTIVITY_INTERVAL_SECONDS : RECHECK_SECONDS)),
      (error: unknown) => failed(clientId, error),
    );
  };
}
