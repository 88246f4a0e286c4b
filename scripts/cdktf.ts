import { spawnSync } from "node:child_process";
import { cdktfCli } from "../layers/cdktf-cli";

// `npm run synth`: the command line tool that is installed, cdktf's or CDK Terrain's.

const { status, error } = spawnSync(process.execPath, [cdktfCli().file, ...process.argv.slice(2)], {
  stdio: "inherit",
});
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
