import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type SupervisedProcess, startSupervised } from "../../../sandbox/process/supervised-process";
import { shareBundles } from "../../support/shared-bundle";
import { SHARED_PROCESSES, SHARED_PROCESSES_VARIABLE, type SharedProcess } from "./shared-processes";

/** Long enough to end a Terraform that applies. */
const STOP_LIMIT_MS = 30_000;

interface StartedProcess {
  readonly process: SupervisedProcess;
  /** The line of JSON that it prints when it is up. */
  readonly connection: Promise<string>;
  readonly complaints: Promise<string>;
}

/** Called by jest once before the suites, whichever they are: what they share starts when a suite asks for it. */
export default async function setUp(): Promise<void> {
  const started = new Map<SharedProcess, StartedProcess>();
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) as SharedProcess;
    const shared = started.get(name) ?? startShared(name);
    started.set(name, shared);
    shared.connection.then(
      (connection) => response.writeHead(200).end(connection),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Less garbage collection takes a fifth off what Terraform and its provider cost, for a twentieth more memory.
  process.env.GOGC ??= "400";
  process.env[SHARED_PROCESSES_VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const removeBundles = shareBundles();
  onTearDown(async () => {
    removeBundles();
    server.close();
    server.closeAllConnections();
    // The cloud first: it may still be synthesising.
    for (const name of Object.keys(SHARED_PROCESSES) as SharedProcess[]) await endShared(name, started.get(name));
  });
}

function startShared(name: SharedProcess): StartedProcess {
  const script = join(__dirname, SHARED_PROCESSES[name]);
  const shared = startSupervised(process.execPath, ["--import", "tsx", script], { env: process.env });
  const { stdout, stderr } = shared.child;
  if (stdout === null || stderr === null) throw new Error("its outputs are not pipes");
  const complaints = text(stderr);
  const firstLine = (async () => {
    let output = "";
    for await (const chunk of stdout) {
      output += chunk;
      const end = output.indexOf("\n");
      if (end >= 0) return output.slice(0, end);
    }
    throw new Error(`status ${await shared.exited}: ${await complaints}`);
  })();
  // Prevents an unhandled rejection; callers that await still see it.
  firstLine.catch(() => {});
  return { process: shared, connection: firstLine, complaints };
}

async function endShared(name: SharedProcess, shared: StartedProcess | undefined): Promise<void> {
  await shared?.process.stop(STOP_LIMIT_MS);
  const status = await shared?.process.exited;
  // Whatever befell it, the suites may have seen nothing of it.
  if (status) throw new Error(`the shared ${name} ended with status ${status}: ${await shared?.complaints}`);
}

declare global {
  var tearDownSharedProcesses: (() => Promise<void>) | undefined;
}

function onTearDown(tearDown: () => Promise<void>): void {
  globalThis.tearDownSharedProcesses = tearDown;
}
