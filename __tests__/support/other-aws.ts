import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** The environment of somebody who works with a real AWS; nothing of it may reach the emulated one. */
export interface OtherAws {
  readonly env: Readonly<Record<string, string>>;
  /** Whether any program has called the profiles' `credential_process`. */
  wasNoticed(): boolean;
  remove(): void;
}

/** Any program that reads a profile of this file calls the process, or fails because of what else stands there. */
function trap(noticed: string): string {
  const profile = [
    `credential_process = sh -c 'touch ${noticed}; exit 1'`,
    "region = mars-north-1",
    "endpoint_url = https://nowhere.invalid",
    "use_fips_endpoint = true",
    "use_dualstack_endpoint = true",
    "retry_mode = never",
    "defaults_mode = nonsense",
    "sts_regional_endpoints = nonsense",
    "ca_bundle = /nowhere/ca.pem",
  ].join("\n");
  return `[default]\n${profile}\n\n[profile production]\n${profile}\n`;
}

/**
 * Every variable of the environment settings of AWS's SDKs and tools, set to what would be noticed, and a home folder
 * that is the user's own save for an ~/.aws with a trap in it.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export function otherAws(): OtherAws {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-other-aws-"));
  const noticed = join(folder, "noticed");
  const home = join(folder, "home");
  mkdirSync(join(home, ".aws"), { recursive: true });
  for (const name of readdirSync(homedir())) if (name !== ".aws") symlinkSync(join(homedir(), name), join(home, name));
  const config = join(home, ".aws/config");
  writeFileSync(config, trap(noticed));
  const credentials = join(home, ".aws/credentials");
  writeFileSync(credentials, "[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n");
  const nowhere = "https://nowhere.invalid";
  const services = ["S3", "STS", "IAM", "DYNAMODB", "LAMBDA", "COGNITO_IDENTITY_PROVIDER", "APIGATEWAYV2"];
  return {
    env: {
      HOME: home,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_PROFILE: "production",
      AWS_DEFAULT_PROFILE: "no-such-profile",
      AWS_SDK_LOAD_CONFIG: "1",
      AWS_ACCESS_KEY_ID: "AKIAREAL",
      AWS_SECRET_ACCESS_KEY: "real",
      AWS_SESSION_TOKEN: "real",
      AWS_SECURITY_TOKEN: "real",
      AWS_ACCOUNT_ID: "999999999999",
      AWS_ACCOUNT_ID_ENDPOINT_MODE: "required",
      AWS_REGION: "mars-north-1",
      AWS_DEFAULT_REGION: "mars-north-1",
      AWS_ENDPOINT_URL: nowhere,
      ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, nowhere])),
      AWS_STS_REGIONAL_ENDPOINTS: "nonsense",
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_USE_DUALSTACK_ENDPOINT: "true",
      AWS_S3_USE_ARN_REGION: "nonsense",
      AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS: "true",
      AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: "nonsense",
      AWS_REQUEST_CHECKSUM_CALCULATION: "nonsense",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "nonsense",
      AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES: "nonsense",
      AWS_DISABLE_REQUEST_COMPRESSION: "nonsense",
      AWS_SIGV4A_SIGNING_REGION_SET: "*",
      AWS_RETRY_MODE: "never",
      AWS_MAX_ATTEMPTS: "0",
      AWS_DEFAULTS_MODE: "nonsense",
      AWS_CA_BUNDLE: "/nowhere/ca.pem",
      AWS_ROLE_ARN: "arn:aws:iam::999999999999:role/real",
      AWS_ROLE_SESSION_NAME: "real",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/credentials",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "real",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/nowhere/token",
      AWS_EC2_METADATA_DISABLED: "false",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:9",
      AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "nonsense",
      AWS_EC2_METADATA_V1_DISABLED: "false",
      AWS_METADATA_SERVICE_NUM_ATTEMPTS: "1",
      AWS_METADATA_SERVICE_TIMEOUT: "1",
      AWS_IMDSV1_FALLBACK: "true",
      AWS_SDK_UA_APP_ID: "real",
      AWS_EXECUTION_ENV: "real",
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "nonsense",
      AWS_AUTH_SCHEME_PREFERENCE: "nonsense",
      AWS_CLI_AUTO_PROMPT: "on",
      AWS_PAGER: "false",
      AWS_DATA_PATH: "/nowhere",
    },
    wasNoticed: () => existsSync(noticed),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
