import { createHmac } from "node:crypto";
import type { Accounts, SentCode } from "./accounts";
import { type CodeSender, type Delivery, randomDigits } from "./code-sender";
import type { Directory, DirectoryUser, PoolClient, UserPool } from "./directory";
import { maskedAddress } from "./outbox";
import { checkPolicy } from "./passwords";
import { checkSecretHash } from "./secret-hash";
import { incorrect, invalidParameter, type Json, notAuthorized, ServiceError, text } from "./service-error";

const CODE_LIFE_MS = 60 * 60_000;
const MOST_WRONG_CODES = 5;

/** How people replace a password: by the one before, or by a code that is sent to them. */
export class PasswordChanges {
  private readonly pretended = new Map<string, SentCode>();

  constructor(
    private readonly directory: Directory,
    private readonly accounts: Accounts,
    private readonly codes: CodeSender,
    private readonly now: () => number,
  ) {}

  /** Sets a password for good. @throws {ServiceError} where the pool's policy or the user's history refuses it. */
  async choose(user: DirectoryUser, password: string): Promise<void> {
    const { policy } = await this.poolOf(user);
    checkPolicy(policy, password);
    if (this.accounts.wasPassword(user, password, policy.historySize)) {
      // AWS documents the error's name, and not its sentence.
      throw new ServiceError("PasswordHistoryPolicyViolationException", "Password has been used before");
    }
    this.accounts.setPassword(user, password, { history: policy.historySize });
    if (user.status !== "CONFIRMED") await this.directory.confirm(user);
  }

  /** ChangePassword, by somebody who has signed in. */
  async change(user: DirectoryUser, input: Json): Promise<Json> {
    const proposed = text(input, "ProposedPassword");
    if (!this.accounts.isPassword(user, text(input, "PreviousPassword"))) throw incorrect();
    await this.choose(user, proposed);
    return {};
  }

  /** ForgotPassword: answers the same for a name that nobody has, where the client hides who there is. */
  async forgot(input: Json, client: PoolClient): Promise<Json> {
    const name = text(input, "Username");
    checkSecretHash(client, input, name);
    const user = await this.directory.user(client.poolId, name);
    if (user === undefined && !client.hidesUserExistence) throw userNotFound();
    const attribute = user === undefined ? undefined : await this.recoveryOf(user);
    if (user === undefined || (client.hidesUserExistence && (!user.enabled || attribute === undefined))) {
      return this.pretendToSend(client, name);
    }
    if (!user.enabled) throw notAuthorized("User is disabled.");
    if (user.status !== "CONFIRMED" && user.status !== "RESET_REQUIRED") {
      throw notAuthorized("User password cannot be reset in the current state.");
    }
    return { CodeDeliveryDetails: details(await this.sendCode(user)) };
  }

  /** Sends the code that a new password is set with. @throws {ServiceError} where there is no verified address. */
  async sendCode(user: DirectoryUser): Promise<Delivery> {
    const attribute = await this.recoveryOf(user);
    if (attribute === undefined) {
      throw invalidParameter(
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
      );
    }
    const code = randomDigits(6);
    this.accounts.of(user).resetCode = { code, until: this.now() + CODE_LIFE_MS, wrongAttempts: 0 };
    return this.codes.deliver(user, attribute, "reset code", code);
  }

  /** ConfirmForgotPassword. */
  async confirm(input: Json, client: PoolClient): Promise<Json> {
    const name = text(input, "Username");
    const code = text(input, "ConfirmationCode");
    const password = text(input, "Password");
    checkSecretHash(client, input, name);
    const user = await this.directory.user(client.poolId, name);
    if (user === undefined && !client.hidesUserExistence) throw userNotFound();
    const sent = user === undefined ? this.pretended.get(`${client.poolId}/${name}`) : this.accounts.of(user).resetCode;
    if (sent !== undefined && sent.wrongAttempts >= MOST_WRONG_CODES) {
      throw new ServiceError("LimitExceededException", "Attempt limit exceeded, please try after some time.");
    }
    if (sent === undefined || sent.until <= this.now()) throw expiredCode();
    if (user === undefined || sent.code !== code) {
      sent.wrongAttempts += 1;
      throw new ServiceError("CodeMismatchException", "Invalid verification code provided, please try again.");
    }
    await this.choose(user, password);
    this.accounts.of(user).resetCode = undefined;
    return {};
  }

  /** Answers as if a code had been sent, and later as if it were mistyped. */
  private pretendToSend(client: PoolClient, name: string): Json {
    const until = this.now() + CODE_LIFE_MS;
    this.pretended.set(`${client.poolId}/${name}`, { code: randomDigits(6), until, wrongAttempts: 0 });
    const letter = createHmac("sha256", client.poolId)
      .update(name)
      .digest("hex")
      .replace(/[^a-f]/g, "");
    const address = name.includes("@") ? name : `${letter[0] ?? "a"}@${letter[1] ?? "b"}`;
    return {
      CodeDeliveryDetails: {
        Destination: maskedAddress("EMAIL", address),
        DeliveryMedium: "EMAIL",
        AttributeName: "email",
      },
    };
  }

  private async recoveryOf(user: DirectoryUser): Promise<Delivery["attribute"] | undefined> {
    const { recovery } = await this.poolOf(user);
    return recovery
      .map((way) => (way === "verified_email" ? "email" : way === "verified_phone_number" ? "phone_number" : undefined))
      .find((attribute) => attribute !== undefined && user.attributes[`${attribute}_verified`] === "true");
  }

  private async poolOf({ poolId }: DirectoryUser): Promise<UserPool> {
    const pool = await this.directory.pool(poolId);
    if (pool === undefined) throw new ServiceError("ResourceNotFoundException", `User pool ${poolId} does not exist.`);
    return pool;
  }
}

export function details({ medium, destination, attribute }: Delivery): Json {
  return { Destination: destination, DeliveryMedium: medium, AttributeName: attribute };
}

function userNotFound(): ServiceError {
  return new ServiceError("UserNotFoundException", "Username/client id combination not found.");
}

function expiredCode(): ServiceError {
  return new ServiceError("ExpiredCodeException", "Invalid code provided, please request a code again.");
}
