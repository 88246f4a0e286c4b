import { spawn } from "node:child_process";

/**
 * Tells systemd how this service is doing (sd_notify(3)). It listens on a Unix datagram socket, which Node.js has not:
 * systemd's own program `systemd-notify` sends, and waits until the message is taken. The unit needs NotifyAccess=all,
 * since the sender is a child of the main process.
 */
export class ServiceManager {
  #told = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly warn: (message: string) => void,
  ) {}

  /** Sends assignments such as "READY=1"; does nothing where no service manager listens. */
  notify(...assignments: readonly string[]): void {
    if (!this.env.NOTIFY_SOCKET) return;
    const child = spawn("systemd-notify", assignments.map(oneLine), { stdio: "ignore", env: this.env });
    child.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message));
    child.on("exit", (code) => {
      if (code !== 0) this.#fail(`it exited with ${code}`);
    });
    // A message that is on its way keeps nobody from stopping.
    child.unref();
  }

  /** Tells that this process is alive twice as often as WatchdogSec= wants it, until {@link stop}. */
  startWatchdog(): void {
    const { WATCHDOG_USEC: interval, WATCHDOG_PID: pid } = this.env;
    const milliseconds = Number(interval) / 1000;
    if (!(milliseconds > 0) || (pid !== undefined && pid !== String(process.pid))) return;
    this.#watchdog = setInterval(() => this.notify("WATCHDOG=1"), milliseconds / 2);
    this.#watchdog.unref();
  }

  stop(): void {
    clearInterval(this.#watchdog);
    this.notify("STOPPING=1");
  }

  #fail(reason: string): void {
    if (!this.#told)
      this.warn(`systemd is not told how this service is doing: systemd-notify cannot be used (${reason})`);
    this.#told = true;
  }
}

/** A line break in a status would be read as the next assignment. */
function oneLine(assignment: string): string {
  return assignment.replace(/\s+/g, " ");
}
