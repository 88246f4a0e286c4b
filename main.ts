import { join } from "node:path";
import { LAYERS } from "./layers";
import { cdktfArguments, terraformVersion } from "./layers/cdktf-arguments";
import { synthesise } from "./layers/synthesis";

// cdktf captures a stack trace for every nested block of every resource, and tsx's source maps make each several times
// as slow; errors are shown by their message alone, so nothing is lost.
process.setSourceMapsEnabled(false);

synthesise({
  directory: process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "environments"),
  layers: LAYERS,
  variable: process.env.OIDC_S3_ENVIRONMENTS,
  commandLine: cdktfArguments(),
  terraformVersion,
  warn: (message) => console.error(message),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
