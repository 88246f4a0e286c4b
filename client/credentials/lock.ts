import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

/** A holder that has not finished by then hangs: a renewal's own time limits end it well before. */
export const HUNG_AFTER_MS = 60_000;

interface Holder extends ProcessIdentity {
  /** Of this one acquisition of the lock. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly takenAt: number;
}

export interface Lock {
  release(): void;
}

/**
 * Tries once to take a lock between processes; undefined where another process has it.
 *
 * The lock is a file with its holder's identity, made whole by link(2), which fails where the name exists. A lock whose
 * holder died or hangs is not removed, for two processes that see it at once would remove each other's: its successor
 * is decided by a second link, under the dead holder's id, and so on. Whoever holds the last link of the chain holds
 * the lock, as long as the chain before it is still there.
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
        const intact = chain.every((before) => readHolder(before.path)?.id === before.id);
        if (intact) return { release: () => release([...chain, { path: link, id: own.id }], path, own.id) };
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
  // A successor that believed this process to hang has the lock now, and with it the whole chain.
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
  // A clock that was set back must not hold a lock for ever: a negative age counts too.
  return Math.abs(Date.now() - holder.takenAt) > hungAfterMs || livenessOf(holder) === "dead";
}

/** Identifies a process even after its id was reused, the machine was rebooted, or from another machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's (proc(5), stat, field 22); empty where there is no /proc. */
  readonly start: string;
  readonly boot: string;
  readonly namespace: string;
  readonly host: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, start: startOf(process.pid) ?? "", ...context() };
}

/** Whether the process still runs; "unknown" where it cannot be seen from here: another machine, another container. */
export function livenessOf(identity: ProcessIdentity): "alive" | "dead" | "unknown" {
  const here = context();
  if (identity.host !== here.host) return "unknown";
  if (identity.boot !== here.boot) return "dead";
  if (identity.namespace !== here.namespace) return "unknown";
  if (!exists(identity.pid)) return "dead";
  return identity.start === (startOf(identity.pid) ?? "") ? "alive" : "dead";
}

function context(): Omit<ProcessIdentity, "pid" | "start"> {
  return {
    boot: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? "",
    namespace: attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "",
    host: hostname(),
  };
}

function startOf(pid: number): string | undefined {
  // The name in field 2 may hold spaces and parentheses: the fields are counted from the last parenthesis on.
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; its parent just has not reaped it yet.
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
