import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/** What a deployed function is, and what it runs with. */
export interface FunctionSettings {
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** The module's file on disk. */
  readonly file: string;
  readonly exportName: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, after which the credentials in `env` are too old to start an invocation with. */
  readonly usableUntil: number;
}

export class FunctionFailedError extends Error {
  override readonly name = "FunctionFailedError";
}

/** The handler did not answer within the function's timeout. */
export class FunctionTimeoutError extends Error {
  override readonly name = "FunctionTimeoutError";
}

interface Message {
  readonly ready?: true;
  readonly failed?: true;
  readonly result?: unknown;
}

/** One instance of a function, in a thread with an environment of its own; it answers one event at a time. */
class ExecutionEnvironment {
  private constructor(
    private readonly worker: Worker,
    private readonly settings: FunctionSettings,
  ) {}

  /** @throws {FunctionFailedError} where the module cannot be loaded; its log says why. */
  static async start(settings: FunctionSettings, log: Writable): Promise<ExecutionEnvironment> {
    const worker = new Worker(join(__dirname, "function-host.mjs"), {
      env: { ...settings.env },
      workerData: { file: pathToFileURL(settings.file).href, exportName: settings.exportName },
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    worker.stdout.pipe(log, { end: false });
    worker.stderr.pipe(log, { end: false });
    // An error outside of an invocation goes to the log, and shows as a missing answer.
    worker.on("error", (error) => log.write(`${error.stack ?? error}\n`));
    worker.unref();
    const environment = new ExecutionEnvironment(worker, settings);
    await environment.next(settings.timeoutMs);
    return environment;
  }

  get isUsable(): boolean {
    return Date.now() < this.settings.usableUntil;
  }

  /** @throws {FunctionFailedError | FunctionTimeoutError} after which this instance is unusable. */
  async invoke(event: unknown): Promise<unknown> {
    const { functionName, functionArn, memoryMb, timeoutMs } = this.settings;
    const context = {
      functionName,
      invokedFunctionArn: functionArn,
      functionVersion: "$LATEST",
      memoryLimitInMB: String(memoryMb),
      awsRequestId: randomUUID(),
      logGroupName: `/aws/lambda/${functionName}`,
      logStreamName: this.settings.env.AWS_LAMBDA_LOG_STREAM_NAME,
      callbackWaitsForEmptyEventLoop: true,
    };
    const answer = this.next(timeoutMs);
    this.worker.postMessage({ event, context, deadline: Date.now() + timeoutMs });
    return (await answer).result;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private next(timeoutMs: number): Promise<Message> {
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("exit", onExit);
        finish();
      };
      const onMessage = (message: Message) =>
        settle(() =>
          message.failed ? reject(new FunctionFailedError("the function threw: see its log")) : resolve(message),
        );
      const onExit = () => settle(() => reject(new FunctionFailedError("the function ended: see its log")));
      const timer = setTimeout(
        () => settle(() => reject(new FunctionTimeoutError(`no answer within ${timeoutMs} ms`))),
        timeoutMs,
      );
      worker.once("message", onMessage).once("exit", onExit);
    });
  }
}

/** More instances than this would only compete for the machine's few processors: further events wait. */
const MOST_INSTANCES = 4;

/** What the pool of instances needs of one; unit tests give instances without a thread. */
export type Instance = Pick<ExecutionEnvironment, "isUsable" | "invoke" | "stop">;

export interface LambdaFunction {
  invoke(event: unknown): Promise<unknown>;
  /** Ends the running instances, so that the next event runs what was deployed since. */
  recycle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs a deployed function as Lambda does: instances are reused, and each handles one event at a time.
 * `readSettings` is called for each new instance.
 */
export function createLambdaFunction(
  readSettings: () => Promise<FunctionSettings>,
  log: Writable,
  start: (settings: FunctionSettings, log: Writable) => Promise<Instance> = ExecutionEnvironment.start,
): LambdaFunction {
  let idle: Instance[] = [];
  let busy = 0;
  let generation = 0;
  const waiting: (() => void)[] = [];

  const take = async (): Promise<Instance> => {
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop()) {
      if (instance.isUsable) return instance;
      await instance.stop();
    }
    return start(await readSettings(), log);
  };
  const letGo = async () => {
    generation += 1;
    const instances = idle;
    idle = [];
    await Promise.all(instances.map((instance) => instance.stop()));
  };

  return {
    async invoke(event) {
      while (busy >= MOST_INSTANCES) await new Promise<void>((resolve) => waiting.push(resolve));
      busy += 1;
      const born = generation;
      try {
        const instance = await take();
        try {
          const result = await instance.invoke(event);
          if (born === generation) idle.push(instance);
          else await instance.stop();
          return result;
        } catch (error) {
          await instance.stop();
          throw error;
        }
      } finally {
        busy -= 1;
        waiting.shift()?.();
      }
    },
    recycle: letGo,
    stop: letGo,
  };
}
