import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ADMINISTRATOR, withoutOtherAws } from "../process/administrator";
import { startSupervised } from "../process/supervised-process";

const START_LIMIT_MS = 60_000;
const LISTENING = /Running on (http:\/\/127\.0\.0\.1:\d+)/;

export interface Emulator {
  readonly url: string;
  /** The process group of the emulator. */
  readonly pid: number;
  readonly logFile: string;
  /** Whether the emulator itself checks signatures and IAM policies; off at first, so that Terraform can deploy. */
  enforceIam(on: boolean): Promise<void>;
  /** Settles when the emulator has ended, whether it was stopped or not. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** Where the emulator's log is written. */
  readonly folder: string;
  readonly command?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts moto_server on a port that the kernel chooses, so that two runs can never race for one, and waits until it
 * answers. It dies with this process, however this process dies.
 * @throws {Error} with the end of its log where it does not start.
 */
export async function startEmulator({
  folder,
  command = "moto_server",
  env = process.env,
}: EmulatorOptions): Promise<Emulator> {
  const logFile = join(folder, "emulator.log");
  const log = openSync(logFile, "w", 0o600);
  const server = startSupervised(command, ["-H", "127.0.0.1", "-p", "0"], {
    env: {
      ...withoutOtherAws(env),
      // It makes clients of an AWS SDK itself, which look for credentials.
      AWS_ACCESS_KEY_ID: ADMINISTRATOR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ADMINISTRATOR.secretAccessKey,
      // The vending function's role attaches AWSLambdaBasicExecutionRole, which the emulator lacks unless this is set.
      MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
      PYTHONUNBUFFERED: "1",
    },
    outputFd: log,
  });
  closeSync(log);
  try {
    const url = await listeningAddress(logFile, server.exited);
    return {
      url,
      pid: server.pid,
      logFile,
      exited: server.exited,
      enforceIam: (on) => enforceIam(url, on),
      // It keeps everything in memory: a graceful stop would save nothing.
      stop: () => server.stop(0),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function listeningAddress(logFile: string, exited: Promise<number>): Promise<string> {
  let status: number | Error | undefined;
  exited.then(
    (code) => {
      status = code;
    },
    (error: Error) => {
      status = error;
    },
  );
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const log = await readFile(logFile, "utf8");
    const url = LISTENING.exec(log)?.[1];
    if (url !== undefined && (await answers(url))) return url;
    if (status instanceof Error) throw status;
    if (status !== undefined) throw new Error(`the emulator ended with status ${status}:\n${lastLines(log)}`);
    if (Date.now() > deadline) {
      throw new Error(`the emulator did not start within ${START_LIMIT_MS / 1000} s:\n${lastLines(log)}`);
    }
    await sleep(50);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/data.json`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

/** The emulator counts the requests that it lets through unchecked; infinitely many is the same as no enforcement. */
async function enforceIam(url: string, on: boolean): Promise<void> {
  const response = await fetch(`${url}/moto-api/reset-auth`, { method: "POST", body: on ? "0" : "inf" });
  if (!response.ok) throw new Error(`the emulator refused to switch IAM enforcement: HTTP ${response.status}`);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-10).join("\n");
}
