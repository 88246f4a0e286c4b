import { Stages } from "../../../sandbox/rest-api/stages";
import { FakeControlPlane, method, STAGE } from "./support/deployed";

let now: number;
let controlPlane: FakeControlPlane;
let stages: Stages;
beforeEach(() => {
  now = 0;
  controlPlane = new FakeControlPlane([method("GET /book")]);
  stages = new Stages(controlPlane, () => now);
});

const serves = async (path: string, stage = "dev") =>
  (await stages.find(stage))?.routes.find("GET", path) !== undefined;

it("knows the stages that are deployed, and no others", async () => {
  expect([await serves("/book"), await serves("/book", "prod"), await serves("/book", "Dev")]).toEqual([
    true,
    false,
    false,
  ]);
});

it("asks once for requests that come at once, and not again within a second", async () => {
  await Promise.all([serves("/book"), serves("/book"), serves("/book")]);
  now = 999;
  await serves("/book");
  expect(controlPlane.asked).toEqual({ stages: 1, methods: 1 });
});

it("serves a change once a new deployment is in the stage, and not before", async () => {
  await serves("/book");
  controlPlane.routes = [method("GET /user")];
  now = 5000;
  expect([await serves("/book"), await serves("/user")]).toEqual([true, false]);
  expect(controlPlane.asked.methods).toBe(1);

  controlPlane.deployed = [{ ...STAGE, deploymentId: "second" }];
  now = 10_000;
  expect([await serves("/book"), await serves("/user")]).toEqual([false, true]);
});

it("keeps the snapshot of one stage when another gets a new deployment", async () => {
  await serves("/book");
  controlPlane.routes = [method("GET /user")];
  controlPlane.deployed = [STAGE, { ...STAGE, name: "next", deploymentId: "second" }];
  now = 5000;
  expect([await serves("/book"), await serves("/user"), await serves("/user", "next")]).toEqual([true, false, true]);
});

it("no longer serves a stage that is gone", async () => {
  await serves("/book");
  controlPlane.deployed = [];
  now = 5000;
  expect(await serves("/book")).toBe(false);
});

it("looks at once when it is told of a deployment", async () => {
  await serves("/book");
  controlPlane.routes = [method("GET /user")];
  controlPlane.deployed = [{ ...STAGE, deploymentId: "second" }];
  await stages.renew();
  expect([await serves("/book"), await serves("/user")]).toEqual([false, true]);
});

it("says what went wrong, and asks again for the next request", async () => {
  jest.spyOn(controlPlane, "stages").mockRejectedValueOnce(new Error("the emulator is gone"));
  await expect(serves("/book")).rejects.toThrow("the emulator is gone");
  expect(await serves("/book")).toBe(true);
});
