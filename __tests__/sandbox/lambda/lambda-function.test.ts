import { PassThrough } from "node:stream";
import {
  createLambdaFunction,
  type FunctionSettings,
  type Instance,
  type LambdaFunction,
} from "../../../sandbox/lambda/lambda-function";

/** Instances that answer when the test says so, with the number of events that they have had. */
let instances: { busy: boolean; stopped: boolean; events: number; isUsable: boolean }[];
let answers: (() => void)[];
let vending: LambdaFunction;

async function start(): Promise<Instance> {
  const state = { busy: false, stopped: false, events: 0, isUsable: true };
  instances.push(state);
  return {
    get isUsable() {
      return state.isUsable;
    },
    async invoke(event) {
      if (state.busy || state.stopped) throw new Error("given an event at the wrong time");
      state.busy = true;
      await new Promise<void>((resolve) => answers.push(resolve));
      state.busy = false;
      state.events += 1;
      if (event === "fail") throw new Error("failed");
      return state.events;
    },
    async stop() {
      state.stopped = true;
    },
  };
}

/** Lets everything happen that waits for nothing but a promise. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function invoke(event: unknown = {}): Promise<unknown> {
  const answer = vending.invoke(event);
  await settle();
  answers.shift()?.();
  return answer;
}

beforeEach(() => {
  instances = [];
  answers = [];
  vending = createLambdaFunction(async () => ({}) as FunctionSettings, new PassThrough(), start);
});

it("an idle instance is used again", async () => {
  expect([await invoke(), await invoke()]).toEqual([1, 2]);
  expect(instances).toHaveLength(1);
});

it("no instance has two events at once, and a fifth event waits for one of four", async () => {
  const all = Array.from({ length: 5 }, () => vending.invoke({}));
  await settle();
  expect([instances.length, answers.length]).toEqual([4, 4]);
  answers.shift()?.();
  await settle();
  expect([instances.length, answers.length]).toEqual([4, 4]);
  for (const answer of answers) answer();
  expect(await Promise.all(all)).toEqual([1, 1, 1, 1, 2]);
});

it("an instance that failed is stopped and replaced", async () => {
  await expect(invoke("fail")).rejects.toThrow("failed");
  expect(await invoke()).toBe(1);
  expect(instances.map(({ stopped }) => stopped)).toEqual([true, false]);
});

it("an instance whose credentials are too old is stopped and replaced", async () => {
  await invoke();
  for (const instance of instances) instance.isUsable = false;
  expect(await invoke()).toBe(1);
  expect(instances.map(({ stopped }) => stopped)).toEqual([true, false]);
});

it("recycling stops idle instances at once, and a busy one after its answer", async () => {
  await Promise.all([invoke(), invoke()]);
  expect(instances).toHaveLength(2);
  const running = vending.invoke({});
  await settle();
  await vending.recycle();
  expect(instances.map(({ stopped }) => stopped).sort()).toEqual([false, true]);
  answers.shift()?.();
  expect(await running).toBe(2);
  expect(instances.every(({ stopped }) => stopped)).toBe(true);
});
