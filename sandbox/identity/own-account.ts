import type { Accounts } from "./accounts";
import type { ChallengeSessions } from "./challenge-sessions";
import type { Directory, DirectoryUser, Factor } from "./directory";
import type { PasswordChanges } from "./password-changes";
import type { RefreshTokens } from "./refresh-tokens";
import {
  codeMismatch,
  invalidParameter,
  invalidSession,
  type Json,
  object,
  optionalText,
  ServiceError,
  text,
} from "./service-error";
import type { Tokens } from "./tokens";
import { createTotpSecret, matchingStep } from "./totp";

export interface OwnAccountParts {
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly refreshTokens: RefreshTokens;
  readonly sessions: ChallengeSessions;
  readonly passwordChanges: PasswordChanges;
  readonly now: () => number;
}

const SETTINGS: Readonly<Record<string, Factor>> = {
  SoftwareTokenMfaSettings: "SOFTWARE_TOKEN_MFA",
  SMSMfaSettings: "SMS_MFA",
  EmailMfaSettings: "EMAIL_OTP",
};

/** What people may do with their own account, by an access token or in the middle of a sign-in. */
export class OwnAccount {
  constructor(private readonly parts: OwnAccountParts) {}

  async get(input: Json): Promise<Json> {
    const user = await this.owner(input);
    const { username, attributes } = user;
    return {
      Username: username,
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      ...this.factorsOf(user),
    };
  }

  factorsOf(user: DirectoryUser): Json {
    const { factors, preferred } = this.parts.accounts.of(user);
    return {
      ...(factors.size === 0 ? {} : { UserMFASettingList: [...factors] }),
      ...(preferred === undefined ? {} : { PreferredMfaSetting: preferred }),
    };
  }

  async changePassword(input: Json): Promise<Json> {
    return this.parts.passwordChanges.change(await this.owner(input), input);
  }

  async signOutEverywhere(input: Json): Promise<Json> {
    this.parts.refreshTokens.signOut(await this.owner(input));
    return {};
  }

  /** AssociateSoftwareToken: a secret for an authenticator app, which counts once it is verified. */
  async associate(input: Json): Promise<Json> {
    const secret = createTotpSecret();
    const session = optionalText(input, "Session");
    if (session === undefined) {
      const user = await this.owner(input);
      await this.requireFactor(user, "SOFTWARE_TOKEN_MFA");
      this.parts.accounts.of(user).newTotpSecret = secret;
      return { SecretCode: secret };
    }
    const signIn = this.parts.sessions.take(session);
    if (signIn.step.kind !== "set-up") throw invalidSession();
    await this.requireFactor(signIn.user, "SOFTWARE_TOKEN_MFA");
    const step = { kind: "set-up", secret, isVerified: false } as const;
    return { SecretCode: secret, Session: this.parts.sessions.open({ ...signIn, step }) };
  }

  /** VerifySoftwareToken: the first code of the app. */
  async verify(input: Json): Promise<Json> {
    const code = text(input, "UserCode");
    const session = optionalText(input, "Session");
    if (session === undefined) {
      const user = await this.owner(input);
      const account = this.parts.accounts.of(user);
      if (account.newTotpSecret === undefined) throw invalidParameter("No software token to verify");
      this.enrol(user, account.newTotpSecret, code, false);
      account.newTotpSecret = undefined;
      return { Status: "SUCCESS" };
    }
    const signIn = this.parts.sessions.take(session);
    const { user, step } = signIn;
    if (step.kind !== "set-up" || step.secret === undefined) throw invalidSession();
    try {
      this.enrol(user, step.secret, code, true);
    } catch (error) {
      this.parts.sessions.giveBack(session, signIn);
      throw error;
    }
    return {
      Status: "SUCCESS",
      Session: this.parts.sessions.open({ ...signIn, step: { ...step, isVerified: true } }),
    };
  }

  async prefer(input: Json): Promise<Json> {
    await this.setPreference(await this.owner(input), input);
    return {};
  }

  /** SetUserMFAPreference: which factors are on, and which is asked for. */
  async setPreference(user: DirectoryUser, input: Json): Promise<void> {
    const account = this.parts.accounts.of(user);
    const changes = Object.entries(SETTINGS).filter(([name]) => input[name] !== undefined && input[name] !== null);
    for (const [name, factor] of changes) {
      if (object(input, name).Enabled !== true) continue;
      await this.requireFactor(user, factor);
      if (factor === "SOFTWARE_TOKEN_MFA" && account.totpSecret === undefined) {
        throw invalidParameter("User has not verified software token mfa");
      }
      const attribute = factor === "SMS_MFA" ? "phone_number" : "email";
      if (factor !== "SOFTWARE_TOKEN_MFA" && user.attributes[attribute] === undefined) {
        throw invalidParameter(`User does not have ${attribute} attribute`);
      }
    }
    for (const [name, factor] of changes) {
      const { Enabled, PreferredMfa } = object(input, name);
      if (Enabled === true) account.factors.add(factor);
      else if (Enabled === false) account.factors.delete(factor);
      if (PreferredMfa === true && account.factors.has(factor)) account.preferred = factor;
      else if (account.preferred === factor) account.preferred = undefined;
    }
  }

  /** In a sign-in the app is on at once: nobody could switch it on otherwise. */
  private enrol(user: DirectoryUser, secret: string, code: string, isOn: boolean): void {
    const account = this.parts.accounts.of(user);
    const step = matchingStep(secret, code, this.parts.now());
    if (step === undefined) {
      throw isOn ? codeMismatch() : new ServiceError("EnableSoftwareTokenMFAException", "Code mismatch");
    }
    account.totpSecret = secret;
    account.totpStep = step;
    if (isOn) account.factors.add("SOFTWARE_TOKEN_MFA");
  }

  private async requireFactor(user: DirectoryUser, factor: Factor): Promise<void> {
    const pool = await this.parts.directory.pool(user.poolId);
    if (pool?.mfa !== "OFF" && pool?.factors.includes(factor)) return;
    const name = { SOFTWARE_TOKEN_MFA: "Software Token", SMS_MFA: "SMS", EMAIL_OTP: "Email" }[factor];
    const type = factor === "SOFTWARE_TOKEN_MFA" ? "SoftwareTokenMFANotFoundException" : "InvalidParameterException";
    throw new ServiceError(type, `${name} MFA has not been enabled by the userpool`);
  }

  private async owner(input: Json): Promise<DirectoryUser> {
    return (await this.parts.tokens.ownerOf(text(input, "AccessToken"))).user;
  }
}
