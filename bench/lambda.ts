import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { BundleFile, functionEnvironment } from "../__tests__/lambda/support/bundled-function";
import { CloudStub } from "../__tests__/lambda/support/cloud-stub";
import { type NodeBinary, nodeBinaries } from "../__tests__/lambda/support/node-versions";
import { jwks, sign, signingKey } from "../__tests__/lambda/support/tokens";
import { median, printTable } from "./figures";

const COLD_STARTS = 15;
const WARM_UP = 500;
const REQUESTS = 3000;
const CONCURRENCIES = [1, 16] as const;

type Row = readonly [measure: string, value: string];

/** Prints the figures of the bundled vending function: size, cold start, and speed against stubs on loopback. */
export async function run(): Promise<void> {
  const key = signingKey("pool-key");
  const stub = new CloudStub(jwks(key));
  const bundle = new BundleFile();
  try {
    await Promise.all([stub.start(), bundle.build()]);
    printTable("The Lambda's bundle", [["", "size"], ...sizes(bundle.path)]);
    const event = { body: JSON.stringify({ access_token: sign(key) }), requestContext: { requestId: "bench" } };
    for (const binary of nodeBinaries()) {
      const start = () => startInstance(bundle.path, functionEnvironment(stub.url), binary);
      const rows = [...(await coldStarts(start, event)), ...(await warm(start, event))];
      printTable(`The Lambda's handler against stubs, on ${binary.name}`, [["", "measured"], ...rows]);
    }
  } finally {
    await stub.stop();
    bundle.remove();
  }
}

function sizes(path: string): Row[] {
  const code = readFileSync(path);
  return [
    ["as deployed", kilobytes(code.length)],
    ["compressed with gzip", kilobytes(gzipSync(code, { level: 9 }).length)],
  ];
}

type StartInstance = () => Promise<ChildProcess>;

async function startInstance(path: string, env: Record<string, string>, { path: execPath }: NodeBinary) {
  const child = fork(join(__dirname, "lambda-instance.mjs"), [pathToFileURL(path).href], {
    execPath,
    execArgv: [],
    env: { HOME: "/nonexistent", ...env },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  await reply(child);
  return child;
}

/** @throws where the instance ends instead of answering. */
async function reply<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the function's process ended with code ${code}`);
  });
  ended.catch(() => {});
  const [message] = await Promise.race([once(child, "message"), ended]);
  return message as T;
}

async function ask<T>(child: ChildProcess, job: object): Promise<T> {
  child.send(job);
  return reply<T>(child);
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill();
  await once(child, "exit");
}

async function coldStarts(start: StartInstance, event: object): Promise<Row[]> {
  const loads: number[] = [];
  const firsts: number[] = [];
  for (let n = 0; n < COLD_STARTS; n++) {
    const child = await start();
    const { loadMs, firstCredentialsMs } = await ask<{ loadMs: number; firstCredentialsMs: number }>(child, { event });
    loads.push(loadMs);
    firsts.push(firstCredentialsMs);
    await stop(child);
  }
  return [
    [`module load, median of ${COLD_STARTS} processes`, milliseconds(median(loads))],
    ["process start to first credentials, median", milliseconds(median(firsts))],
  ];
}

async function warm(start: StartInstance, event: object): Promise<Row[]> {
  const child = await start();
  const rows: Row[] = [];
  await ask(child, { event, requests: WARM_UP, concurrency: 1 });
  for (const concurrency of CONCURRENCIES) {
    const job = { event, requests: REQUESTS, concurrency };
    const { latencies, elapsedMs } = await ask<{ latencies: number[]; elapsedMs: number }>(child, job);
    const at = concurrency === 1 ? "one at a time" : `${concurrency} at a time`;
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => milliseconds(quantile(latencies, share)));
    rows.push(
      [`warm, ${at}`, `${Math.round((REQUESTS / elapsedMs) * 1000)} requests/s`],
      [`warm, ${at}: p50 / p95 / p99`, `${p50} / ${p95} / ${p99}`],
    );
  }
  await stop(child);
  return rows;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
