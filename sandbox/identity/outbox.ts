import { appendFileSync } from "node:fs";

/** A mail or text message that Cognito would have sent. */
export interface Message {
  readonly medium: "EMAIL" | "SMS";
  readonly to: string;
  readonly about: "invitation" | "sign-in code" | "reset code";
  readonly poolId: string;
  readonly username: string;
  /** The temporary password, or the code. */
  readonly secret: string;
  /** ISO 8601. */
  readonly sentAt: string;
}

/** Where the sandbox's mails and text messages end: in memory, and in a file that only this user can read. */
export class Outbox {
  private readonly sent: Message[] = [];

  constructor(readonly file?: string) {}

  send(message: Message): void {
    this.sent.push(message);
    if (this.file !== undefined) appendFileSync(this.file, `${JSON.stringify(message)}\n`, { mode: 0o600 });
  }

  /** All of them, or those to one address, the latest last. */
  messages(to?: string): readonly Message[] {
    return this.sent.filter((message) => to === undefined || message.to === to);
  }
}

/** An address as Cognito shows it to those who may not know it: `a***@e***`, `+*******1234`. */
export function maskedAddress(medium: Message["medium"], address: string): string {
  if (medium === "SMS") return `+*******${address.slice(-4)}`;
  const [name = "", domain = ""] = address.split("@");
  return `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`;
}
