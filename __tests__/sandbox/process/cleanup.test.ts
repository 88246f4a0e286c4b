import { CleanupStack } from "../../../sandbox/process/cleanup";

let ended: string[];
let cleanup: CleanupStack;
beforeEach(() => {
  ended = [];
  cleanup = new CleanupStack();
});

it("what was started last ends first, and a failure stops nothing", async () => {
  cleanup.add(() => ended.push("first"));
  cleanup.add(() => Promise.reject(new Error("stuck")));
  cleanup.add(async () => ended.push("last"));
  await cleanup.run();
  expect(ended).toEqual(["last", "first"]);
});

it("each ends once, however often it is run", async () => {
  cleanup.add(() => ended.push("only"));
  await Promise.all([cleanup.run(), cleanup.run()]);
  await cleanup.run();
  expect(ended).toEqual(["only"]);
});

it("what is added after an interruption ends with the next run", async () => {
  await cleanup.run();
  cleanup.add(() => ended.push("late"));
  await cleanup.run();
  expect(ended).toEqual(["late"]);
});
