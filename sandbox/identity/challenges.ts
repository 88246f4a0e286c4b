import type { Accounts } from "./accounts";
import type { ChallengeSessions, Finish, SignIn, Step } from "./challenge-sessions";
import type { CodeSender } from "./code-sender";
import type { Directory, DirectoryUser, Factor, PoolClient } from "./directory";
import type { PasswordChanges } from "./password-changes";
import {
  codeMismatch,
  invalidParameter,
  invalidSession,
  type Json,
  notAuthorized,
  ServiceError,
  text,
} from "./service-error";
import { matchingStep } from "./totp";

const CODE_NAMES: Readonly<Record<Factor, string>> = {
  SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE",
  SMS_MFA: "SMS_MFA_CODE",
  EMAIL_OTP: "EMAIL_OTP_CODE",
};
const MOST_WRONG_CODES = 5;

export interface ChallengeParts {
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly sessions: ChallengeSessions;
  readonly passwordChanges: PasswordChanges;
  readonly codes: CodeSender;
  readonly now: () => number;
}

/** What is asked of somebody whose password is right, and what comes of the answers. */
export class Challenges {
  constructor(private readonly parts: ChallengeParts) {}

  async afterPassword(client: PoolClient, user: DirectoryUser, finish: Finish): Promise<Json> {
    if (!user.enabled) throw notAuthorized("User is disabled.");
    const startedAt = this.parts.now();
    switch (user.status) {
      case "RESET_REQUIRED":
        throw new ServiceError("PasswordResetRequiredException", "Password reset required for the user");
      case "UNCONFIRMED":
        throw new ServiceError("UserNotConfirmedException", "User is not confirmed.");
      case "FORCE_CHANGE_PASSWORD": {
        const { temporaryUntil = 0 } = this.parts.accounts.of(user);
        if (temporaryUntil <= startedAt) {
          throw notAuthorized("Temporary password has expired and must be reset by an administrator.");
        }
        const { sub: _, ...attributes } = user.attributes;
        const parameters = { requiredAttributes: "[]", userAttributes: JSON.stringify(attributes) };
        return this.ask("NEW_PASSWORD_REQUIRED", parameters, {
          ...{ client, user, finish, startedAt },
          step: { kind: "new-password" },
        });
      }
      default:
        return this.secondFactor({ client, user, finish, startedAt });
    }
  }

  /** RespondToAuthChallenge, but for the password's own proof. */
  async respond(challenge: string, session: string, responses: Json, client: PoolClient): Promise<Json> {
    const signIn = this.parts.sessions.take(session);
    const { user, step } = signIn;
    const name = text(responses, "USERNAME");
    const names = [user.username, user.attributes.email, user.attributes.phone_number];
    if (signIn.client.clientId !== client.clientId || !names.includes(name)) throw invalidSession();
    if (challenge !== challengeName(step)) throw invalidSession();
    // An account may have changed since the password was proved.
    const current = await this.parts.directory.user(user.poolId, user.username);
    if (current?.sub !== user.sub) throw invalidSession();
    if (!current.enabled) throw notAuthorized("User is disabled.");
    switch (step.kind) {
      case "new-password":
        return this.newPassword(session, signIn, text(responses, "NEW_PASSWORD"));
      case "code":
        return this.code(session, signIn, step, text(responses, CODE_NAMES[step.factor]));
      case "select-factor": {
        const chosen = step.factors.find((factor) => factor === responses.ANSWER);
        if (chosen === undefined) throw invalidParameter("Invalid MFA type");
        return this.askForCode(signIn, chosen);
      }
      case "set-up":
        if (!step.isVerified) throw notAuthorized("MFA is not set up for the user.");
        return signIn.finish(signIn.client, user, signIn.startedAt);
    }
  }

  private async newPassword(session: string, signIn: SignIn, password: string): Promise<Json> {
    const { client, user, finish, startedAt } = signIn;
    try {
      await this.parts.passwordChanges.choose(user, password);
    } catch (error) {
      if (error instanceof ServiceError) this.parts.sessions.giveBack(session, signIn);
      throw error;
    }
    return this.secondFactor({ client, user: { ...user, status: "CONFIRMED" }, finish, startedAt });
  }

  private async code(session: string, signIn: SignIn, step: Step & { kind: "code" }, code: string): Promise<Json> {
    const { client, user, finish, startedAt } = signIn;
    if (!this.isCode(user, step, code)) {
      step.wrongAttempts += 1;
      if (step.wrongAttempts < MOST_WRONG_CODES) this.parts.sessions.giveBack(session, signIn);
      throw codeMismatch();
    }
    return finish(client, user, startedAt);
  }

  private isCode(user: DirectoryUser, step: Step & { kind: "code" }, code: string): boolean {
    if (step.factor !== "SOFTWARE_TOKEN_MFA") return step.sent === code;
    const account = this.parts.accounts.of(user);
    const { totpSecret } = account;
    const matching =
      totpSecret === undefined ? undefined : matchingStep(totpSecret, code, this.parts.now(), account.totpStep);
    if (matching === undefined) return false;
    account.totpStep = matching;
    return true;
  }

  private async secondFactor(signIn: Omit<SignIn, "step">): Promise<Json> {
    const { client, user, finish, startedAt } = signIn;
    const pool = await this.parts.directory.pool(user.poolId);
    if (pool === undefined || pool.mfa === "OFF") return finish(client, user, startedAt);
    const account = this.parts.accounts.of(user);
    const chosen = pool.factors.filter((factor) => account.factors.has(factor));
    // Where a second factor is required, an address that is known will do until something better is set up.
    const implied = pool.mfa === "ON" ? pool.factors.filter((factor) => this.parts.codes.reaches(user, factor)) : [];
    const factors = chosen.length > 0 ? chosen : implied;
    const [first] = factors;
    if (first !== undefined) {
      const preferred = factors.length === 1 ? first : factors.find((factor) => factor === account.preferred);
      if (preferred !== undefined) return this.askForCode(signIn, preferred);
      return this.ask(
        "SELECT_MFA_TYPE",
        { MFAS_CAN_CHOOSE: JSON.stringify(factors) },
        {
          ...signIn,
          step: { kind: "select-factor", factors },
        },
      );
    }
    if (pool.mfa === "OPTIONAL") return finish(client, user, startedAt);
    return this.ask(
      "MFA_SETUP",
      { MFAS_CAN_SETUP: JSON.stringify(pool.factors) },
      {
        ...signIn,
        step: { kind: "set-up", secret: undefined, isVerified: false },
      },
    );
  }

  private askForCode(signIn: Omit<SignIn, "step">, factor: Factor): Json {
    const delivery = factor === "SOFTWARE_TOKEN_MFA" ? undefined : this.parts.codes.send(signIn.user, factor);
    const parameters =
      delivery === undefined
        ? {}
        : { CODE_DELIVERY_DELIVERY_MEDIUM: delivery.medium, CODE_DELIVERY_DESTINATION: delivery.destination };
    const step = { kind: "code", factor, sent: delivery?.code, wrongAttempts: 0 } as const;
    return this.ask(factor, parameters, { ...signIn, step });
  }

  private ask(ChallengeName: string, parameters: Json, signIn: SignIn): Json {
    return {
      ChallengeName,
      Session: this.parts.sessions.open(signIn),
      ChallengeParameters: { USER_ID_FOR_SRP: signIn.user.username, ...parameters },
    };
  }
}

function challengeName(step: Step): string {
  switch (step.kind) {
    case "new-password":
      return "NEW_PASSWORD_REQUIRED";
    case "code":
      return step.factor;
    case "select-factor":
      return "SELECT_MFA_TYPE";
    case "set-up":
      return "MFA_SETUP";
  }
}
