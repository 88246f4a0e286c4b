import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type SupervisedProcess, startSupervised } from "../../../sandbox/process/supervised-process";
import { shareBundles } from "../../support/shared-bundle";
import { SHARED_CLOUD_VARIABLE } from "./shared-cloud";

/** Long enough to end a Terraform that applies. */
const STOP_LIMIT_MS = 30_000;

interface StartedCloud {
  readonly process: SupervisedProcess;
  /** The line of JSON that it prints when it is up. */
  readonly connection: Promise<string>;
  readonly complaints: Promise<string>;
}

/** Called by jest once before the suites, whichever they are: the shared cloud starts when a suite asks for it. */
export default async function setUp(): Promise<void> {
  let started: StartedCloud | undefined;
  const server = createServer((_, response) => {
    started ??= startCloudProcess();
    started.connection.then(
      (connection) => response.writeHead(200).end(connection),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Less garbage collection takes a fifth off what Terraform and its provider cost, for a twentieth more memory.
  process.env.GOGC ??= "400";
  process.env[SHARED_CLOUD_VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const removeBundles = shareBundles();
  onTearDown(async () => {
    removeBundles();
    server.close();
    server.closeAllConnections();
    await started?.process.stop(STOP_LIMIT_MS);
    const status = await started?.process.exited;
    // Whatever befell it, the suites may have seen nothing of it.
    if (status) throw new Error(`the shared cloud ended with status ${status}: ${await started?.complaints}`);
  });
}

function startCloudProcess(): StartedCloud {
  const script = join(__dirname, "shared-cloud-process.ts");
  const cloud = startSupervised(process.execPath, ["--import", "tsx", script], { env: process.env });
  const { stdout, stderr } = cloud.child;
  if (stdout === null || stderr === null) throw new Error("its outputs are not pipes");
  const complaints = text(stderr);
  const firstLine = (async () => {
    let output = "";
    for await (const chunk of stdout) {
      output += chunk;
      const end = output.indexOf("\n");
      if (end >= 0) return output.slice(0, end);
    }
    throw new Error(`status ${await cloud.exited}: ${await complaints}`);
  })();
  // Prevents an unhandled rejection; callers that await still see it.
  firstLine.catch(() => {});
  return { process: cloud, connection: firstLine, complaints };
}

declare global {
  var tearDownSharedCloud: (() => Promise<void>) | undefined;
}

function onTearDown(tearDown: () => Promise<void>): void {
  globalThis.tearDownSharedCloud = tearDown;
}
