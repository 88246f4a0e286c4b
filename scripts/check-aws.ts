// Says whose AWS credentials these are and whether environments may be deployed with them: docs/troubleshooting.md.
import { join } from "node:path";
import { Command } from "commander";
import { type EnvironmentConfig, formatFaults, loadEnvironments } from "../config";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { type Asked, type CallerIdentity, callerIdentity } from "./caller-identity";
import type { CredentialFault } from "./credential-faults";

/** What a layer's file says of the account that it is deployed to. */
interface AccountSettings {
  readonly awsRegion?: string;
  readonly profile?: string | undefined;
  readonly assumeRole?: Readonly<Record<string, unknown>> | undefined;
  readonly allowedAccountIds?: readonly string[] | undefined;
}

/** The layers of an environment that are deployed alike. */
export interface Deployment extends Asked {
  readonly name: string;
  readonly role?: string | undefined;
  readonly allowed?: readonly string[] | undefined;
}

/** How an environment is deployed: once, unless its layers' files differ in region, profile, role or accounts. */
export function deploymentsOf({ name, foundation, optional }: EnvironmentConfig): Deployment[] {
  const settings: readonly (AccountSettings | undefined)[] = [
    foundation,
    ...(Object.values(optional) as AccountSettings[]),
  ];
  const deployments = new Map<string, Deployment>();
  for (const file of settings) {
    if (file?.awsRegion === undefined) continue;
    const { awsRegion: region, profile, assumeRole, allowedAccountIds: allowed } = file;
    const role = typeof assumeRole?.role_arn === "string" ? assumeRole.role_arn : undefined;
    const deployment = { name, region, profile, role, allowed };
    deployments.set(JSON.stringify(deployment), deployment);
  }
  return [...deployments.values()];
}

export interface CheckOptions {
  readonly deployments: readonly Deployment[];
  /** What is asked where there is nothing to deploy. */
  readonly usual: Asked;
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  /** Asks AWS. */
  readonly identify?: (asked: Asked) => Promise<CallerIdentity | CredentialFault>;
}

/** Asks once for each region and profile, and compares. @returns whether every environment may be deployed. */
export async function checkAws({ deployments, usual, env, print, identify }: CheckOptions): Promise<boolean> {
  const ask = identify ?? ((asked: Asked) => callerIdentity(asked, env));
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
    const lines = [
      ...("fault" in answer ? faultLines(answer, region) : identityLines(answer, region)),
      ...verdicts.map(({ line }) => line),
      ...regionNotes(region, env),
    ];
    for (const line of lines) print(line);
    print("");
    right &&= !("fault" in answer) && verdicts.every(({ fits }) => fits);
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
  return [
    row("FAILED", `${fault} (${code})`),
    row("region", region),
    ...remedies.map((remedy, index) => row(index === 0 ? "to do" : "", remedy)),
  ];
}

function verdictOn(
  { name, role, allowed }: Deployment,
  answer: CallerIdentity | CredentialFault,
): { line: string; fits: boolean } {
  if ("fault" in answer) return { line: row(name, "cannot be deployed"), fits: false };
  const account = role?.split(":")[4] ?? answer.account;
  const by = role === undefined ? "" : `, by the role ${role}`;
  if (allowed === undefined)
    return {
      line: row(name, `account ${account}${by}: its files do not say which one it may be (allowed_account_ids)`),
      fits: true,
    };
  if (allowed.includes(account)) return { line: row(name, `account ${account}${by} is allowed`), fits: true };
  return {
    line: row(
      name,
      `WRONG ACCOUNT ${account}${by}: allowed_account_ids has ${allowed.join(", ")}. Use its profile (AWS_PROFILE)`,
    ),
    fits: false,
  };
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
environment; the credentials come from the usual places. Exits with 0 when every environment may be deployed, otherwise
with 1.

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
