import { quietProviders } from "../../layers/quiet-providers";

/** Any key works: the emulator treats a key that belongs to no session as its administrator's. */
export const ADMINISTRATOR = { accessKeyId: "sandbox", secretAccessKey: "sandbox" } as const;

/** Variables that could lead a program to somebody's real account, or change what Terraform does. */
const LEADS_ELSEWHERE = /^(?:AWS_|TF_|CDKTF_|OIDC_S3_|COGNITO_|TERRAFORM_CONFIG$)/;

/** Exceptions to the above: where to find Terraform's CLI configuration and its providers, and what quiets the SDK. */
const KEPT = new Set(["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"]);

/** For whatever runs here: no file of the user's and no instance profile leads to another AWS. */
export const NO_OTHER_AWS = {
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
} as const;

/** What is left of an environment when nothing in it, and no file in ~/.aws, leads a program to another AWS. */
export function withoutOtherAws(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => KEPT.has(name) || !LEADS_ELSEWHERE.test(name));
  return { ...Object.fromEntries(kept), ...NO_OTHER_AWS };
}

/**
 * Takes everything that leads to another AWS out of this process's own environment: the SDK reads it whenever a client
 * is made, whatever endpoint and credentials the client is given, and children inherit it.
 */
export function forgetOtherAws(env: NodeJS.ProcessEnv = process.env): void {
  const kept = withoutOtherAws(env);
  for (const name of Object.keys(env)) if (!Object.hasOwn(kept, name)) delete env[name];
  Object.assign(env, kept);
}

export interface ChildEnvironmentOptions {
  readonly awsEndpoint: string;
  readonly region: string;
  readonly environmentName: string;
  readonly environmentsFolder: string;
  readonly folder: string;
  readonly providerVariables: Readonly<Record<string, string>>;
}

/** The environment for programs that work on the emulated AWS as its administrator, and can reach no other AWS. */
export function childEnvironment(parent: NodeJS.ProcessEnv, options: ChildEnvironmentOptions): NodeJS.ProcessEnv {
  const noProxy = [parent.NO_PROXY ?? parent.no_proxy, "127.0.0.1", "localhost"].filter(Boolean).join(",");
  return {
    ...quietProviders(withoutOtherAws(parent)),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    AWS_ENDPOINT_URL: options.awsEndpoint,
    AWS_ACCESS_KEY_ID: ADMINISTRATOR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ADMINISTRATOR.secretAccessKey,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    CHECKPOINT_DISABLE: "1",
    DISABLE_VERSION_CHECK: "1",
    // Terraform's plugins leave their sockets there when they are killed.
    TMPDIR: options.folder,
    CDKTF_HOME: `${options.folder}/cdktf-home`,
    OIDC_S3_ENVIRONMENTS: options.environmentName,
    OIDC_S3_ENVIRONMENTS_DIR: options.environmentsFolder,
    ...options.providerVariables,
  };
}

/** How every AWS SDK client of the sandbox is configured. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Clients that act as the emulated account's administrator. */
export function administratorConfig(endpoint: string, region: string): ClientConfig {
  return { endpoint, region, credentials: ADMINISTRATOR };
}
