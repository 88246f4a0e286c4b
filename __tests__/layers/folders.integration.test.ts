import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LAYERS } from "../../layers";
import { synthesise } from "../../layers/synthesis";
import { devDirectory } from "../config/support/load";
import { temporaryDirectory } from "../config/support/temporary-environments";

jest.setTimeout(120_000);

it("nobody else may look into a stack's folder, where plan files with secrets come to lie", async () => {
  const outdir = temporaryDirectory({});
  // One that an earlier synthesis left open, with a plan in it.
  const open = join(outdir, "stacks", "servers-dev");
  mkdirSync(open, { recursive: true });
  writeFileSync(join(open, "plan"), "client secrets");
  chmodSync(open, 0o755);
  const warn = (message: string) => {
    throw new Error(message);
  };
  await synthesise({ directory: devDirectory(), layers: LAYERS, variable: undefined, commandLine: [], outdir, warn });
  for (const stack of ["foundation-dev", "servers-dev"]) {
    expect((statSync(join(outdir, "stacks", stack)).mode & 0o777).toString(8)).toBe("700");
  }
});
