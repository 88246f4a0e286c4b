import { get } from "node:http";
import { text } from "node:stream/consumers";

/** Where jest's global setup answers the workers. */
export const SHARED_PROCESSES_VARIABLE = "E2E_SHARED_PROCESSES";

/** What one run's suites share, with the script that runs it: the first that asks has it started. */
export const SHARED_PROCESSES = {
  cloud: "shared-cloud-process.ts",
  synthesis: "synthesis-process.ts",
} as const;
export type SharedProcess = keyof typeof SHARED_PROCESSES;

/**
 * How to connect to a shared process: the line of JSON that it printed when it was up.
 * @throws {Error} with what went wrong where it does not start, for every suite that asks.
 */
export async function connectTo<T>(name: SharedProcess): Promise<T> {
  const address = process.env[SHARED_PROCESSES_VARIABLE];
  if (address === undefined) throw new Error("no process is shared: jest's global setup did not run");
  // Not fetch, which gives up after five minutes without an answer.
  const { status, body } = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    get(`${address}/${name}`, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    }).once("error", reject);
  });
  if (status !== 200) throw new Error(`the shared ${name} did not start: ${body}`);
  return JSON.parse(body);
}
