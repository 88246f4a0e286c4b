const QUIET = { TF_LOG_SDK: "OFF", TF_LOG_PROVIDER_AWS: "OFF" } as const;

/**
 * The environment for Terraform in which the AWS provider writes no log. Unless it is told otherwise it writes all of
 * it, at level TRACE, and Terraform parses each line to drop it: a fifth to a third of a plan's CPU time
 * (docs/performance.md).
 * An environment that asks for a log is left as it is.
 * https://developer.hashicorp.com/terraform/plugin/log/managing
 */
export function quietProviders(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const asksForLog = Object.entries(env).some(([name, value]) => name.startsWith("TF_LOG") && value);
  return asksForLog ? env : { ...env, ...QUIET };
}
