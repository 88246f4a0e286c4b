import { randomBytes } from "node:crypto";
import type { DirectoryUser, Factor, PoolClient } from "./directory";
import { invalidSession, type Json } from "./service-error";

/** What is answered when somebody has proved all that was asked: tokens, or the way back from the login page. */
export type Finish = (client: PoolClient, user: DirectoryUser, startedAt: number) => Promise<Json>;

/** How far a sign-in has come. */
export type Step =
  | { readonly kind: "new-password" }
  | { readonly kind: "code"; readonly factor: Factor; readonly sent: string | undefined; wrongAttempts: number }
  | { readonly kind: "select-factor"; readonly factors: readonly Factor[] }
  /** `isVerified`: the authenticator app has been set up in this sign-in. */
  | { readonly kind: "set-up"; readonly secret: string | undefined; readonly isVerified: boolean };

export interface SignIn {
  readonly client: PoolClient;
  readonly user: DirectoryUser;
  readonly step: Step;
  readonly finish: Finish;
  /** Milliseconds since 1970: when the password was proved. */
  readonly startedAt: number;
}

/** Keeps sign-ins under strings that nobody guesses. A string works once and for a few minutes. */
export class ChallengeSessions {
  private readonly pending = new Map<string, { readonly signIn: SignIn; readonly until: number }>();

  constructor(private readonly now: () => number) {}

  open(signIn: SignIn): string {
    for (const [key, { until }] of this.pending) if (until <= this.now()) this.pending.delete(key);
    const session = `AYAB${randomBytes(192).toString("base64url")}`;
    this.pending.set(session, { signIn, until: this.now() + signIn.client.challengeSeconds * 1000 });
    return session;
  }

  /** @throws {ServiceError} where it is unknown, used or too old. */
  take(session: string): SignIn {
    const found = this.pending.get(session);
    this.pending.delete(session);
    if (found === undefined) throw invalidSession();
    if (found.until <= this.now()) throw invalidSession();
    return found.signIn;
  }

  /** Lets a mistyped code be typed again, by the same string and no longer than before. */
  giveBack(session: string, signIn: SignIn): void {
    this.pending.set(session, { signIn, until: signIn.startedAt + signIn.client.challengeSeconds * 1000 });
  }
}
