import { spawn } from "node:child_process";
import { type ClientError, InterruptedError } from "../core/errors";
import { type StopSignals, stopSignals } from "../core/interruption";
import { refreshCredentials } from "../credentials/refresh-loop";
import type { CredentialOptions } from "../credentials/request";
import type { VendedCredentials } from "../credentials/vended";
import type { Settings } from "../settings/settings";
import type { ServiceLog } from "./service-log";

/**
 * Reports to systemd how this service is doing (sd_notify(3)). systemd listens on a Unix datagram socket, which Node.js
 * lacks: its own program `systemd-notify` sends, and waits until the message is taken. The unit needs NotifyAccess=all,
 * since the sender is a child of the main process.
 */
export class ServiceManager {
  #warned = false;
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
    // A message on its way must not keep the process alive.
    child.unref();
  }

  /** Reports twice in each WatchdogSec= that this process is alive, until {@link stop}. */
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
    if (!this.#warned)
      this.warn(`systemd does not learn how this service is doing: systemd-notify cannot be used (${reason})`);
    this.#warned = true;
  }
}

/** A line break in a status would be read as the next assignment. */
function oneLine(assignment: string): string {
  return assignment.replace(/\s+/g, " ");
}

/** Which credentials a service keeps. */
export type CredentialRequest = Pick<CredentialOptions, "scopes" | "durationSeconds" | "report">;

/** What keeps credentials fresh for others until it is stopped. */
export interface Service {
  /** Read anew for each renewal. */
  readonly settings: () => Settings;
  readonly request: CredentialRequest;
  readonly log: ServiceLog;
  readonly manager: ServiceManager;
  readonly stop: StopSignals;
}

/** From now on SIGTERM and Ctrl-C stop the service in order. */
export function startService(start: Pick<Service, "settings" | "request" | "log">): Service {
  return { ...start, manager: new ServiceManager(process.env, start.log.warning), stop: stopSignals() };
}

export interface FreshCredentials {
  /** Called with new credentials; what it throws counts as a failed renewal. */
  readonly onCredentials: (credentials: VendedCredentials) => void;
  /**
   * Called with why a renewal failed and the seconds until the next one.
   * @returns what else to say of it.
   */
  readonly onFailure: (error: ClientError, seconds: number) => string | undefined;
}

/**
 * Keeps a service's credentials fresh until it is stopped, and sets the exit code then; SIGHUP renews them early.
 * @throws whatever is no expected failure.
 */
export async function keepFresh(
  { settings, request, manager, log, stop }: Service,
  { onCredentials, onFailure }: FreshCredentials,
): Promise<void> {
  let wake = (): void => {};
  process.on("SIGHUP", () => wake());
  try {
    await refreshCredentials({
      settings,
      options: { ...request, report: log.warning },
      signal: stop.signal,
      onCredentials,
      onFailure: (error, waitMs) => {
        const seconds = Math.ceil(waitMs / 1000);
        log.failure(error, seconds, onFailure(error, seconds));
      },
      onWake: (listener) => {
        wake = listener;
      },
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    process.exitCode = stop.exitCode();
  } finally {
    manager.stop();
  }
}
