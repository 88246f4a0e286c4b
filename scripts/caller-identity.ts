import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { type CredentialFault, type Credentials, credentialFault } from "./credential-faults";

/** Whom AWS is asked as, and where. */
export interface Asked {
  readonly region: string;
  /** A profile that is named in a file; AWS_PROFILE and what else is usual decide where none is. */
  readonly profile?: string | undefined;
}

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
  readonly accessKeyId: string;
  /** Where the credentials are from. */
  readonly source: string;
}

/** For a client of the AWS SDK that asks where Terraform would, and not for minutes. */
export function clientOptions({ region, profile }: Asked) {
  return {
    region,
    ...(profile === undefined ? {} : { profile }),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000 },
  };
}

/** Whose credentials these are, as STS says; the call needs no permission at all. */
export async function callerIdentity(
  { region, profile }: Asked,
  env: NodeJS.ProcessEnv,
  more: STSClientConfig = {},
): Promise<CallerIdentity | CredentialFault> {
  const sts = new STSClient({ ...clientOptions({ region, profile }), ...more });
  let found: Credentials | undefined;
  try {
    found = (await sts.config.credentials()) as Credentials;
    const { Account: account = "", Arn: arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
    return { account, arn, accessKeyId: found.accessKeyId, source: sourceOf(found, profile, env) };
  } catch (error) {
    const source = found && sourceOf(found, profile, env);
    return credentialFault(error, { region, profile, env, ...(found ? { found, source } : {}) });
  } finally {
    sts.destroy();
  }
}

/** The first that fits says most: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
const SOURCES: readonly (readonly [mark: RegExp, words: string])[] = [
  [/ENV_VARS_STS_WEB_ID|STS_ASSUME_ROLE_WEB_ID/, "a role, for the token in AWS_WEB_IDENTITY_TOKEN_FILE"],
  [/ENV_VARS/, "the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"],
  [/SSO/, "IAM Identity Center (aws sso login)"],
  [/LOGIN/, "aws login"],
  [/PROCESS/, "a credential_process"],
  [/STS_ASSUME_ROLE/, "a role that the profile assumes"],
  [/HTTP/, "the container's or another endpoint: AWS_CONTAINER_CREDENTIALS_*"],
  [/IMDS/, "this EC2 instance's role"],
  [/PROFILE/, "keys in ~/.aws/credentials or ~/.aws/config"],
];

function sourceOf({ $source = {} }: Credentials, profile: string | undefined, env: NodeJS.ProcessEnv): string {
  const marks = Object.keys($source).join(" ");
  const words = SOURCES.find(([mark]) => mark.test(marks))?.[1] ?? "the AWS SDK's usual places";
  if (!/PROFILE/.test(marks)) return words;
  return `profile ${profileName(profile, env)}: ${words}`;
}

/** The profile that counts, with where its name is from. */
export function profileName(profile: string | undefined, env: NodeJS.ProcessEnv): string {
  if (profile !== undefined) return `${profile} (in the environment's file)`;
  return env.AWS_PROFILE ? `${env.AWS_PROFILE} (AWS_PROFILE)` : "default";
}
