import { SettingsError } from "../../core/errors";
import { isLoopback, type NetworkSettings } from "../../network/network-settings";
import { isObject, type Json } from "../../settings/terraform-outputs";
import { BUCKET_NAME, REGION_NAME, urlFault } from "../../settings/value-faults";

/** What is known of a user pool and of the identity pool behind it; nothing of it is secret. */
export interface UserConfiguration {
  readonly region: string;
  readonly userPoolId: string;
  readonly clientId: string;
  /** Undefined where people only sign in, and get no AWS credentials. */
  readonly identityPoolId: string | undefined;
  readonly issuer: string;
  /** The sign-in pages' URL, without a slash at its end; undefined where there are none. */
  readonly domain: string | undefined;
  /** http://localhost:PORT/…, as the app client has them. */
  readonly callbackUrls: readonly string[];
  /** Roles that may be taken for longer than an hour, with their seconds. */
  readonly longSessions: ReadonlyMap<string, number>;
  /** The role of people whose groups have none. */
  readonly authenticatedRoleArn: string | undefined;
  readonly s3: { readonly bucket: string; readonly prefix: string; readonly userSpecific: boolean } | undefined;
  /** Where the services are, if not at AWS: the sandbox, VPC endpoints. */
  readonly endpoints: Readonly<Partial<Record<UserService, string>>>;
}

export type UserService = "cognito_idp" | "cognito_identity" | "sts";

/** Everything that signing in takes, validated. */
export interface UserSettings extends Omit<UserConfiguration, "endpoints"> {
  /** The name of these settings, of the session and of the profile in AWS's files. */
  readonly profile: string;
  readonly endpoints: Readonly<Record<UserService, string>>;
  readonly network: NetworkSettings;
  /** The folder for sessions and credentials; undefined where the user has none. */
  readonly stateDirectory: string | undefined;
  /** Where the settings are from, for people. */
  readonly source: string;
}

const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const HOUR = 3600;

/**
 * Checks the output `user_configuration`, or what is left of it: an older tool knew four of its keys.
 * @param place where it stands, for people
 * @throws {SettingsError} with all faults at once.
 */
export function userConfiguration(given: Json, place: string): UserConfiguration {
  const faults: string[] = [];
  const refuse = (key: string, form: string): undefined => {
    faults.push(`${place}: ${key} is ${JSON.stringify(given[key]) ?? "missing"}: it must be ${form}`);
    return undefined;
  };
  const text = (key: string, pattern: RegExp, form: string): string => {
    const value = given[key];
    return typeof value === "string" && pattern.test(value) ? value : (refuse(key, form) ?? "");
  };
  const optional = <T>(key: string, read: () => T | undefined): T | undefined =>
    given[key] === undefined || given[key] === null || given[key] === "" ? undefined : read();

  const userPoolId = text(
    "user_pool_id",
    /^[a-z]{2}(?:-[a-z]+)+-\d+_[A-Za-z0-9]+$/,
    'an id such as "eu-west-1_AbCdEf123"',
  );
  const ofPool = userPoolId.split("_")[0] ?? "";
  const url = (key: string, value: unknown): string | undefined => {
    const fault = typeof value === "string" ? urlFault(value) : "it must be a URL";
    if (fault === undefined) return (value as string).replace(/\/+$/, "");
    faults.push(`${place}: ${key} is ${JSON.stringify(value)}: ${fault}`);
    return undefined;
  };
  const region = optional("region", () => text("region", REGION_NAME, 'a region such as "eu-west-1"')) ?? ofPool;
  const configuration: UserConfiguration = {
    region,
    userPoolId,
    clientId: text("client_id", /^[\w+]{1,128}$/, "the id of the pool's app client"),
    identityPoolId: optional("identity_pool_id", () =>
      text("identity_pool_id", /^[\w-]+:[0-9a-f-]+$/, 'an id such as "eu-west-1:0123…"'),
    ),
    issuer: optional("issuer", () => url("issuer", given.issuer)) ?? `https://${cognitoHost(ofPool)}/${userPoolId}`,
    domain: optional("domain", () => url("domain", given.domain)),
    callbackUrls: optional("callback_urls", () => callbacks(given.callback_urls)) ?? [],
    longSessions: optional("long_sessions", () => sessions(given.long_sessions)) ?? new Map(),
    authenticatedRoleArn: optional("authenticated_role_arn", () =>
      text("authenticated_role_arn", ROLE_ARN, "the ARN of a role"),
    ),
    s3: optional("s3", () => place3(given.s3)),
    endpoints: optional("endpoints", () => endpoints(given.endpoints)) ?? {},
  };
  if (configuration.issuer !== "" && userPoolId !== "" && !configuration.issuer.endsWith(`/${userPoolId}`))
    refuse("issuer", `the issuer of ${userPoolId}, and end with its id`);
  if (faults.length > 0) throw new SettingsError(faults, { remedy: REMEDY });
  return configuration;

  function callbacks(value: unknown): string[] | undefined {
    const isCallback = (each: unknown): each is string =>
      typeof each === "string" && urlFault(each) === undefined && isLoopback(new URL(each).hostname);
    // A team may have added the address of a page of its own: nothing here listens to that.
    return Array.isArray(value) ? value.filter(isCallback) : refuse("callback_urls", "a list of addresses");
  }
  function sessions(value: unknown): Map<string, number> | undefined {
    const entries = isObject(value) ? Object.entries(value) : [];
    const isLong = ([arn, seconds]: [string, unknown]) =>
      ROLE_ARN.test(arn) && Number.isInteger(seconds) && Number(seconds) > HOUR && Number(seconds) <= 12 * HOUR;
    if (!isObject(value) || !entries.every(isLong))
      return refuse("long_sessions", "a map from ARNs of roles to seconds, 3601 to 43200");
    return new Map(entries as [string, number][]);
  }
  function place3(value: unknown): UserConfiguration["s3"] {
    const { bucket, prefix, user_specific: userSpecific } = isObject(value) ? value : ({} as Json);
    if (typeof bucket !== "string" || !BUCKET_NAME.test(bucket) || typeof prefix !== "string")
      return refuse("s3", "an object with bucket, prefix and user_specific");
    return { bucket, prefix, userSpecific: userSpecific === true };
  }
  function endpoints(value: unknown): UserConfiguration["endpoints"] | undefined {
    if (!isObject(value)) return refuse("endpoints", "an object with cognito_idp, cognito_identity and sts");
    const names = ["cognito_idp", "cognito_identity", "sts"] as const;
    return Object.fromEntries(
      names.filter((name) => value[name] !== undefined).map((name) => [name, url(`endpoints.${name}`, value[name])]),
    );
  }
}

const REMEDY = 'Take the output user_configuration of users-<env> whole: "oidc-s3 user configure --from FILE"';

/** The host of Cognito's user pools in a region, which is also in issuers and in the names of providers. */
export function cognitoHost(region: string): string {
  return `cognito-idp.${region}.${awsDomain(region)}`;
}

/** The domain of AWS's services in a region. */
export function awsDomain(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

/** How the identity pool calls the user pool, whatever address its tokens were got from. */
export function providerName({ userPoolId }: Pick<UserConfiguration, "userPoolId">): string {
  return `${cognitoHost(userPoolId.split("_")[0] ?? "")}/${userPoolId}`;
}
