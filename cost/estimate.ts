import { throttleOf } from "../config/schema/foundation-keys";
import type { Prices } from "./prices";

export const SECONDS_A_MONTH = 2_628_000;
/** Seconds between two vendings of `credential-daemon`: half of an hour, and a twentieth of that on average (docs/fleets.md). */
export const VENDING_SECONDS = 1_890;
/** The client uses a token for this part of its life. */
const USED_SHARE_OF_LIFE = 0.75;
/** Of one vending, to estimate by: Lambda's time at AWS, the two items that it reads consistently, and what it logs. */
const LAMBDA_SECONDS = 0.1;
const ITEMS_READ = 2;
const LOGGED_BYTES = 2_000;
const LAMBDA_GB_DEFAULT = 0.25;

export interface Fleet {
  readonly servers: number;
  /** Hours that access tokens are valid. */
  readonly tokenHours: number;
  /** Requests a second that the API lets through; by default as many as the servers need. */
  readonly throttle?: number | undefined;
  readonly lambdaGb?: number | undefined;
}

export interface Quota {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly unit: string;
  /** What can be done about the limit. */
  readonly remark: string;
}

export interface Estimate {
  readonly fleet: Fleet;
  readonly tokensPerServer: number;
  readonly tokens: number;
  readonly vendings: number;
  /** By what is paid for, a month. */
  readonly costs: Readonly<Record<"token requests" | "HTTP API" | "Lambda" | "DynamoDB" | "logs", number>>;
  readonly total: number;
  readonly quotas: readonly Quota[];
  readonly advice: readonly string[];
}

/** Token requests of one server in a month: one for as many vendings as fit into the part of its life that a token is used. */
export function tokensPerServer(tokenHours: number): number {
  const vendings = Math.floor((USED_SHARE_OF_LIFE * tokenHours * 3600) / VENDING_SECONDS) + 1;
  return SECONDS_A_MONTH / (VENDING_SECONDS * vendings);
}

/** What a fleet costs in a month, and how near it is to AWS's limits. */
export function estimate(fleet: Fleet, prices: Prices): Estimate {
  const { servers, tokenHours } = fleet;
  const perServer = tokensPerServer(tokenHours);
  const tokens = servers * perServer;
  const vendings = (servers * SECONDS_A_MONTH) / VENDING_SECONDS;
  const millions = vendings / 1e6;
  const lambdaGb = fleet.lambdaGb ?? LAMBDA_GB_DEFAULT;
  const costs = {
    "token requests": priceOfTokens(tokens, prices),
    "HTTP API": millions * prices.http_api_per_million.price,
    Lambda:
      millions * prices.lambda_per_million.price +
      vendings * LAMBDA_SECONDS * lambdaGb * prices.lambda_per_gb_second.price,
    DynamoDB: millions * ITEMS_READ * prices.dynamodb_reads_per_million.price,
    logs: ((vendings * LOGGED_BYTES) / 1e9) * prices.logs_per_gb.price,
  };
  const total = Object.values(costs).reduce((sum, cost) => sum + cost, 0);
  const quotas = quotasOf(fleet, tokens);
  return {
    fleet,
    tokensPerServer: perServer,
    tokens,
    vendings,
    costs,
    total,
    quotas,
    advice: adviceFor(fleet, quotas, total, prices),
  };
}

function priceOfTokens(tokens: number, { token_requests_per_1000: { tiers } }: Prices): number {
  return tiers.reduce((sum, { from, price }, index) => {
    const to = tiers[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return sum + (Math.max(0, Math.min(tokens, to) - from) / 1000) * price;
  }, 0);
}

/** The limits are those of operations at AWS in 2025 and 2026, of an account and region unless the name says otherwise. */
function quotasOf({ servers, throttle = throttleOf(servers).rateLimit }: Fleet, tokens: number): Quota[] {
  const perSecond = servers / VENDING_SECONDS;
  return [
    { name: "app clients of the user pool", used: servers, limit: 1_000, unit: "", remark: "10,000 on request" },
    { name: "IAM roles", used: servers, limit: 1_000, unit: "", remark: "10,000 on request" },
    {
      ...{ name: "token requests (client credentials)", used: tokens / SECONDS_A_MONTH, limit: 150, unit: "/s" },
      remark: "of all pools; cannot be raised",
    },
    { name: "AssumeRole", used: perSecond, limit: 600, unit: "/s", remark: "of everything in the account" },
    {
      ...{ name: "the vending API's throttle", used: perSecond, limit: throttle, unit: "/s" },
      remark: "api_throttling_rate_limit",
    },
  ];
}

const BUSY = 0.7;

function adviceFor(fleet: Fleet, quotas: readonly Quota[], total: number, prices: Prices): string[] {
  const { servers, tokenHours, throttle } = fleet;
  const advice: string[] = [];
  if (tokenHours < 24) {
    const saved = total - estimate({ ...fleet, tokenHours: 24 }, prices).total;
    if (saved >= 1)
      advice.push(
        `tokens of a day (access_token_validity_minutes = 1440) save ${money(saved)} a month; one that is stolen is then of use for a day`,
      );
  }
  for (const { name, used, limit, remark } of quotas.filter(({ used, limit }) => used > BUSY * limit))
    advice.push(`${name}: ${Math.round((100 * used) / limit)} % of ${count(limit)} (${remark})`);
  const { rateLimit } = throttleOf(servers);
  if (throttle !== undefined && throttle < rateLimit)
    advice.push(
      `api_throttling_rate_limit is ${throttle}: with less than ${rateLimit} some servers lapse after an outage (docs/fleets.md)`,
    );
  if (servers > 10_000)
    advice.push("more than 10,000 servers need several user pools, and so environments: 1,000 to 10,000 servers each");
  return advice;
}

/** Dollars, or what else the prices are in, rounded as an estimate may be. */
export function money(amount: number): string {
  return `$${amount < 10 ? amount.toFixed(2) : Math.round(amount).toLocaleString("en")}`;
}

export function count(number: number): string {
  return number.toLocaleString("en", { maximumFractionDigits: number < 10 ? 2 : 0 });
}
