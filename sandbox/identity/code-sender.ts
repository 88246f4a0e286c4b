import { randomInt } from "node:crypto";
import type { DirectoryUser, Factor } from "./directory";
import { type Message, maskedAddress, type Outbox } from "./outbox";
import { invalidParameter } from "./service-error";

export interface Delivery {
  readonly medium: Message["medium"];
  /** Masked. */
  readonly destination: string;
  readonly attribute: "email" | "phone_number";
  readonly code: string;
}

/** Sends codes to the addresses of users, as far as the outbox. */
export class CodeSender {
  constructor(
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {}

  /** Whether a code can be sent to the user for this factor. */
  reaches({ attributes }: DirectoryUser, factor: Factor): boolean {
    if (factor === "EMAIL_OTP") return attributes.email !== undefined && attributes.email_verified === "true";
    return factor === "SMS_MFA" && attributes.phone_number !== undefined;
  }

  /** @throws {ServiceError} where the user has no such address. */
  send(user: DirectoryUser, factor: Exclude<Factor, "SOFTWARE_TOKEN_MFA">): Delivery {
    if (!this.reaches(user, factor)) throw invalidParameter(`The user has no address for ${factor}`);
    return this.deliver(user, factor === "EMAIL_OTP" ? "email" : "phone_number", "sign-in code", sixOrEight(factor));
  }

  deliver(user: DirectoryUser, attribute: Delivery["attribute"], about: Message["about"], code: string): Delivery {
    const medium = attribute === "email" ? "EMAIL" : "SMS";
    const to = user.attributes[attribute] ?? "";
    const { poolId, username } = user;
    this.outbox.send({ medium, to, about, poolId, username, secret: code, sentAt: new Date(this.now()).toISOString() });
    return { medium, destination: maskedAddress(medium, to), attribute, code };
  }
}

/** Codes by mail have eight digits, all others six. */
function sixOrEight(factor: Factor): string {
  return factor === "EMAIL_OTP" ? randomDigits(8) : randomDigits(6);
}

export function randomDigits(count: number): string {
  return String(randomInt(10 ** count)).padStart(count, "0");
}
