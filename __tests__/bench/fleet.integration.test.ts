import { type Outcome, type Simulation, simulate, simulateWithRealServers } from "../../bench/fleet/simulate";
import { VirtualClock } from "../../bench/fleet/virtual-clock";
import { throttleOf } from "../../config/schema/foundation-keys";

const MINUTE = 60_000;
const TROUBLE = 90 * MINUTE;

const fleet = (extra: Partial<Simulation>): Simulation => ({
  servers: 5,
  startWithin: 30 * MINUTE,
  lasts: 180 * MINUTE,
  tokenLife: 3600,
  rateLimit: 50,
  burstLimit: 100,
  ...extra,
});

describe("the model's servers do what the client's own code does", () => {
  it.each<[string, Partial<Simulation>]>([
    ["in peace", {}],
    ["without the vending API", { outages: [{ of: "vending API", from: TROUBLE, to: TROUBLE + 25 * MINUTE }] }],
    ["without the token endpoint", { outages: [{ of: "token endpoint", from: TROUBLE, to: TROUBLE + 50 * MINUTE }] }],
    ["without a network", { outages: [{ of: "network", from: TROUBLE, to: TROUBLE + 70 * MINUTE }] }],
    ["when all tokens become invalid", { rotation: TROUBLE }],
  ])("%s", async (_, trouble) => {
    const real = await simulateWithRealServers(fleet(trouble));
    const model = simulate(fleet(trouble));
    const requests = ({ services }: Outcome) => services.vendingRequests.reduce((sum, some = 0) => sum + some, 0);
    expect(real.services.vended).toBeGreaterThan(5);
    expect({ ...figures(model), requests: requests(model) }).toEqual({ ...figures(real), requests: requests(real) });
  });

  // Which of two that ask in one millisecond is throttled differs, and so the number of their requests.
  it("behind a gateway that throttles", async () => {
    const throttled = fleet({ rateLimit: 0.005, burstLimit: 1 });
    const real = await simulateWithRealServers(throttled);
    expect(real.services.throttled).toBeGreaterThan(20);
    expect(figures(simulate(throttled))).toEqual(figures(real));
  });

  const figures = ({ services, lapsed }: Outcome) => ({
    tokens: services.tokensIssued,
    vended: services.vended,
    lapsed,
  });
});

it("an outage of twenty minutes lets no server of a large fleet lapse, one of forty does", () => {
  // A part of the fleet behind the same part of the throttle, which takes as long to return.
  const [servers, part] = [1_250, 10];
  const { rateLimit, burstLimit } = throttleOf(servers * part);
  const outage = (minutes: number) =>
    simulate(
      fleet({
        rateLimit: rateLimit / part,
        burstLimit: burstLimit / part,
        servers,
        outages: [{ of: "vending API", from: TROUBLE, to: TROUBLE + minutes * MINUTE }],
      }),
    ).lapsed;
  expect(outage(20)).toBe(0);
  expect(outage(40)).toBeGreaterThan(servers / 10);
});

it("a simulation is the same at every run, and leaves the process's clock and random numbers alone", async () => {
  const own = [Date.now, Math.random, performance.now];
  const vended = async () => (await simulateWithRealServers(fleet({}))).services.vendingRequests;
  expect(await vended()).toEqual(await vended());
  expect([Date.now, Math.random, performance.now]).toEqual(own);
});

it("events happen in the order of their times, and of their making where these are equal", () => {
  const clock = new VirtualClock(0);
  const happened: string[] = [];
  for (const at of [5, 1, 3, 1, 4, 2, 5]) clock.after(at, () => happened.push(`${at} at ${clock.now}`));
  while (clock.step(4));
  expect(happened).toEqual(["1 at 1", "1 at 1", "2 at 2", "3 at 3", "4 at 4"]);
  expect(clock.now).toBe(4);
});
