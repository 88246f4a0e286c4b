import { LocalError, SettingsError } from "../../core/errors";
import { foreignWriter } from "../../core/writers";
import { ownFolder } from "../../settings/folders";
import { requireProfileName } from "../../settings/profile-name";
import { networkSettings } from "../../settings/settings";
import { type Environment, SettingsSources } from "../../settings/settings-sources";
import { isObject, type Json } from "../../settings/terraform-outputs";
import { readText } from "../../settings/text-file";
import { urlFault } from "../../settings/value-faults";
import {
  awsDomain,
  type UserConfiguration,
  type UserService,
  type UserSettings,
  userConfiguration,
} from "./user-settings";

export const DEFAULT_PROFILE = "default";

export interface UserSettingsInput {
  readonly env: Environment;
  /** From `--profile`: the settings of that name, whatever the environment has. */
  readonly profile?: string | undefined;
}

/**
 * Finds and checks the settings of a person: the file of `--profile`, else the environment where it names a user pool,
 * else the file of the profile "default".
 * @throws {SettingsError} with all faults at once.
 */
export function loadUserSettings({ env, profile }: UserSettingsInput): UserSettings {
  const name = profile ?? DEFAULT_PROFILE;
  const path = settingsPath(env, name);
  const named = profile === undefined ? undefined : readSettings(path);
  const found = named ?? fromEnvironment(env) ?? (profile === undefined ? readSettings(path) : undefined);
  if (found === undefined) {
    throw new SettingsError([`there are no settings for people: ${path ?? "this user has no home"} does not exist`], {
      remedy:
        'Run "oidc-s3 user configure --from FILE" with the file that you were given' +
        `${profile === undefined ? "" : ` and --profile ${profile}`}; servers' settings are others`,
    });
  }
  return { ...complete(found.configuration, env), profile: name, source: found.source };
}

/** Where the settings of a profile are; undefined where this user has no home. */
export function settingsPath(env: Environment, profile: string): string | undefined {
  requireProfileName(profile);
  const folder = ownFolder(env, "config");
  return folder === undefined ? undefined : `${folder}/users/${profile}.json`;
}

interface Found {
  readonly configuration: UserConfiguration;
  readonly source: string;
}

function readSettings(path: string | undefined): Found | undefined {
  if (path === undefined) return undefined;
  const { text, status, fault } = readText(path);
  if (text === undefined || status === undefined) {
    if (fault === "does not exist") return undefined;
    throw new LocalError(`${path} ${fault}`, "file_unreadable");
  }
  const writer = foreignWriter(path, status);
  if (writer) {
    throw new SettingsError(
      [`${path} is not used, since others could have the sign-in sent to them: ${writer.fault}`],
      { remedy: writer.remedy },
    );
  }
  return { configuration: userConfiguration(parse(text, path), path), source: path };
}

function parse(text: string, path: string): Json {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch {}
  throw new SettingsError([`${path} is not a JSON object`], {
    remedy: 'Write it anew: "oidc-s3 user configure --from FILE"',
  });
}

/**
 * The four names that an older tool had. COGNITO_CLIENT_ID also names a server's client: it is a person's where a user
 * pool's id stands beside it, and where nothing of a server does.
 */
function fromEnvironment(env: Environment): Found | undefined {
  if (!env.COGNITO_USER_POOL_ID) return undefined;
  const ofServer = ["COGNITO_CLIENT_SECRET", "COGNITO_CLIENT_SECRET_FILE"].filter((name) => env[name]);
  if (ofServer.length > 0) {
    throw new SettingsError(
      [
        `the environment has COGNITO_USER_POOL_ID, a person's, and ${ofServer.join(" and ")}, a server's: whose COGNITO_CLIENT_ID is, cannot be told`,
      ],
      { remedy: 'Unset one of them, or keep the person\'s settings in a file: "oidc-s3 user configure"' },
    );
  }
  return { configuration: userConfiguration(environmentSettings(env), ENVIRONMENT), source: ENVIRONMENT };
}

/** How the environment is called where settings are told to be from. */
export const ENVIRONMENT = "the environment";

/** What the four names say, as the settings' file has it. */
export function environmentSettings(env: Environment): Json {
  return {
    user_pool_id: env.COGNITO_USER_POOL_ID,
    client_id: env.COGNITO_CLIENT_ID,
    identity_pool_id: env.COGNITO_IDENTITY_POOL_ID,
    region: env.AWS_REGION,
  };
}

/** The SDKs' own names, one for each service. */
const ENDPOINTS: Readonly<Record<UserService, { readonly variable: string; readonly host: string }>> = {
  cognito_idp: { variable: "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", host: "cognito-idp" },
  cognito_identity: { variable: "AWS_ENDPOINT_URL_COGNITO_IDENTITY", host: "cognito-identity" },
  sts: { variable: "AWS_ENDPOINT_URL_STS", host: "sts" },
};

function complete(configuration: UserConfiguration, env: Environment): Omit<UserSettings, "profile" | "source"> {
  const faults: string[] = [];
  const { userPoolId, identityPoolId, region } = configuration;
  // An id begins with its region, whichever region the buckets are in.
  const regions = {
    cognito_idp: userPoolId.split("_")[0] ?? region,
    cognito_identity: identityPoolId?.split(":")[0] ?? region,
    sts: region,
  };
  const endpoint = (service: UserService): string => {
    const { variable, host } = ENDPOINTS[service];
    const own = `https://${host}.${regions[service]}.${awsDomain(region)}`;
    const name = [variable, "AWS_ENDPOINT_URL"].find((each) => env[each]);
    const url = configuration.endpoints[service] ?? (name === undefined ? own : (env[name] ?? own));
    const fault = urlFault(url);
    if (fault !== undefined) faults.push(`${name} is ${JSON.stringify(url)}: ${fault}`);
    return `${url.replace(/\/+$/, "")}/`;
  };
  const endpoints = {
    cognito_idp: endpoint("cognito_idp"),
    cognito_identity: endpoint("cognito_identity"),
    sts: endpoint("sts"),
  };
  if (faults.length > 0) throw new SettingsError(faults, { remedy: "Correct the settings above" });
  const folder = ownFolder(env, "state");
  return {
    ...configuration,
    endpoints,
    network: networkSettings(new SettingsSources(env, () => {})),
    stateDirectory: folder === undefined ? undefined : `${folder}/users`,
  };
}
