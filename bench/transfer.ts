import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSignedCertificate } from "../__tests__/client/support/certificates";
import { FakeServices } from "../__tests__/client/support/fake-services";
import { token } from "../__tests__/client/support/transfer-fixture";
import { buildClient } from "../build/client";
import { type ChildUsage, measureCommand } from "./child-usage";
import { median, printTable } from "./figures";

const RUNS = 3;
const LARGE_BYTES = 2 ** 30;
const SMALL_FILES = 10_000;
const SMALL_BYTES = 10 * 1024;
const AIM_MEGABYTES = 200;

/**
 * Prints how long uploads of 1 GB and of 10,000 small files take with this client and with the AWS CLI, to the same
 * endpoint on loopback and over TLS, in turn, and the peak memory of both.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-bench-"));
  const services = await new FakeServices().start();
  const certificate = selfSignedCertificate(folder);
  const sink = fork(join(__dirname, "s3-sink.mjs"), [join(folder, "key.pem"), certificate.file], { execArgv: [] });
  try {
    services.token = () => ({ body: { ...services.tokenBody(), access_token: token(["write"]) } });
    const [{ port }] = (await once(sink, "message")) as [{ port: number }];
    const client = await buildClient(join(folder, "dist"));
    const bench = { folder, client, services, sink, endpoint: `https://127.0.0.1:${port}`, caFile: certificate.file };
    writeFiles(folder);
    const large = ["large.bin"];
    const small = ["--recursive", "small"];
    printTable(`Uploads over TLS to one endpoint on loopback, medians of ${RUNS} runs in turn`, [
      ["", "oidc-s3", "aws s3 cp", "ratio", "oidc-s3 CPU", "aws CPU", "oidc-s3 memory", "aws memory"],
      await compare(bench, "1 GB in one file", large, LARGE_BYTES),
      await compare(bench, "10,000 files of 10 KiB", small, SMALL_FILES * SMALL_BYTES),
    ]);
    console.log(`The aim is a ratio of at most 1, and never more than ${AIM_MEGABYTES} MB.`);
  } finally {
    sink.kill();
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly folder: string;
  readonly client: string;
  readonly services: FakeServices;
  readonly sink: ChildProcess;
  readonly endpoint: string;
  readonly caFile: string;
}

/** Incompressible, and no two files alike; 1 GB stays in the page cache, so disks are not measured. */
function writeFiles(folder: string): void {
  const block = Buffer.alloc(SMALL_BYTES, "oidc-s3 ");
  writeFileSync(join(folder, "large.bin"), Buffer.alloc(LARGE_BYTES, block));
  mkdirSync(join(folder, "small"));
  for (let index = 0; index < SMALL_FILES; index++) {
    block.writeUInt32BE(index);
    const path = join(folder, "small", String(index % 100));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `${index}.bin`), block);
  }
}

async function compare(bench: Bench, name: string, what: readonly string[], size: number): Promise<string[]> {
  const ours: ChildUsage[] = [];
  const theirs: ChildUsage[] = [];
  const aws = ["aws", "s3", "cp", "--no-progress", ...what, "s3://uploads/logs/"];
  for (let turn = 0; turn < RUNS; turn++) {
    ours.push(await measure(bench, [process.execPath, bench.client, "upload", ...what], size));
    theirs.push(await measure(bench, aws, size));
  }
  const seconds = [ours, theirs].map((runs) => median(runs.map((one) => one.seconds)));
  const cpu = [ours, theirs].map((runs) => median(runs.map((one) => one.cpuSeconds)));
  const megabytes = [ours, theirs].map((runs) => Math.max(...runs.map((one) => one.peakMegabytes)));
  const [our = Number.NaN, their = Number.NaN] = seconds;
  return [
    name,
    ...seconds.map((value) => `${value.toFixed(1)} s`),
    (our / their).toFixed(2),
    ...cpu.map((value) => `${value.toFixed(1)} s`),
    ...megabytes.map((value) => `${value.toFixed(0)} MB`),
  ];
}

/** @throws where the command fails, or less has arrived than was to be sent. */
async function measure(
  { folder, services, sink, endpoint, caFile }: Bench,
  command: string[],
  size: number,
): Promise<ChildUsage> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ...services.environment,
    S3_PATH_PREFIX: "logs/",
    AWS_ENDPOINT_URL: endpoint,
    AWS_CA_BUNDLE: caFile,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const usage = await measureCommand(command, { cwd: folder, env });
  sink.send("how much");
  const [{ received }] = (await once(sink, "message")) as [{ received: number }];
  if (received < size) throw new Error(`${command[0]} sent ${received} bytes of ${size}`);
  return usage;
}
