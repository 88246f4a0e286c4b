import { notAuthorized } from "./service-error";

const FREE_ATTEMPTS = 5;
const FORGOTTEN_AFTER_MS = 15 * 60_000;

interface Failures {
  count: number;
  last: number;
  lockedUntil: number;
}

/**
 * Slows down who tries passwords, as Cognito does: from the fifth wrong one on, a name is locked for one second, and
 * twice as long with each further one, up to fifteen minutes. Names that nobody has are locked as well.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html
 */
export class Lockout {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number) {}

  /** @throws {ServiceError} while the name is locked. */
  check(poolId: string, name: string): void {
    const known = this.find(poolId, name);
    if (known !== undefined && known.lockedUntil > this.now()) throw notAuthorized("Password attempts exceeded");
  }

  failed(poolId: string, name: string): void {
    const count = (this.find(poolId, name)?.count ?? 0) + 1;
    const now = this.now();
    const locked = count < FREE_ATTEMPTS ? 0 : Math.min(1000 * 2 ** (count - FREE_ATTEMPTS), FORGOTTEN_AFTER_MS);
    this.failures.set(key(poolId, name), { count, last: now, lockedUntil: now + locked });
  }

  succeeded(poolId: string, name: string): void {
    this.failures.delete(key(poolId, name));
  }

  private find(poolId: string, name: string): Failures | undefined {
    const known = this.failures.get(key(poolId, name));
    if (known === undefined || known.last + FORGOTTEN_AFTER_MS > this.now()) return known;
    this.failures.delete(key(poolId, name));
    return undefined;
  }
}

function key(poolId: string, name: string): string {
  return `${poolId}/${name.toLowerCase()}`;
}
