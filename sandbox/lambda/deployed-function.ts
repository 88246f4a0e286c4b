import { type FunctionConfiguration, GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { type ClientConfig, NO_OTHER_AWS } from "../process/administrator";
import { unpackDeployedCode } from "./deployed-code";
import type { FunctionSettings } from "./lambda-function";

/** Credentials live for an hour; an instance older than `USABLE_MS` gets no further event. */
const CREDENTIALS_SECONDS = 3600;
const USABLE_MS = 45 * 60_000;

export interface DeployedFunctionOptions {
  /** An administrator's. */
  readonly clientConfig: ClientConfig;
  readonly functionName: string;
  /** Where the function finds AWS and the pool's keys, instead of on the internet. */
  readonly redirections: Readonly<Record<string, string>>;
}

/**
 * Reads from the emulator what Terraform deployed as the function, and assumes its role, so that the role's policies
 * decide what the function may do.
 * @param folder where its code is unpacked.
 */
export async function readDeployedFunction(
  options: DeployedFunctionOptions,
  folder: string,
): Promise<FunctionSettings> {
  const { clientConfig, functionName } = options;
  const deployed = await getFunction(clientConfig, functionName);
  const { Handler = "", MemorySize = 128, Timeout = 3, FunctionArn = "" } = deployed.Configuration ?? {};
  const [file, env] = await Promise.all([
    unpackDeployedCode(deployed, folder),
    environmentOf(deployed.Configuration, options),
  ]);
  return {
    functionName,
    functionArn: FunctionArn,
    memoryMb: MemorySize,
    timeoutMs: Timeout * 1000,
    file,
    exportName: Handler.split(".").at(-1) ?? "",
    usableUntil: Date.now() + USABLE_MS,
    env,
  };
}

/** The variables that a deployed function runs with, the credentials of its role among them. */
export async function readDeployedEnvironment(options: DeployedFunctionOptions): Promise<Record<string, string>> {
  const { Configuration } = await getFunction(options.clientConfig, options.functionName);
  return environmentOf(Configuration, options);
}

async function getFunction(clientConfig: ClientConfig, FunctionName: string) {
  const client = new LambdaClient(clientConfig);
  try {
    return await client.send(new GetFunctionCommand({ FunctionName }));
  } finally {
    client.destroy();
  }
}

async function environmentOf(
  deployed: FunctionConfiguration = {},
  { clientConfig, functionName, redirections }: DeployedFunctionOptions,
): Promise<Record<string, string>> {
  const { Credentials: credentials } = await new STSClient(clientConfig).send(
    new AssumeRoleCommand({
      RoleArn: deployed.Role,
      RoleSessionName: functionName,
      DurationSeconds: CREDENTIALS_SECONDS,
    }),
  );
  return {
    ...deployed.Environment?.Variables,
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    AWS_REGION: clientConfig.region,
    AWS_DEFAULT_REGION: clientConfig.region,
    AWS_ACCESS_KEY_ID: credentials?.AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.SecretAccessKey ?? "",
    AWS_SESSION_TOKEN: credentials?.SessionToken ?? "",
    AWS_EXECUTION_ENV: `AWS_Lambda_${deployed.Runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.MemorySize ?? 128),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]sandbox`,
    TZ: ":UTC",
    // Lambda has no ~/.aws, but the machine that this runs on may.
    ...NO_OTHER_AWS,
    ...redirections,
  };
}
