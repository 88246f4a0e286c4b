import type { Accounts } from "./accounts";
import type { CodeSender } from "./code-sender";
import type { Directory, DirectoryUser, UserPool } from "./directory";
import type { OwnAccount } from "./own-account";
import type { PasswordChanges } from "./password-changes";
import { checkPolicy, generatePassword } from "./passwords";
import type { RefreshTokens } from "./refresh-tokens";
import { type Json, optionalText, ServiceError, text } from "./service-error";

const DAY_MS = 86_400_000;

/** Carries a call out in the emulator's directory, with this input. */
export type Forward = (input: Json) => Promise<Json>;

export interface AdministrationParts {
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly ownAccount: OwnAccount;
  readonly passwordChanges: PasswordChanges;
  readonly refreshTokens: RefreshTokens;
  readonly codes: CodeSender;
  readonly now: () => number;
}

/**
 * What administrators do to users. The directory takes part in all of it; what it cannot keep, or must not know, like a
 * password, stays here.
 */
export class Administration {
  readonly calls: Readonly<Record<string, (input: Json, forward: Forward) => Promise<Json>>> = {
    AdminCreateUser: (input, forward) => this.create(input, forward),
    AdminSetUserPassword: (input, forward) => this.setPassword(input, forward),
    AdminResetUserPassword: (input, forward) => this.resetPassword(input, forward),
    AdminSetUserMFAPreference: (input) => this.setPreference(input),
    AdminUserGlobalSignOut: (input) => this.signOut(input),
    AdminDisableUser: (input, forward) => this.signOut(input, forward),
    AdminDeleteUser: (input, forward) => this.signOut(input, forward),
    AdminGetUser: (input, forward) => this.get(input, forward),
  };

  constructor(private readonly parts: AdministrationParts) {}

  private async create(input: Json, forward: Forward): Promise<Json> {
    const { TemporaryPassword: _, ...rest } = input;
    const pool = await this.pool(input);
    const password = optionalText(input, "TemporaryPassword") ?? generatePassword(pool.policy.minimumLength);
    checkPolicy(pool.policy, password);
    const isAgain = input.MessageAction === "RESEND";
    const before = isAgain ? await this.user(input) : undefined;
    if (before !== undefined && before.status !== "FORCE_CHANGE_PASSWORD") {
      const sentence = `Resend not possible. ${before.username} status is not FORCE_CHANGE_PASSWORD`;
      throw new ServiceError("UnsupportedUserStateException", sentence);
    }
    // The emulator would make a second user of the same name.
    const answer = before === undefined ? await forward(rest) : { User: userJson(before) };
    const user = before ?? (await this.user(input));
    const until = this.parts.now() + pool.policy.temporaryPasswordDays * DAY_MS;
    this.parts.accounts.setPassword(user, password, { until, history: 0 });
    if (input.MessageAction !== "SUPPRESS") this.invite(user, input, password);
    return answer;
  }

  private invite(user: DirectoryUser, { DesiredDeliveryMediums }: Json, password: string): void {
    const wanted = Array.isArray(DesiredDeliveryMediums) ? DesiredDeliveryMediums : ["SMS"];
    for (const attribute of ["email", "phone_number"] as const) {
      const isWanted = wanted.includes(attribute === "email" ? "EMAIL" : "SMS");
      if (isWanted && user.attributes[attribute] !== undefined) {
        this.parts.codes.deliver(user, attribute, "invitation", password);
      }
    }
  }

  private async setPassword(input: Json, forward: Forward): Promise<Json> {
    const pool = await this.pool(input);
    const password = text(input, "Password");
    checkPolicy(pool.policy, password);
    const user = await this.user(input);
    // The directory gets another one: it only has to know that there is one.
    const answer = await forward({ ...input, Password: generatePassword(pool.policy.minimumLength) });
    const until = this.parts.now() + pool.policy.temporaryPasswordDays * DAY_MS;
    const { historySize: history } = pool.policy;
    this.parts.accounts.setPassword(user, password, input.Permanent === true ? { history } : { until, history });
    return answer;
  }

  private async resetPassword(input: Json, forward: Forward): Promise<Json> {
    const user = await this.user(input);
    const answer = await forward(input);
    await this.parts.passwordChanges.sendCode(user);
    return answer;
  }

  private async setPreference(input: Json): Promise<Json> {
    await this.parts.ownAccount.setPreference(await this.user(input), input);
    return {};
  }

  /** Ends all that the user has signed in to, after the directory has done its part. */
  private async signOut(input: Json, forward?: Forward): Promise<Json> {
    const user = await this.user(input);
    const answer = (await forward?.(input)) ?? {};
    this.parts.refreshTokens.signOut(user);
    return answer;
  }

  /** The directory knows nothing of the second factors that have been set up. */
  private async get(input: Json, forward: Forward): Promise<Json> {
    const { UserMFASettingList: _, PreferredMfaSetting: __, ...answer } = await forward(input);
    return { ...answer, ...this.parts.ownAccount.factorsOf(await this.user(input)) };
  }

  private async pool(input: Json): Promise<UserPool> {
    const id = text(input, "UserPoolId");
    const pool = await this.parts.directory.pool(id);
    if (pool === undefined) throw new ServiceError("ResourceNotFoundException", `User pool ${id} does not exist.`);
    return pool;
  }

  private async user(input: Json): Promise<DirectoryUser> {
    const user = await this.parts.directory.user(text(input, "UserPoolId"), text(input, "Username"));
    if (user === undefined) throw new ServiceError("UserNotFoundException", "User does not exist.");
    return user;
  }
}

function userJson({ username, attributes, enabled, status }: DirectoryUser): Json {
  const Attributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  return { Username: username, Attributes, Enabled: enabled, UserStatus: status };
}
