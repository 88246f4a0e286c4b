import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const unit = z.strictObject({ price: z.number().nonnegative(), source: z.string().min(1) });
const schema = z.strictObject({
  written: z.iso.date(),
  region: z.string(),
  currency: z.string().length(3),
  note: z.string(),
  token_requests_per_1000: z.strictObject({
    /** Each price is for the requests of a month from that number on. */
    tiers: z.array(z.strictObject({ from: z.number().int().nonnegative(), price: z.number().nonnegative() })).min(1),
    source: z.string().min(1),
  }),
  http_api_per_million: unit,
  lambda_per_million: unit,
  lambda_per_gb_second: unit,
  dynamodb_reads_per_million: unit,
  logs_per_gb: unit,
});
export type Prices = z.infer<typeof schema>;

/** The prices that come with the project. */
export const PRICES_FILE = join(__dirname, "prices.json");

/**
 * Reads unit prices.
 * @throws {Error} with everything that is wrong with the file.
 */
export function readPrices(file = PRICES_FILE): Prices {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}; begin with a copy of cost/prices.json`);
  }
  const { data, error } = schema.safeParse(content);
  const tiers = data?.token_requests_per_1000.tiers.map(({ from }) => from) ?? [0];
  const faults = (error?.issues ?? []).map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
  if (tiers[0] !== 0 || tiers.some((from, index) => index > 0 && from <= (tiers[index - 1] ?? 0)))
    faults.push("token_requests_per_1000.tiers: the first is from 0, and each from more than the one before");
  if (data === undefined || faults.length > 0)
    throw new Error(`${file}\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  return data;
}
