import { type Backoff, backoffMs, pauseFor } from "../core/backoff";
import { ClientError, EXIT_CODES, InterruptedError, TransferError } from "../core/errors";
import { printable } from "../core/terminal";
import { networkFault } from "../network/network-fault";
import type { S3Address } from "./s3-client";

/** What the SDK's errors have in common; the fields are filled as far as the answer went. */
interface S3Error extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly Code?: string;
  readonly code?: string;
  readonly Region?: string;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

export function errorName(error: unknown): string {
  const { name, Code } = error as S3Error;
  // Whatever stands in the answer's XML.
  return String(Code ?? name ?? "");
}

function status(error: unknown): number | undefined {
  return (error as S3Error).$metadata?.httpStatusCode;
}

/** How far this machine's clock is ahead of S3's in seconds, where the answer that failed carried a date. */
export function clockAheadOf(error: unknown, now = Date.now()): number | undefined {
  const sent = Date.parse((error as S3Error).$response?.headers?.date ?? "");
  return Number.isNaN(sent) ? undefined : Math.round((now - sent) / 1000);
}

/** Whether the same request may succeed when it is sent again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ClientError || (error as Error)?.name === "AbortError") return false;
  const httpStatus = status(error);
  if (httpStatus !== undefined && httpStatus >= 400) return httpStatus >= 500 || httpStatus === 429;
  if (["RequestTimeout", "SlowDown", "BadDigest"].includes(errorName(error))) return true;
  // No status: the connection failed, or was cut in the middle of a body.
  const { code, name } = error as S3Error;
  return typeof code === "string" || name === "TimeoutError";
}

/** Attempts in a row after which a piece that is sent or fetched is given up. */
export const ATTEMPTS = 5;
const BACKOFF: Backoff = { firstMs: 500, spread: [1, 2] };

/** Waits before the next attempt at a piece. */
export function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  return pauseFor(backoffMs(BACKOFF, failures), signal);
}

const LONGEST_WORDS = 500;

interface KnownFault {
  readonly code: string;
  readonly says: string;
  /** The bucket and its region are the vending API's answer: no setting of this machine can make them right. */
  readonly remedy: (place: string | undefined, what: string) => string;
}

const WRONG_REGION: KnownFault = {
  code: "wrong_region",
  says: "the bucket is in another region",
  remedy: (place) => `Ask the platform team: the region is the one that the vending API names${elsewhere(place)}`,
};

/** Which sentence S3's error code becomes, and what to do; the rest is said with S3's own words. */
const KNOWN: ReadonlyMap<string, KnownFault> = new Map([
  [
    "AccessDenied",
    {
      code: "access_denied",
      says: "access denied",
      remedy: (_place, what) => {
        const ask =
          "sk the platform team whether the key's folder is this server's and the bucket has a policy of its own";
        return what.startsWith("to fetch")
          ? `There may be no such object: S3 does not tell those who may not list. If there is, a${ask}`
          : `A${ask}`;
      },
    },
  ],
  [
    "NoSuchBucket",
    {
      code: "no_such_bucket",
      says: "there is no such bucket",
      remedy: (place) => `Ask the platform team: the bucket is the one that the vending API names${elsewhere(place)}`,
    },
  ],
  ["PermanentRedirect", WRONG_REGION],
  ["AuthorizationHeaderMalformed", WRONG_REGION],
  [
    "RequestTimeTooSkewed",
    {
      code: "clock_skew",
      says: "this machine's clock is wrong",
      remedy: () => "Set the clock (chrony or systemd-timesyncd)",
    },
  ],
]);

function elsewhere(place: string | undefined): string {
  return place === undefined ? "" : `; or correct ${place}, which says where S3 is`;
}

/**
 * What a failed call of S3 is to the user.
 * @param what the operation and its object: "to store logs/a.txt".
 */
export function s3Fault(error: unknown, what: string, { url, place }: S3Address): ClientError {
  if (error instanceof ClientError) return error;
  const { name, message, $metadata } = error as S3Error;
  if (name === "AbortError") return new InterruptedError();
  const code = errorName(error);
  if (["NoSuchKey", "NotFound"].includes(code)) {
    return new TransferError(`S3 has nothing ${what.replace(/^to \w+/, "at")}`, "no_such_key", {
      cause: error,
      remedy: 'A key is whole and one object; "oidc-s3 list" shows them. For all below a folder: download --recursive',
    });
  }
  const known = KNOWN.get(code);
  if (known) {
    const remedy = clockRemedy(error, code) ?? known.remedy(place, what);
    // The clock is this machine's: nobody else has to change anything.
    const exitCode = known.code === "clock_skew" ? EXIT_CODES.local : EXIT_CODES.refused;
    return new ClientError(`S3 refused ${what}: ${known.says}`, known.code, exitCode, { cause: error, remedy });
  }
  if ($metadata?.httpStatusCode !== undefined) {
    const request = $metadata.requestId ? `, request ${shown($metadata.requestId)}` : "";
    const text = `S3 failed ${what}: ${shown(message)} (${shown(code)}, status ${$metadata.httpStatusCode}${request})`;
    return isTransient(error)
      ? new ClientError(text, "s3_unavailable", EXIT_CODES.unreachable, { cause: error, remedy: "Try again later" })
      : new TransferError(text, "s3_error", { cause: error });
  }
  if (isTransient(error)) return networkFault(error as NodeJS.ErrnoException, { host: new URL(url).host, place });
  return new TransferError(`failed ${what}: ${shown(message)}`, "transfer_failed", { cause: error });
}

/** S3's own words, or those of whatever answered in its place. */
function shown(words: unknown): string {
  return printable(String(words), LONGEST_WORDS);
}

function clockRemedy(error: unknown, code: string): string | undefined {
  const ahead = code === "RequestTimeTooSkewed" ? clockAheadOf(error) : undefined;
  if (ahead === undefined) return undefined;
  const by = `${Math.abs(ahead)} s ${ahead > 0 ? "ahead" : "behind"}`;
  return `The clock is ${by}: set it (chrony or systemd-timesyncd)`;
}
