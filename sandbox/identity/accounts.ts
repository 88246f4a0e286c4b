import { createHmac, randomBytes } from "node:crypto";
import { type DirectoryUser, type Factor, poolName } from "./directory";
import { createVerifier, fakeVerifier, isPassword, type Verifier } from "./passwords";

/** A code that was sent to somebody. */
export interface SentCode {
  readonly code: string;
  readonly until: number;
  wrongAttempts: number;
}

/** What the sandbox itself keeps of a user: all that the emulator only pretends to check. */
export interface Account {
  verifier: Verifier | undefined;
  /** Milliseconds since 1970; undefined for a password that the user chose. */
  temporaryUntil: number | undefined;
  /** Passwords before this one, the latest first. */
  earlier: readonly Verifier[];
  totpSecret: string | undefined;
  /** The step of the code that was last accepted. */
  totpStep: number | undefined;
  /** A secret that has not been verified yet. */
  newTotpSecret: string | undefined;
  readonly factors: Set<Factor>;
  preferred: Factor | undefined;
  resetCode: SentCode | undefined;
}

/** How the proofs of one user's password begin. */
export function srpIdentity({ poolId, username }: Pick<DirectoryUser, "poolId" | "username">): string {
  return `${poolName(poolId)}${username}`;
}

/** The accounts of all pools. A user who is deleted and made again has another `sub`, and so a new account. */
export class Accounts {
  private readonly accounts = new Map<string, Account>();
  private readonly fakes = randomBytes(32);

  of({ poolId, sub }: DirectoryUser): Account {
    const key = `${poolId}/${sub}`;
    const known = this.accounts.get(key);
    if (known !== undefined) return known;
    const account: Account = {
      verifier: undefined,
      temporaryUntil: undefined,
      earlier: [],
      totpSecret: undefined,
      totpStep: undefined,
      newTotpSecret: undefined,
      factors: new Set(),
      preferred: undefined,
      resetCode: undefined,
    };
    this.accounts.set(key, account);
    return account;
  }

  /** Replaces the password; `until` makes it a temporary one. */
  setPassword(user: DirectoryUser, password: string, { until, history }: { until?: number; history: number }): void {
    const account = this.of(user);
    if (account.verifier !== undefined) account.earlier = [account.verifier, ...account.earlier].slice(0, history);
    account.verifier = createVerifier(srpIdentity(user), password);
    account.temporaryUntil = until;
  }

  isPassword(user: DirectoryUser, password: string): boolean {
    const { verifier } = this.of(user);
    return verifier !== undefined && isPassword(verifier, srpIdentity(user), password);
  }

  /** Whether the password is the current one or among the `history` ones before. */
  wasPassword(user: DirectoryUser, password: string, history: number): boolean {
    const { verifier, earlier } = this.of(user);
    const used = history === 0 || verifier === undefined ? [] : [verifier, ...earlier].slice(0, history);
    return used.some((each) => isPassword(each, srpIdentity(user), password));
  }

  /** What a name that nobody has answers with, the same each time; its user name looks like one that Cognito chose. */
  fake(poolId: string, name: string): { readonly username: string; readonly verifier: Verifier } {
    const digest = (purpose: string) =>
      createHmac("sha256", this.fakes).update(`${purpose}/${poolId}/${name}`).digest();
    const hex = digest("name").toString("hex");
    const username = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    return { username, verifier: fakeVerifier(digest) };
  }
}
