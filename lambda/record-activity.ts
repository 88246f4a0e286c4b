import { ACTIVITY_INTERVAL_SECONDS } from "../access/client-activity";
import type { UpdateItem } from "./dynamodb";

/** Seconds until a note that failed is tried again: a table that is down or throttled is not hammered. */
const RETRY_SECONDS = 60;
/** Seconds until a note is tried again where another instance of the function made one, some time in the last hours. */
const RECHECK_SECONDS = 3600;
/** So many clients are remembered; of more, each may cost one refused write too many. */
const MOST_CLIENTS = 20_000;

/**
 * Notes that a client is given credentials now, and by which secret it says that it had its token. It returns at once, and
 * never throws.
 */
export type RecordActivity = (clientId: string, secretFingerprint?: string) => void;

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
 * Makes the function that notes in the client-activity table when a client was last seen, every six hours at most, and
 * at once when it says another secret than before: who rotates secrets waits for that.
 * Nobody waits for the write: it runs beside the request to STS, which takes longer. Lambda halts what is still under way
 * when the answer is out, until the next invocation; a write that is lost so is made at a later vending.
 */
export function createActivityRecorder(options: ActivityRecorderOptions): RecordActivity {
  const { updateItem, table, limitMs, failed, now = Date.now } = options;
  /** From when (seconds since 1970) a client is to be noted again, and what it said; who was noted first comes first. */
  const noted = new Map<string, { readonly due: number; readonly secretFingerprint: string | undefined }>();
  const remember = (clientId: string, due: number, secretFingerprint: string | undefined) => {
    noted.delete(clientId);
    noted.set(clientId, { due, secretFingerprint });
    const [oldest] = noted.keys();
    if (noted.size > MOST_CLIENTS && oldest !== undefined) noted.delete(oldest);
  };
  return (clientId, secretFingerprint) => {
    const seconds = Math.floor(now() / 1000);
    const last = noted.get(clientId);
    const saysTheSame = secretFingerprint === undefined || secretFingerprint === last?.secretFingerprint;
    if (last !== undefined && last.due > seconds && saysTheSame) return;
    remember(clientId, seconds + RETRY_SECONDS, secretFingerprint);
    const update = {
      TableName: table,
      Key: { client_id: { S: clientId } },
      ...updateOf(seconds, secretFingerprint),
    };
    updateItem(update, AbortSignal.timeout(limitMs)).then(
      (isWritten) =>
        remember(clientId, seconds + (isWritten ? ACTIVITY_INTERVAL_SECONDS : RECHECK_SECONDS), secretFingerprint),
      (error: unknown) => failed(clientId, error),
    );
  };
}

function updateOf(seconds: number, secretFingerprint: string | undefined) {
  const values = { ":now": { N: String(seconds) }, ":due": { N: String(seconds - ACTIVITY_INTERVAL_SECONDS) } };
  const isDue = "attribute_not_exists(last_seen) OR last_seen <= :due";
  if (secretFingerprint === undefined) {
    return {
      // What was said at another time is not what was said now.
      UpdateExpression: "SET last_seen = :now REMOVE secret_fingerprint",
      ConditionExpression: isDue,
      ExpressionAttributeValues: values,
    };
  }
  return {
    UpdateExpression: "SET last_seen = :now, secret_fingerprint = :secret",
    ConditionExpression: `${isDue} OR attribute_not_exists(secret_fingerprint) OR secret_fingerprint <> :secret`,
    ExpressionAttributeValues: { ...values, ":secret": { S: secretFingerprint } },
  };
}
