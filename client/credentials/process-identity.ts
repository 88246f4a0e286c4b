import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process, also after its id was given to another one, the machine was started anew, or on another machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's (proc(5), stat, field 22); empty where there is no /proc. */
  readonly start: string;
  readonly boot: string;
  readonly namespace: string;
  readonly host: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, start: startOf(process.pid) ?? "", ...surroundings() };
}

/** Whether the process still runs; "unknown" where it cannot be seen from here: another machine, another container. */
export function livenessOf(identity: ProcessIdentity): "alive" | "dead" | "unknown" {
  const here = surroundings();
  if (identity.host !== here.host) return "unknown";
  if (identity.boot !== here.boot) return "dead";
  if (identity.namespace !== here.namespace) return "unknown";
  if (!exists(identity.pid)) return "dead";
  return identity.start === (startOf(identity.pid) ?? "") ? "alive" : "dead";
}

function surroundings(): Omit<ProcessIdentity, "pid" | "start"> {
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
  // A zombie has ended; only its parent has not looked yet.
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
