import type { EnvironmentConfig } from "../config/schema/types";
import { type BackendClients, backendClients } from "./backend-clients";
import { ensureLockTable } from "./lock-table";
import { ensureStateBucket } from "./state-bucket";
import { type Outcome, type StateResource, stateResources, unlockedEnvironments } from "./state-resources";

export interface BootstrapOptions {
  readonly environments: readonly EnvironmentConfig[];
  readonly dryRun: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
}

/**
 * Makes what the environments' states need and reports each step. One that fails does not stop the others.
 * @returns whether everything exists now (or would exist), as expected.
 */
export async function bootstrap({ environments, dryRun, env, print }: BootstrapOptions): Promise<boolean> {
  let right = true;
  for (const resource of stateResources(environments)) {
    const what = resource.kind === "bucket" ? "state bucket" : "lock table";
    try {
      const clients = await backendClients(resource.backend, env);
      const account = clients.accountId === undefined ? "" : `, account ${clients.accountId}`;
      print(`${what} ${resource.name} (${resource.backend.region}${account}), for ${resource.environments.join(", ")}`);
      const outcome = await ensure(resource, clients, dryRun);
      for (const line of outcomeLines(outcome)) print(`  ${line}`);
      right &&= outcome.deviations.length === 0;
    } catch (error) {
      right = false;
      print(`  FAILED ${what} ${resource.name}: ${describe(error)}`);
    }
  }
  for (const name of unlockedEnvironments(environments)) {
    right = false;
    print(`environment ${name}`);
    print("  ! nothing locks its state: two deployments at once can lose it");
    print('    → add use_lockfile = true (Terraform 1.10 or newer) or dynamodb_table = "…" to its backend files');
  }
  return right;
}

function ensure(resource: StateResource, { s3, dynamodb }: BackendClients, dryRun: boolean): Promise<Outcome> {
  const { kind, name, backend, kmsKeyId } = resource;
  if (kind === "table") return ensureLockTable(dynamodb, name, dryRun);
  return ensureStateBucket(s3, { name, region: backend.region, ...(kmsKeyId ? { kmsKeyId } : {}) }, dryRun);
}

function outcomeLines({ action, traits, deviations }: Outcome): string[] {
  const first = {
    made: `made: ${traits.join(", ")}`,
    "would-make": `would be made: ${traits.join(", ")}`,
    exists:
      deviations.length === 0 ? "exists, all checks passed, and is left as it is" : "exists, and is left as it is",
  }[action];
  return [first, ...deviations.flatMap(({ text, remedy }) => [`! ${text}`, `  → ${remedy}`])];
}

function describe(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (name === "CredentialsProviderError") {
    return `there are no AWS credentials (${message}): set AWS_PROFILE or AWS_ACCESS_KEY_ID in the environment, or profile in the backend file`;
  }
  return message || name;
}
