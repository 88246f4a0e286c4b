export interface PartBuffer {
  readonly bytes: Buffer;
  /** Gives the buffer back; nothing may read it afterwards. */
  release(): void;
}

interface Waiter {
  readonly size: number;
  readonly go: (buffer: PartBuffer) => void;
}

/**
 * The memory that all transfers of a command share. Buffers are used again: left to the garbage collector, the parts
 * of a large file would pile up faster than they are collected. Callers wait in line, so a large demand is not
 * overtaken for ever by small ones.
 */
export class PartBuffers {
  #free: number;
  readonly #idle = new Map<number, Buffer[]>();
  readonly #waiting: Waiter[] = [];

  /** @param total bytes; a larger demand is served alone. */
  constructor(readonly total: number) {
    this.#free = total;
  }

  /** A buffer of exactly `size` bytes, once there is room for it. */
  take(size: number): Promise<PartBuffer> {
    if (this.#waiting.length === 0 && this.#fits(size)) return Promise.resolve(this.#hand(size));
    return new Promise((go) => this.#waiting.push({ size, go }));
  }

  #fits(size: number): boolean {
    return size <= this.#free || this.#free === this.total;
  }

  #hand(size: number): PartBuffer {
    this.#free -= size;
    const bytes = this.#idle.get(size)?.pop() ?? this.#allocate(size);
    let released = false;
    return {
      bytes,
      release: () => {
        if (released) return;
        released = true;
        this.#free += size;
        this.#keep(bytes);
        this.#serve();
      },
    };
  }

  /** Buffers of a size that is no longer asked for make room. */
  #allocate(size: number): Buffer {
    this.#idle.clear();
    return Buffer.allocUnsafeSlow(size);
  }

  #keep(buffer: Buffer): void {
    const idle = this.#idle.get(buffer.length);
    if (idle) idle.push(buffer);
    else this.#idle.set(buffer.length, [buffer]);
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.size); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.go(this.#hand(next.size));
    }
  }
}
