import { Endings } from "../../../sandbox/process/cleanup";

let ended: string[];
let endings: Endings;
beforeEach(() => {
  ended = [];
  endings = new Endings();
});

it("what was started last ends first, and a failure stops nothing", async () => {
  endings.add(() => ended.push("first"));
  endings.add(() => Promise.reject(new Error("stuck")));
  endings.add(async () => ended.push("last"));
  await endings.run();
  expect(ended).toEqual(["last", "first"]);
});

it("each ends once, however often it is run", async () => {
  endings.add(() => ended.push("only"));
  await Promise.all([endings.run(), endings.run()]);
  await endings.run();
  expect(ended).toEqual(["only"]);
});

it("what is added after an interruption ends with the next run", async () => {
  await endings.run();
  endings.add(() => ended.push("late"));
  await endings.run();
  expect(ended).toEqual(["late"]);
});
