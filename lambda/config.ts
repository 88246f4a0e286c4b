import { SERVER_NAME_CHARACTERS } from "../access/names";

/** The function's settings, checked. */
export interface VendingConfig {
  /** The one `iss` that a token may have. */
  readonly issuer: string;
  /** Where the user pool's signing keys are fetched from; never taken from a token. */
  readonly jwksUri: string;
  readonly resourceServerIdentifier: string;
  readonly clientRolesTable: string;
  readonly clientControlsTable: string;
  readonly clientActivityTable: string;
  readonly bucket: string;
  readonly bucketArn: string;
  /** What the ARN of every role that may be assumed starts with. */
  readonly serverRolePrefix: string;
  readonly region: string;
}

/** A setting of the function that is missing or wrong; the message names it and the remedy. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings that the foundation stack gives the function.
 * @throws {ConfigError} where one is missing or malformed.
 */
export function readConfig(environment: Environment): VendingConfig {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw fault(name, "is not set");
    return value;
  };
  const userPoolId = required("USER_POOL_ID");
  const poolRegion = /^([a-z]{2,4}(?:-[a-z]+)+-\d+)_[A-Za-z0-9]+$/.exec(userPoolId)?.[1];
  if (!poolRegion) throw fault("USER_POOL_ID", "is not <region>_<id>");
  const issuer = `https://cognito-idp.${poolRegion}.amazonaws.com/${userPoolId}`;

  const serverRolePrefix = required("SERVER_ROLE_PREFIX");
  if (!new RegExp(`^arn:aws:iam::\\d{12}:role/(?:[\\w+=,.@-]+/)*[${SERVER_NAME_CHARACTERS}]+-$`).test(serverRolePrefix))
    throw fault("SERVER_ROLE_PREFIX", "is not arn:aws:iam::<account>:role/<path><project>-cognito-<env>-");
  const bucket = required("S3_BUCKET");

  return {
    issuer,
    jwksUri: jwksUri(environment.JWKS_URI) ?? `${issuer}/.well-known/jwks.json`,
    resourceServerIdentifier: required("RESOURCE_SERVER_IDENTIFIER"),
    clientRolesTable: required("CLIENT_ROLES_TABLE"),
    clientControlsTable: required("CLIENT_CONTROLS_TABLE"),
    clientActivityTable: required("CLIENT_ACTIVITY_TABLE"),
    bucket,
    bucketArn: `arn:aws:s3:::${bucket}`,
    serverRolePrefix,
    region: required("AWS_REGION"),
  };
}

/** Keys fetched in clear could be replaced on the way, and with them every token's signature: only loopback may. */
function jwksUri(value: string | undefined): string | undefined {
  if (!value) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const loopback = url !== undefined && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && loopback)) return url.href;
  throw fault("JWKS_URI", "is not an https address, or an http address on loopback");
}

function fault(name: string, found: string): ConfigError {
  return new ConfigError(
    `environment variable ${name} ${found}: deploy the foundation stack again, it sets the function's environment`,
  );
}
