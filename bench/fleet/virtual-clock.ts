interface Event {
  readonly at: number;
  /** Keeps events of one moment in the order in which they were made. */
  readonly order: number;
  readonly happen: () => void;
}

/** A clock that stands still while a program runs, and goes on to the next event when nothing more happens at once. */
export class VirtualClock {
  #now: number;
  #made = 0;
  /** A binary heap, the earliest event first. */
  readonly #events: Event[] = [];

  /** @param start epoch milliseconds. */
  constructor(start: number) {
    this.#now = start;
  }

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Has `happen` called after so many milliseconds, whole ones, as timers have them. */
  after(milliseconds: number, happen: () => void): void {
    const event = { at: this.#now + Math.max(0, Math.ceil(milliseconds)), order: this.#made++, happen };
    let place = this.#events.push(event) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Goes to the next event that is due by `until`, and has it happen; false where there is none. */
  step(until: number): boolean {
    const [next] = this.#events;
    if (next === undefined || next.at > until) {
      this.#now = Math.max(this.#now, until);
      return false;
    }
    this.#removeFirst();
    this.#now = next.at;
    next.happen();
    return true;
  }

  #removeFirst(): void {
    const last = this.#events.pop();
    if (last === undefined || this.#events.length === 0) return;
    this.#events[0] = last;
    for (let place = 0; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let first = place;
      if (left < this.#events.length && this.#isBefore(left, first)) first = left;
      if (right < this.#events.length && this.#isBefore(right, first)) first = right;
      if (first === place) return;
      this.#swap(place, first);
      place = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#events[a] as Event, this.#events[b] as Event];
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const kept = this.#events[a] as Event;
    this.#events[a] = this.#events[b] as Event;
    this.#events[b] = kept;
  }
}

/** Random numbers in [0, 1) that are the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
