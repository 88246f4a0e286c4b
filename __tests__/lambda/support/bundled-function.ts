import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleLambda } from "../../../build/lambda";
import { LAMBDA_FILE } from "../../../lambda/package-format";
import type { HttpEvent } from "../../../lambda/parse-request";
import type { HttpResult } from "../../../lambda/respond";
import { madeOnce } from "../../support/shared-bundle";
import { type CloudStub, ROLE_PREFIX, TABLES } from "./cloud-stub";
import { POOL_ID, RESOURCE_SERVER } from "./tokens";

export const BUCKET = "oidc-s3-cognito-dev-uploads";

/** The environment of the deployed function, with AWS and Cognito at the stub's address. */
export function functionEnvironment(stubUrl: string): Record<string, string> {
  return {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIASTUB",
    AWS_SECRET_ACCESS_KEY: "functionSecretKey",
    AWS_SESSION_TOKEN: "functionSessionToken",
    AWS_ENDPOINT_URL: stubUrl,
    JWKS_URI: `${stubUrl}/pool/jwks.json`,
    USER_POOL_ID: POOL_ID,
    RESOURCE_SERVER_IDENTIFIER: RESOURCE_SERVER,
    CLIENT_ROLES_TABLE: TABLES.roles,
    CLIENT_CONTROLS_TABLE: TABLES.controls,
    CLIENT_ACTIVITY_TABLE: "oidc-s3-dev-client-activity",
    S3_BUCKET: BUCKET,
    SERVER_ROLE_PREFIX: ROLE_PREFIX,
  };
}

/** Starts the stub and builds the bundle before the tests, and ends both after them. */
export function bundleBeside(stub: CloudStub): BundleFile {
  const bundle = new BundleFile();
  beforeAll(() => Promise.all([stub.start(), bundle.build()]));
  afterAll(async () => {
    await stub.stop();
    bundle.remove();
  });
  return bundle;
}

/** The bundle in a file of its own. */
export class BundleFile {
  private readonly folder = mkdtempSync(join(tmpdir(), "oidc-s3-lambda-"));
  readonly path = join(this.folder, LAMBDA_FILE);

  async build(): Promise<void> {
    writeFileSync(this.path, await madeOnce(LAMBDA_FILE, async () => (await bundleLambda()).code));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Reply {
  readonly id?: number;
  readonly ready?: boolean;
  readonly result?: HttpResult;
  readonly thrown?: string;
}

/** One instance of the bundled function, running on the Node.js binary given. */
export class BundledFunction {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private readonly output = { stdout: "", stderr: "" };
  private readonly recordsRead = { stdout: 0, stderr: 0 };
  private nextId = 1;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
        this.output[stream] += chunk;
      });
    }
    child.on("message", (reply: Reply) => this.waiting.get(reply.id ?? 0)?.(reply));
    child.on("exit", (code) => {
      const thrown = `the process ended with code ${code}: ${this.output.stderr}`;
      for (const [id, answer] of this.waiting) answer({ id, thrown });
    });
  }

  static async start(bundlePath: string, environment: Record<string, string>, node = process.execPath) {
    const child = fork(join(__dirname, "invoke-bundle.mjs"), [pathToFileURL(bundlePath).href], {
      execPath: node,
      execArgv: [],
      // Nothing of the developer's own AWS settings reaches the function.
      env: { HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true", ...environment },
      silent: true,
    });
    const instance = new BundledFunction(child);
    const { ready, thrown } = await instance.reply(0);
    if (!ready) throw new Error(thrown);
    return instance;
  }

  async invoke(event: HttpEvent, remainingMs = 10_000): Promise<HttpResult> {
    const id = this.nextId++;
    const reply = this.reply(id);
    this.child.send({ id, event: { requestContext: { requestId: `gateway-${id}` }, ...event }, remainingMs });
    const { result, thrown } = await reply;
    if (!result) throw new Error(`the handler threw: ${thrown}`);
    return result;
  }

  /** All that the function wrote so far: a mark is sent after it through the same pipes, and waited for. */
  async written(): Promise<string> {
    const mark = `-- written up to ${this.nextId++} --\n`;
    this.child.send({ mark });
    const { stdout, stderr } = this.child;
    for (const [stream, text] of [
      [stdout, () => this.output.stdout],
      [stderr, () => this.output.stderr],
    ] as const) {
      while (stream && !text().includes(mark)) await once(stream, "data");
    }
    return this.output.stdout + this.output.stderr;
  }

  /** The log lines and metrics written since this was last asked: those of stdout, then those of stderr. */
  async newRecords(): Promise<Record<string, unknown>[]> {
    await this.written();
    return (["stdout", "stderr"] as const).flatMap((stream) => {
      const text = this.output[stream].slice(this.recordsRead[stream]);
      this.recordsRead[stream] = this.output[stream].length;
      const lines = text.split("\n").filter((line) => line.startsWith("{"));
      return lines.map((line) => JSON.parse(line));
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill();
    await once(this.child, "exit");
  }

  private async reply(id: number): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    this.waiting.delete(id);
    return reply;
  }
}
