import { join } from "node:path";
import { Annotations, App } from "cdktf";
import { bundleLambda } from "./build/lambda";
import { formatFaults, type LoadedEnvironment, loadEnvironments } from "./config";
import { FoundationStack } from "./stacks/foundation-stack";
import { useProviderLock } from "./stacks/provider-lock";
import { cdktfArguments, LAYERS, selectEnvironments, stackName } from "./stacks/selection";
import { ServersStack } from "./stacks/servers-stack";

type FaultyEnvironment = Extract<LoadedEnvironment, { faults: unknown }>;

// cdktf captures a stack trace for every nested block of every resource, and tsx's source maps make each several times
// as slow; errors are shown by their message alone, so nothing is lost.
process.setSourceMapsEnabled(false);

async function main(): Promise<void> {
  const directory = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "environments");
  const [environments, { code }] = await Promise.all([loadEnvironments(directory), bundleLambda()]);
  const selection = selectEnvironments(
    environments.map(({ name }) => name),
    process.env.OIDC_S3_ENVIRONMENTS,
    cdktfArguments(),
    directory,
  );
  const selected = environments.filter(({ name }) => selection.synthesised.includes(name));
  const faulty = selected.filter((environment): environment is FaultyEnvironment => "faults" in environment);
  if (faulty.some(({ name }) => selection.required.includes(name))) {
    throw new Error(formatFaults(faulty.flatMap(({ faults }) => faults)));
  }

  const app = new App();
  const stacks = selected.flatMap((environment) => {
    if ("faults" in environment) return [];
    const { name, config } = environment;
    return [
      new FoundationStack(app, stackName("foundation", name), { environment: config, lambdaCode: code }),
      new ServersStack(app, stackName("servers", name), { environment: config }),
    ];
  });
  for (const { name, faults } of faulty) {
    const warning = `The environment ${name} is left out, because of what is wrong with it:\n${formatFaults(faults)}`;
    console.error(warning);
    if (stacks[0]) Annotations.of(stacks[0]).addWarning(warning);
  }
  app.synth();
  for (const environment of selected) {
    if ("faults" in environment) continue;
    for (const layer of LAYERS) {
      const folder = join(app.outdir, "stacks", stackName(layer, environment.name));
      useProviderLock(folder, directory, environment.name);
    }
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
