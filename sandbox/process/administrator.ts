/** Any key works: the emulator treats a key that belongs to no session as its administrator's. */
export const ADMINISTRATOR = { accessKeyId: "sandbox", secretAccessKey: "sandbox" } as const;

/** Variables that could lead a program to somebody's real account, or change what Terraform does. */
const LEADS_ELSEWHERE = /^(?:AWS_|TF_|CDKTF_|OIDC_S3_|COGNITO_|TERRAFORM_CONFIG$)/;

/** Exceptions to the above: which certificates to trust, and where to find Terraform's CLI configuration. */
const KEPT = new Set(["AWS_CA_BUNDLE", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"]);

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
  const inherited = Object.entries(parent).filter(([name]) => KEPT.has(name) || !LEADS_ELSEWHERE.test(name));
  const noProxy = [parent.NO_PROXY ?? parent.no_proxy, "127.0.0.1", "localhost"].filter(Boolean).join(",");
  return {
    ...Object.fromEntries(inherited),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    AWS_ENDPOINT_URL: options.awsEndpoint,
    AWS_ACCESS_KEY_ID: ADMINISTRATOR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ADMINISTRATOR.secretAccessKey,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
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
