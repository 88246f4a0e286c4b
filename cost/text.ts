import { count, type Estimate, estimate, money } from "./estimate";
import type { Prices } from "./prices";

/** An estimate as lines for people. */
export function costText(found: Estimate, prices: Prices): string {
  const { fleet, tokensPerServer, tokens, vendings, costs, total, quotas, advice } = found;
  const rows = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([name, value]) => `  ${name.padEnd(36)} ${value.padStart(12)}`);
  return [
    `${count(fleet.servers)} servers with credential-daemon, tokens of ${fleet.tokenHours} h, a month of 730 hours:`,
    ...rows([
      ["token requests of one server", count(tokensPerServer)],
      ["token requests", count(Math.round(tokens))],
      ["vendings", count(Math.round(vendings))],
    ]),
    "",
    `Costs a month (prices of ${prices.region}, ${prices.written}):`,
    ...rows([...Object.entries(costs).map(([name, cost]) => [name, money(cost)] as const), ["together", money(total)]]),
    "",
    "Quotas, when all is well:",
    ...quotas.map(({ name, used, limit, unit, remark }) => {
      const share = `${((100 * used) / limit).toFixed(used / limit < 0.1 ? 1 : 0)} %`;
      return `  ${name.padEnd(36)} ${share.padStart(8)}  of ${count(limit)}${unit} (${remark})`;
    }),
    ...(advice.length === 0 ? [] : ["", "Advice:", ...advice.map((line) => `  ${line}`)]),
    "",
    "Uploads, storage and the bucket's requests are not in it: they are what they would be without this.",
  ].join("\n");
}

/** The table of docs/costs.md. */
export function costTable(prices: Prices): string {
  const sizes = [100, 1_000, 10_000, 100_000];
  const hours = [1, 12, 24];
  const lines = sizes.map((servers) => {
    const found = hours.map((tokenHours) => estimate({ servers, tokenHours }, prices));
    const [first] = found;
    const others = first === undefined ? 0 : first.total - first.costs["token requests"];
    const cells = found.map(({ costs }) => money(costs["token requests"]));
    const share = first?.quotas.find(({ name }) => name.startsWith("token requests"));
    const used = share === undefined ? "" : `${((100 * share.used) / share.limit).toFixed(1)} %`;
    return `| ${[count(servers), ...cells, money(others), used].join(" | ")} |`;
  });
  return [
    "| servers | token requests: tokens of 1 h | 12 h | 24 h | all else | token quota used, at 1 h |",
    "| ------: | ----------------------------: | ---: | ---: | -------: | -----------------------: |",
    ...lines,
  ].join("\n");
}
