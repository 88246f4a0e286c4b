import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { livenessOf, ownIdentity, type ProcessIdentity } from "./process-identity";

/** A holder that has not finished by then hangs: a renewal's own time limits end it well before. */
export const HUNG_AFTER_MS = 60_000;

interface Holder extends ProcessIdentity {
  /** Of this one taking of the lock. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly takenAt: number;
}

export interface Lock {
  release(): void;
}

/**
 * Tries once to take a lock between processes; undefined where somebody else has it.
 *
 * The lock is a file with its holder's identity, made whole by link(2), which fails where the name exists. A lock whose
 * holder died or hangs is not removed, for two processes that see it at once would remove each other's: its successor
 * is decided by a second link, under the dead holder's id, and so on. Whoever holds the last link of the chain holds
 * the lock, as long as the chain before it still stands.
 * @throws the error of node:fs where the folder cannot be written to.
 */
export function tryLock(path: string, hungAfterMs = HUNG_AFTER_MS): Lock | undefined {
  const own: Holder = { ...ownIdentity(), id: randomUUID(), takenAt: Date.now() };
  const record = `${path}.${own.id}.tmp`;
  try {
    writeFileSync(record, JSON.stringify(own), { flag: "wx", mode: 0o600 });
    const chain: { readonly path: string; readonly id: string }[] = [];
    for (let link = path; ; ) {
      if (linked(record, link)) {
        const stands = chain.every((before) => readHolder(before.path)?.id === before.id);
        if (stands) return { release: () => release([...chain, { path: link, id: own.id }], path, own.id) };
        rmSync(link, { force: true });
        return undefined;
      }
      const holder = readHolder(link);
      if (!holder || !isGone(holder, hungAfterMs)) return undefined;
      chain.push({ path: link, id: holder.id });
      link = `${path}.${holder.id}`;
    }
  } finally {
    rmSync(record, { force: true });
  }
}

/** From the front: once the first link is gone the lock is free, and what remains of the chain decides nothing. */
function release(chain: readonly { readonly path: string; readonly id: string }[], path: string, ownId: string): void {
  // A successor that took this process for hung has the lock now, and with it the whole chain.
  if (readHolder(`${path}.${ownId}`)) return;
  for (const link of chain) if (readHolder(link.path)?.id === link.id) rmSync(link.path, { force: true });
}

function linked(record: string, path: string): boolean {
  try {
    linkSync(record, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isGone(holder: Holder, hungAfterMs: number): boolean {
  // A clock that was set must not keep a lock for ever: an age below zero counts too.
  return Math.abs(Date.now() - holder.takenAt) > hungAfterMs || livenessOf(holder) === "dead";
}
