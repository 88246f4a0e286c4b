import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { FunctionSettings } from "../../../sandbox/lambda/lambda-function";
import { createLambdaFunction, type LambdaFunction } from "../../../sandbox/lambda/lambda-function";

const HANDLER = `
let calls = 0;
export const handler = async (event, context) => {
  calls += 1;
  if (event.wait) await new Promise((resolve) => setTimeout(resolve, event.wait));
  if (event.log) console.log("logged " + event.log);
  if (event.fail) throw new Error("failed " + event.fail);
  return { calls, env: process.env, remaining: context.getRemainingTimeInMillis(), name: context.functionName };
};`;

let folder: string;
let made: number;
let logged: string;
let vending: LambdaFunction;

function create(changes: Partial<FunctionSettings> = {}): LambdaFunction {
  const log = new PassThrough();
  log.on("data", (chunk: Buffer) => (logged += chunk));
  return createLambdaFunction(async () => {
    made += 1;
    return {
      functionName: "vend",
      functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:vend",
      memoryMb: 128,
      timeoutMs: 5_000,
      file: join(folder, "index.mjs"),
      exportName: "handler",
      env: { TABLE: "roles" },
      usableUntil: Date.now() + 60_000,
      ...changes,
    };
  }, log);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-function-"));
  writeFileSync(join(folder, "index.mjs"), HANDLER);
  made = 0;
  logged = "";
  vending = create();
});
afterEach(async () => {
  await vending.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("runs with the function's environment alone, and keeps its instance", async () => {
  process.env.OUTSIDE = "x";
  expect(await vending.invoke({})).toMatchObject({ calls: 1, env: { TABLE: "roles" }, name: "vend" });
  const second = (await vending.invoke({})) as { calls: number; env: object; remaining: number };
  expect([second.calls, second.env, made]).toEqual([2, { TABLE: "roles" }, 1]);
  expect(second.remaining).toBeLessThanOrEqual(5_000);
  delete process.env.OUTSIDE;
});

it("never gives one instance two events at once, and has no more than four", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => vending.invoke({ wait: 50 })));
  expect(answers).toHaveLength(10);
  expect(made).toBe(4);
});

it("an instance that threw is not used again; its log says why", async () => {
  await expect(vending.invoke({ fail: "once" })).rejects.toThrow("the function threw");
  expect(await vending.invoke({ log: "after" })).toMatchObject({ calls: 1 });
  await vending.stop();
  expect(logged).toContain("failed once");
  expect(logged).toContain("logged after");
});

it("an invocation that takes too long is given up", async () => {
  vending = create({ timeoutMs: 300 });
  await expect(vending.invoke({ wait: 3_000 })).rejects.toThrow("no answer within 300 ms");
});

it("a module that cannot be loaded", async () => {
  writeFileSync(join(folder, "index.mjs"), "throw new Error('broken module')");
  await expect(vending.invoke({})).rejects.toThrow("the function ended");
  expect(logged).toContain("broken module");
});

it.each([
  ["recycled", {}, true],
  ["with old credentials", { usableUntil: 0 }, false],
])("an instance that is %s is replaced", async (_, changes, recycle) => {
  vending = create(changes);
  await vending.invoke({});
  if (recycle) await vending.recycle();
  expect(await vending.invoke({})).toMatchObject({ calls: 1 });
  expect(made).toBe(2);
});
