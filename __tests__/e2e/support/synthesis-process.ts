import { LAYERS } from "../../../layers";
import { terraformVersion } from "../../../layers/cdktf-arguments";
import { synthesise } from "../../../layers/synthesis";
import { readBody, serveOnLoopback } from "../../../sandbox/process/loopback-server";
import type { SynthesisAnswer, SynthesisQuestion } from "./synthesis";

// As in main.ts, which this stands for.
process.setSourceMapsEnabled(false);

/** Synthesises environments one after the other, without loading cdktf anew for each as `main.ts` must. */
async function main(): Promise<void> {
  process.on("SIGTERM", () => process.exit(0));
  let last: Promise<unknown> = Promise.resolve();
  const { url } = await serveOnLoopback(async (request, response) => {
    const question: SynthesisQuestion = JSON.parse((await readBody(request, 100_000)).toString("utf8"));
    const answer = last.then(() => synthesised(question));
    last = answer;
    response.end(JSON.stringify(await answer));
  });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
}

async function synthesised({ directory, environment, outdir }: SynthesisQuestion): Promise<SynthesisAnswer> {
  try {
    await synthesise({
      ...{ directory, outdir, layers: LAYERS, variable: environment, commandLine: [], terraformVersion },
      warn: () => {},
    });
    return { fault: null };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
