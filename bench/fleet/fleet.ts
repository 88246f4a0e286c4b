/** What becomes of servers' credentials; the times are epoch milliseconds. */
export class Fleet {
  readonly #expiresAt: Float64Array;
  readonly #isFailing: Uint8Array;
  #failing = 0;
  #lapsed = new Set<number>();
  /** How long the server that was longest without credentials was, in milliseconds. */
  longestLapse = 0;
  readonly #recoveries: number[] = [];
  /** When each server had its first credentials. */
  readonly firstAt: Float64Array;

  constructor(readonly servers: number) {
    this.#expiresAt = new Float64Array(servers);
    this.firstAt = new Float64Array(servers);
    this.#isFailing = new Uint8Array(servers);
  }

  renewed(server: number, now: number, expiresAt: number): void {
    const until = this.#expiresAt[server] ?? 0;
    if (until === 0) this.firstAt[server] = now;
    else if (until < now) this.#lapse(server, now - until);
    this.#expiresAt[server] = expiresAt;
    if (this.#isFailing[server] === 1) {
      this.#isFailing[server] = 0;
      if (--this.#failing === 0) this.#recoveries.push(now);
    }
  }

  failed(server: number): void {
    if (this.#isFailing[server] === 1) return;
    this.#isFailing[server] = 1;
    this.#failing++;
  }

  /** Servers that were without credentials for a while, up to now. */
  lapsed(now: number): number {
    this.#expiresAt.forEach((until, server) => {
      if (until > 0 && until < now) this.#lapse(server, now - until);
    });
    return this.#lapsed.size;
  }

  /** When for the first time from then on no server's renewal had failed; undefined where there was no such moment. */
  recoveredAfter(moment: number): number | undefined {
    return this.#recoveries.find((at) => at >= moment);
  }

  #lapse(server: number, milliseconds: number): void {
    this.#lapsed.add(server);
    this.longestLapse = Math.max(this.longestLapse, milliseconds);
  }
}
