import type { Writable } from "node:stream";
import { ExecutionEnvironment, type FunctionSettings } from "./execution-environment";

/** More instances than this would only compete for the machine's few processors: further events wait. */
const MOST_INSTANCES = 4;

export interface VendingFunction {
  invoke(event: unknown): Promise<unknown>;
  /** Lets the running instances go, so that the next event meets what was deployed meanwhile. */
  recycle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs a deployed function as Lambda does: instances that are kept for further events, each with one at a time.
 * `readSettings` is asked for each new instance.
 */
export function createVendingFunction(readSettings: () => Promise<FunctionSettings>, log: Writable): VendingFunction {
  let idle: ExecutionEnvironment[] = [];
  let busy = 0;
  let generation = 0;
  const waiting: (() => void)[] = [];

  const take = async (): Promise<ExecutionEnvironment> => {
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop()) {
      if (instance.isUsable) return instance;
      await instance.stop();
    }
    return ExecutionEnvironment.start(await readSettings(), log);
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
