import { findJwkInJwks, type Jwks } from "aws-jwt-verify/jwk";
import { VendingError } from "./errors";
import { UnusableAnswerError } from "./http-request";

/**
 * Milliseconds between two fetches that a key id we do not know causes. It counts for all key ids together, since an
 * attacker can make up as many as they like, and for failed fetches too, which aws-jwt-verify's own cache repeats, twice
 * for every token.
 */
export const REFETCH_WAIT_MS = 30_000;

/** Milliseconds after a failed fetch before the next. Short, since nobody is served without keys. */
export const FAILED_FETCH_WAIT_MS = 2000;

/** Milliseconds after which known keys are fetched again, so that one withdrawn by Cognito is dropped. */
export const MAX_KEYS_AGE_MS = 3_600_000;

/** Milliseconds that keys are trusted while newer ones cannot be fetched: an outage is bridged, but not for ever. */
export const MAX_KEYS_TRUST_MS = 24 * 3_600_000;

interface Attempt {
  readonly at: number;
  readonly failure?: string;
}

/** The user pool's signing keys, fetched when first needed and kept while the function instance lives. */
export class PoolKeys {
  private keys: Jwks | undefined;
  /** When the fetch of the keys began: what Cognito published later, they do not show. */
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private lastAttempt: Attempt | undefined;
  private running: Promise<void> | undefined;

  /** @param now milliseconds. */
  constructor(
    private readonly fetchKeys: () => Promise<Jwks>,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * The pool's keys, for a token signed with this key id; fetched anew where the id is not among them and the wait is
   * over. The same object while the keys are the same.
   * @param issuedAt the token's `iat`. Unverified: a made-up one turns a 401 into a 503, and nothing else.
   * @throws {VendingError} keys_unavailable or key_newer where it cannot be known whether the pool has this key,
   * key_unknown where it does not.
   */
  async for(keyId: string, issuedAt: number): Promise<Jwks> {
    const known = this.has(keyId);
    if (known && this.now() - this.fetchedAt < MAX_KEYS_AGE_MS) return known;
    if (this.running || this.now() >= this.nextAttemptAt(known !== undefined)) await this.refresh();
    const keys = this.has(keyId);
    if (keys) return keys;
    const failure = this.lastAttempt?.failure;
    if (failure !== undefined)
      throw new VendingError("keys_unavailable", { detail: failure }, this.retryAfterSeconds());
    // Cognito may have begun to sign with a new key since the keys were fetched.
    if (issuedAt * 1000 > this.fetchedAt) throw new VendingError("key_newer", {}, this.retryAfterSeconds());
    throw new VendingError("key_unknown");
  }

  private has(keyId: string): Jwks | undefined {
    if (this.now() - this.fetchedAt >= MAX_KEYS_TRUST_MS) return undefined;
    return this.keys && findJwkInJwks(this.keys, keyId) ? this.keys : undefined;
  }

  private nextAttemptAt(known: boolean): number {
    if (!this.lastAttempt) return Number.NEGATIVE_INFINITY;
    const impatient = this.lastAttempt.failure !== undefined && !known;
    return this.lastAttempt.at + (impatient ? FAILED_FETCH_WAIT_MS : REFETCH_WAIT_MS);
  }

  private retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.nextAttemptAt(false) - this.now()) / 1000));
  }

  /** One fetch at a time, whoever asks. Keys that we have stay until there are new ones. */
  private refresh(): Promise<void> {
    const startedAt = this.now();
    this.running ??= this.fetchKeys()
      .then(
        (keys) => {
          this.keys = keys;
          this.fetchedAt = startedAt;
          this.lastAttempt = { at: this.now() };
        },
        (error: unknown) => {
          this.lastAttempt = { at: this.now(), failure: failureOf(error) };
        },
      )
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }
}

/** A word for the log; only our own error's message is known to hold nothing from elsewhere. */
function failureOf(error: unknown): string {
  if (error instanceof UnusableAnswerError) return error.message;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name);
}
