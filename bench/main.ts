import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { machine } from "./figures";

/** A bench is a file here that exports `run`. */
interface Bench {
  run(): Promise<void>;
}

function benchNames(): string[] {
  return readdirSync(__dirname)
    .filter(
      (file) =>
        file.endsWith(".ts") && /^export async function run\(/m.test(readFileSync(join(__dirname, file), "utf8")),
    )
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** Runs the benches named on the command line one after the other, or all. */
async function main(asked: readonly string[]): Promise<void> {
  const names = benchNames();
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no bench is called ${unknown.join(", ")}: use ${names.join(", ")}, or none of them for all`);
  }
  console.log(`npm run bench ${asked.join(" ")}`.trim());
  console.log(machine());
  for (const name of asked.length > 0 ? asked : names) {
    const bench = (await import(`./${name}`)) as Bench;
    await bench.run();
  }
}

// Minutes of measurements for nobody.
allowClosedPipe(() => process.exit());
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
