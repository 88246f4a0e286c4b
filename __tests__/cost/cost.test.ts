import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate } from "../../bench/fleet/simulate";
import { estimate, SECONDS_A_MONTH, tokensPerServer } from "../../cost/estimate";
import { PRICES_FILE, type Prices, readPrices } from "../../cost/prices";
import { costTable, costText } from "../../cost/text";

const prices = readPrices();
const quota = (servers: number, name: string, tokenHours = 1) =>
  estimate({ servers, tokenHours }, prices).quotas.find((each) => each.name.startsWith(name));

it.each([
  [1, 695],
  [12, 77],
  [24, 40],
])("with tokens of %d h a server requests %d a month", (hours, requests) => {
  expect(Math.round(tokensPerServer(hours))).toBe(requests);
});

it("the client's own renewal, simulated, requests as many tokens as the estimate says", () => {
  const hours = 24 * 10;
  const fleet = { servers: 50, tokenLife: 3600, startWithin: 1_800_000, rateLimit: 50, burstLimit: 100 };
  const { services } = simulate({ ...fleet, lasts: hours * 3_600_000 });
  const month = ((services.tokensIssued / fleet.servers) * SECONDS_A_MONTH) / (hours * 3600);
  expect(month / tokensPerServer(1)).toBeCloseTo(1, 1);
});

it("costs are those of tokens, requests, the function, the table and logs", () => {
  const { costs, total, tokens, vendings } = estimate({ servers: 1_000, tokenHours: 1 }, prices);
  expect(tokens).toBeCloseTo(695_238, -1);
  expect(vendings).toBeCloseTo(1_390_476, -1);
  expect(costs["token requests"]).toBeCloseTo(695.238 * 2.25, 1);
  expect(costs["HTTP API"]).toBeCloseTo(1.39, 2);
  expect(costs.DynamoDB).toBeCloseTo(1.390476 * 2 * 0.125, 3);
  expect(total).toBeCloseTo(
    Object.values(costs).reduce((sum, cost) => sum + cost, 0),
    6,
  );
});

it("each tier's price is for the requests that are in it", () => {
  const tiers = [
    { from: 0, price: 2 },
    { from: 1_000, price: 1 },
  ];
  const own = { ...prices, token_requests_per_1000: { tiers, source: "ours" } };
  const cost = (servers: number) => estimate({ servers, tokenHours: 1 }, own).costs["token requests"];
  expect(cost(1)).toBeCloseTo(0.695238 * 2, 4);
  expect(cost(10)).toBeCloseTo(2 + 5.95238, 4);
});

it("quotas are told by their share, and what comes near one is advised about", () => {
  expect(quota(100_000, "token requests")).toMatchObject({ limit: 150, used: expect.closeTo(26.45, 1) });
  expect(quota(100_000, "AssumeRole")).toMatchObject({ limit: 600, used: expect.closeTo(52.9, 1) });
  expect(estimate({ servers: 100, tokenHours: 24 }, prices).advice).toEqual([]);
  const large = estimate({ servers: 800, tokenHours: 24, throttle: 50 }, prices).advice;
  expect(large).toEqual([
    expect.stringMatching(/^app clients of the user pool: 80 % of 1,000/),
    expect.stringMatching(/^IAM roles: 80 %/),
  ]);
  const throttled = estimate({ servers: 50_000, tokenHours: 24, throttle: 50 }, prices).advice.join("\n");
  expect(throttled).toContain("with less than 200 some servers lapse");
  expect(throttled).toContain("several user pools");
  expect(estimate({ servers: 100, tokenHours: 1 }, prices).advice[0]).toMatch(/tokens of a day .* save \$147 a month/);
});

it("the text has the costs, the quotas and the date of the prices", () => {
  const text = costText(estimate({ servers: 1_000, tokenHours: 1 }, prices), prices);
  expect(text).toMatch(/token requests +\$1,564/);
  expect(text).toMatch(/together +\$1,568/);
  expect(text).toContain(`prices of us-east-1, ${prices.written}`);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(130);
});

describe("a file of prices", () => {
  const written = (change: (own: Record<string, unknown>) => void): string => {
    const own = JSON.parse(readFileSync(PRICES_FILE, "utf8"));
    change(own);
    const file = join(mkdtempSync(join(tmpdir(), "oidc-s3-prices-")), "prices.json");
    writeFileSync(file, JSON.stringify(own));
    return file;
  };

  it("of one's own counts", () => {
    const file = written((own) => {
      own.http_api_per_million = { price: 3.5, source: "ours" };
    });
    const cost = (of: Prices) => estimate({ servers: 1_000, tokenHours: 1 }, of).costs["HTTP API"];
    expect(cost(readPrices(file)) / cost(prices)).toBeCloseTo(3.5);
  });

  it.each<[string, (own: Record<string, unknown>) => void, RegExp]>([
    ["a price that is no number", (own) => (own.logs_per_gb = { price: "0.5", source: "x" }), /logs_per_gb\.price/],
    ["a key too many", (own) => (own.discount = 1), /discount/],
    [
      "tiers out of order",
      (own) => (own.token_requests_per_1000 = { tiers: [{ from: 5, price: 1 }], source: "x" }),
      /first is from 0/,
    ],
  ])("with %s is refused, with the place", (_, change, message) => {
    expect(() => readPrices(written(change))).toThrow(message);
  });

  it("that is not there is refused with what to begin with", () => {
    expect(() => readPrices("/nowhere/prices.json")).toThrow("begin with a copy of cost/prices.json");
  });
});

it("docs/costs.md has the command's table", () => {
  const page = readFileSync(join(__dirname, "../../docs/costs.md"), "utf8");
  expect(page).toContain(`\n${costTable(prices)}\n`);
});
