import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS } from "../../access/client-role";
import { UsageError } from "../core/errors";

/** Reads the value of `--duration`: seconds that credentials live at most. */
export function parseDuration(value: string): number {
  const seconds = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (seconds >= MIN_SESSION_SECONDS && seconds <= MAX_SESSION_SECONDS) return seconds;
  throw new UsageError(
    `--duration: ${JSON.stringify(value)} is not a number of seconds from ${MIN_SESSION_SECONDS} to ${MAX_SESSION_SECONDS}`,
    { remedy: "AWS caps the credentials of a chained role at one hour" },
  );
}
