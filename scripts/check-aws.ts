// Says whose AWS credentials these are and whether environments may be deployed with them: docs/troubleshooting.md.
import { join } from "node:path";
import { Command } from "commander";
import { formatFaults, loadEnvironments } from "../config";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { type LoggingRole, loggingRole, loggingVerdict } from "./api-logging-role";
import { type Asked, type CallerIdentity, callerIdentity } from "./caller-identity";
import type { CredentialFault } from "./credential-faults";
import { type Deployment, deploymentsOf } from "./deployments";

export interface CheckOptions {
  readonly deployments: readonly Deployment[];
  /** What is asked where there is nothing to deploy. */
  readonly usual: Asked;
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  /** Asks AWS. */
  readonly identify?: (asked: Asked) => Promise<CallerIdentity | CredentialFault>;
  readonly logRole?: (asked: Asked) => Promise<LoggingRole>;
}

/** Asks once for each region and profile, and compares. @returns whether every environment may be deployed. */
export async function checkAws(options: CheckOptions): Promise<boolean> {
  const { deployments, usual, env, print, logRole = loggingRole } = options;
  const ask = options.identify ?? ((asked: Asked) => callerIdentity(asked, env));
  const groups = new Map<string, { asked: Asked; for: Deployment[] }>();
  if (deployments.length === 0) groups.set("", { asked: usual, for: [] });
  for (const deployment of deployments) {
    const { region, profile } = deployment;
    const key = JSON.stringify([region, profile]);
    const group = groups.get(key) ?? { asked: { region, profile }, for: [] };
    groups.set(key, group);
    group.for.push(deployment);
  }
  let right = true;
  for (const group of groups.values()) {
    const { region } = group.asked;
    const answer = await ask(group.asked);
    const verdicts = group.for.map((deployment) => verdictOn(deployment, answer));
    const logs = "fault" in answer ? [] : await logVerdicts(group.for, answer, region, () => logRole(group.asked));
    const lines = [
      ...("fault" in answer ? faultLines(answer, region) : identityLines(answer, region)),
      ...[...verdicts, ...logs].flatMap((verdict) => verdict.lines),
      ...regionNotes(region, env),
    ];
    for (const line of lines) print(line);
    print("");
    right &&= !("fault" in answer) && [...verdicts, ...logs].every(({ fits }) => fits);
  }
  return right;
}

function identityLines({ account, arn, accessKeyId, source }: CallerIdentity, region: string): string[] {
  return [
    row("account", account),
    row("arn", arn),
    row("region", region),
    row("source", `${source}, key ${accessKeyId}`),
    ...(arn.endsWith(":root") ? [row("note", "this is the root user: make keys of a role or a user instead")] : []),
  ];
}

function faultLines({ code, fault, remedies }: CredentialFault, region: string): string[] {
  return [row("FAILED", `${fault} (${code})`), row("region", region), ...remedyLines(remedies)];
}

function remedyLines(remedies: readonly string[]): string[] {
  return remedies.map((remedy, index) => row(index === 0 ? "to do" : "", remedy));
}

interface Verdict {
  readonly lines: readonly string[];
  readonly fits: boolean;
}

function verdictOn({ name, role, allowed }: Deployment, answer: CallerIdentity | CredentialFault): Verdict {
  const verdict = (words: string, fits: boolean) => ({ lines: [row(name, words)], fits });
  if ("fault" in answer) return verdict("cannot be deployed", false);
  const account = accountOf(role, answer);
  const by = role === undefined ? "" : `, by the role ${role}`;
  if (allowed === undefined)
    return verdict(`account ${account}${by}: its files do not say which one it may be (allowed_account_ids)`, true);
  if (allowed.includes(account)) return verdict(`account ${account}${by} is allowed`, true);
  const words = `WRONG ACCOUNT ${account}${by}: allowed_account_ids has ${allowed.join(", ")}. Use its profile (AWS_PROFILE)`;
  return verdict(words, false);
}

function accountOf(role: string | undefined, { account }: CallerIdentity): string {
  return role?.split(":")[4] ?? account;
}

/** Of what writes API logs: whether the account can. It is asked once, and only where it is the caller's own. */
async function logVerdicts(
  deployments: readonly Deployment[],
  identity: CallerIdentity,
  region: string,
  ask: () => Promise<LoggingRole>,
): Promise<Verdict[]> {
  const logging = deployments.filter(({ apiLogs }) => apiLogs);
  const [own, others] = [true, false].map((is) =>
    logging.filter(({ role }) => (accountOf(role, identity) === identity.account) === is),
  ) as [Deployment[], Deployment[]];
  const unknown = others.map(({ name, role }) => {
    const words = `whether account ${accountOf(role, identity)} has a role for API logs is not known: ask with credentials of it`;
    return { lines: [row(name, words)], fits: true };
  });
  if (own.length === 0) return unknown;
  const { words, fits, remedies } = loggingVerdict(await ask(), { ...identity, region });
  return [{ lines: [...own.map(({ name }) => row(name, words)), ...remedyLines(remedies)], fits }, ...unknown];
}

/** Terraform takes the region from the environment's file; what other programs take may be another one. */
function regionNotes(region: string, env: NodeJS.ProcessEnv): string[] {
  return ["AWS_REGION", "AWS_DEFAULT_REGION"].flatMap((name) =>
    env[name] && env[name] !== region
      ? [row("note", `${name} is ${env[name]}: the AWS CLI looks there for what is deployed to ${region}`)]
      : [],
  );
}

function row(name: string, words: string): string {
  return `${name.padEnd(8)} ${words}`;
}

const AFTER_HELP = `
Asks STS by GetCallerIdentity, which needs no permission and changes nothing, in the region and with the profile of each
environment; the credentials come from the usual places. Where an environment has api_logging = true, it asks API Gateway
too, whether the account has the role for it. Exits with 0 when every environment may be deployed, otherwise with 1.

Examples:
  npm run check-aws
  AWS_PROFILE=ops npm run check-aws -- prod`;

async function main(): Promise<void> {
  const program = new Command("npm run check-aws --")
    .description("Says whose AWS credentials these are, and whether environments may be deployed with them")
    .argument("[environments...]", "folders of environments/; all but local by default")
    .addHelpText("after", AFTER_HELP)
    .parse();
  const asked = [...new Set(program.processedArgs[0] as string[])];
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const loaded = await loadEnvironments(folder, LAYERS);
  const missing = asked.filter((name) => loaded.every((environment) => environment.name !== name));
  if (missing.length > 0)
    throw new Error(
      `${folder} has no environment ${missing.join(", ")}, only ${loaded.map(({ name }) => name).join(", ")}`,
    );
  // The sandbox's environment is deployed to no AWS.
  const chosen = loaded.filter(({ name }) => (asked.length > 0 ? asked.includes(name) : name !== "local"));
  const faults = chosen.flatMap((environment) => ("faults" in environment ? environment.faults : []));
  if (faults.length > 0) console.error(formatFaults(faults));
  const deployments = chosen.flatMap((environment) =>
    "config" in environment ? deploymentsOf(environment.config) : [],
  );
  const env = process.env;
  const usual = { region: env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1" };
  const right = await checkAws({ deployments, usual, env, print: (line) => console.log(line) });
  process.exitCode = right && faults.length === 0 ? 0 : 1;
}

if (require.main === module) {
  allowClosedPipe();
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
