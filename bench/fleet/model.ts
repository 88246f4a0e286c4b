import { backoffMs } from "../../client/core/backoff";
import { USED_SHARE_OF_LIFE } from "../../client/credentials/cache";
import { BETWEEN_RENEWALS, renewalMark } from "../../client/credentials/refresh-loop";
import { MIN_USABLE_SECONDS } from "../../client/credentials/renewal";
import { PATIENT } from "../../client/credentials/token-renewal";
import { ATTEMPTS, BETWEEN_ATTEMPTS } from "../../client/network/service-answer";
import type { Fleet } from "./fleet";
import { type Answer, CREDENTIALS_LIFE_MS, type Services } from "./services";

/**
 * A server with `credential-daemon`, as a few numbers, so that a hundred thousand fit into one simulation. It waits by the
 * client's own functions and figures; that it does the same things in the same order is what the comparison with
 * real ones shows.
 */
export class ModelServer {
  #tokenAt = Number.NEGATIVE_INFINITY;
  #expiresAt = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor(
    private readonly number: number,
    private readonly fleet: Fleet,
    private readonly services: Services,
  ) {}

  renew(): void {
    const { clock, options } = this.services;
    if (clock.now - this.#tokenAt < options.tokenLife * 1000 * USED_SHARE_OF_LIFE) this.#vend(false);
    else this.#renewToken();
  }

  #renewToken(): void {
    const { services } = this;
    this.#ask(
      () => services.token(),
      () => {
        this.#tokenAt = services.clock.now;
        this.#vend(true);
      },
    );
  }

  #vend(withNewToken: boolean): void {
    const { clock } = this.services;
    this.#ask(
      () => this.services.vend(this.#tokenAt),
      ({ status }) => {
        if (status !== 401) this.#take(clock.now + CREDENTIALS_LIFE_MS);
        else {
          this.#tokenAt = Number.NEGATIVE_INFINITY;
          if (withNewToken) this.#fail({});
          else this.#renewToken();
        }
      },
    );
  }

  /** One request, sent again as the client's `withRetries` does. */
  #ask(request: () => Answer, done: (answer: Answer) => void): void {
    const { clock } = this.services;
    const usable = this.#expiresAt - clock.now >= MIN_USABLE_SECONDS * 1000;
    const deadlineMs = usable ? 0 : PATIENT.deadlineMs;
    const began = clock.now;
    const attempt = (tried: number): void => {
      const answer = request();
      clock.after(answer.delay, () => {
        if (answer.status === 200 || answer.status === 401) return done(answer);
        const pause = retryAfterMs(answer) + backoffMs(BETWEEN_ATTEMPTS, tried);
        if (tried === ATTEMPTS || clock.now - began + pause > deadlineMs) this.#fail(answer);
        else clock.after(pause, () => attempt(tried + 1));
      });
    };
    attempt(1);
  }

  #take(expiresAt: number): void {
    const { clock } = this.services;
    this.#expiresAt = expiresAt;
    this.#failures = 0;
    this.fleet.renewed(this.number, clock.now, expiresAt);
    const life = expiresAt - clock.now;
    clock.after(life - renewalMark(life / 2000) * 1000, () => this.renew());
  }

  #fail(answer: Pick<Answer, "retryAfterSeconds">): void {
    this.fleet.failed(this.number);
    const wait = retryAfterMs(answer) + backoffMs(BETWEEN_RENEWALS, ++this.#failures);
    this.services.clock.after(wait, () => this.renew());
  }
}

function retryAfterMs({ retryAfterSeconds = 0 }: Pick<Answer, "retryAfterSeconds">): number {
  return retryAfterSeconds * 1000;
}
