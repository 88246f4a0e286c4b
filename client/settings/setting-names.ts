/** The settings with their names in the environment and in settings files, and as flags. The secret has no flag. */
export const SETTING_NAMES = {
  idpType: { variable: "IDP_TYPE" },
  domain: { variable: "COGNITO_DOMAIN", flag: "--domain" },
  clientId: { variable: "COGNITO_CLIENT_ID", flag: "--client-id" },
  clientSecret: { variable: "COGNITO_CLIENT_SECRET" },
  clientSecretFile: { variable: "COGNITO_CLIENT_SECRET_FILE" },
  resourceServer: { variable: "COGNITO_RESOURCE_SERVER", flag: "--resource-server" },
  credentialApiUrl: { variable: "COGNITO_CREDENTIAL_API_URL", flag: "--credential-api-url" },
  tokenEndpoint: { variable: "COGNITO_TOKEN_ENDPOINT", flag: "--token-endpoint" },
  region: { variable: "AWS_REGION", flag: "--region" },
  bucket: { variable: "S3_BUCKET", flag: "--bucket" },
  prefix: { variable: "S3_PATH_PREFIX", flag: "--prefix" },
} as const satisfies Record<string, { variable: string; flag?: string }>;

export type SettingName = keyof typeof SETTING_NAMES;

/** The settings that have a flag; the secret is not among them: a command line is seen by every user of a machine. */
export const FLAG_NAMES = [
  "domain",
  "clientId",
  "resourceServer",
  "credentialApiUrl",
  "tokenEndpoint",
  "region",
  "bucket",
  "prefix",
] as const satisfies readonly SettingName[];
export type FlagName = (typeof FLAG_NAMES)[number];
