import type { VirtualClock } from "./virtual-clock";

/** A quota as AWS has them: so many at once, and so many more each second. */
export class TokenBucket {
  #left: number;
  #filledAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly clock: VirtualClock,
  ) {
    this.#left = burst;
    this.#filledAt = clock.now;
  }

  take(): boolean {
    const { now } = this.clock;
    this.#left = Math.min(this.burst, this.#left + ((now - this.#filledAt) / 1000) * this.perSecond);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** From the first moment to the last, in milliseconds from the simulation's start. */
export interface Outage {
  readonly of: "token endpoint" | "vending API" | "network";
  readonly from: number;
  readonly to: number;
}

export interface ServicesOptions {
  /** Seconds that an access token lives. */
  readonly tokenLife: number;
  /** Requests a second that the API's stage lets through, and at once. */
  readonly rateLimit: number;
  readonly burstLimit: number;
  readonly outages?: readonly Outage[];
  /** When all tokens so far become invalid, in milliseconds from the start. */
  readonly rotation?: number | undefined;
}

/** How a service answers a request, `refused` being a connection that is not accepted. */
export interface Answer {
  readonly status: 200 | 401 | 429 | 503 | "refused";
  readonly retryAfterSeconds?: number;
  /** Milliseconds until it is there. */
  readonly delay: number;
}

/** AWS: 150 client credentials grants a second, of all pools of an account and region; not adjustable. */
const TOKENS_PER_SECOND = 150;
/** AWS: 600 AssumeRole a second, of an account and region. */
const ROLES_PER_SECOND = 600;
/** Milliseconds. Assumed, since they depend on where a server stands; of the order that AWS's services answer in. */
const DELAY = { token: 100, vended: 150, throttled: 20, unavailable: 1_000, refused: 50 } as const;
/** As the vending function asks for in its answers. */
const RETRY_AFTER = { throttled: 2, unavailable: 5 } as const;
export const CREDENTIALS_LIFE_MS = 3_600_000;

/** The token endpoint and the vending API, with the quotas that stand before them, and what was asked of them. */
export class Services {
  readonly start: number;
  readonly #tokens: TokenBucket;
  readonly #gateway: TokenBucket;
  readonly #roles: TokenBucket;
  /** Answers with a token: each is billed. */
  tokensIssued = 0;
  vended = 0;
  throttled = 0;
  /** Requests to the vending API in each second from the start. */
  readonly vendingRequests: number[] = [];

  constructor(
    readonly clock: VirtualClock,
    readonly options: ServicesOptions,
  ) {
    this.start = clock.now;
    this.#tokens = new TokenBucket(TOKENS_PER_SECOND, TOKENS_PER_SECOND, clock);
    this.#gateway = new TokenBucket(options.rateLimit, options.burstLimit, clock);
    this.#roles = new TokenBucket(ROLES_PER_SECOND, ROLES_PER_SECOND, clock);
  }

  token(): Answer {
    if (this.#isDown("network")) return { status: "refused", delay: DELAY.refused };
    if (this.#isDown("token endpoint")) return { status: 503, delay: DELAY.unavailable };
    if (!this.#tokens.take()) return this.#throttle({ status: 429, delay: DELAY.throttled });
    this.tokensIssued++;
    return { status: 200, delay: DELAY.token };
  }

  /** @param issuedAt of the access token, epoch milliseconds. */
  vend(issuedAt: number): Answer {
    if (this.#isDown("network")) return { status: "refused", delay: DELAY.refused };
    const second = Math.floor((this.clock.now - this.start) / 1000);
    this.vendingRequests[second] = (this.vendingRequests[second] ?? 0) + 1;
    if (!this.#gateway.take()) return this.#throttle({ status: 429, delay: DELAY.throttled });
    const { tokenLife, rotation = Number.POSITIVE_INFINITY } = this.options;
    const rotatedAt = this.start + rotation;
    const invalid =
      issuedAt + tokenLife * 1000 <= this.clock.now || (this.clock.now >= rotatedAt && issuedAt < rotatedAt);
    if (invalid) return { status: 401, delay: DELAY.throttled };
    if (this.#isDown("vending API"))
      return { status: 503, retryAfterSeconds: RETRY_AFTER.unavailable, delay: DELAY.unavailable };
    if (!this.#roles.take())
      return this.#throttle({ status: 429, retryAfterSeconds: RETRY_AFTER.throttled, delay: DELAY.vended });
    this.vended++;
    return { status: 200, delay: DELAY.vended };
  }

  #throttle(answer: Answer): Answer {
    this.throttled++;
    return answer;
  }

  #isDown(what: Outage["of"]): boolean {
    const at = this.clock.now - this.start;
    return (this.options.outages ?? []).some(({ of, from, to }) => of === what && from <= at && at < to);
  }
}
