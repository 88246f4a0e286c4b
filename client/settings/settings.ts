import { SettingsError } from "../core/errors";
import { Secret } from "../core/secret";
import type { NetworkSettings } from "../network/network-settings";
import { ownFolder } from "./folders";
import { FLAG_NAMES, type FlagName, type NamedContent, SETTING_NAMES, type SettingName } from "./settings-file";
import { type Environment, type Found, SettingsSources, settingAt } from "./settings-sources";
import { s3Endpoint, tokenValueFaults, valueFaults } from "./value-faults";

/** Where servers keep their settings. */
export const DEFAULT_CONFIG_FILE = "/etc/oidc-s3/config.env";

/** What an access token takes, validated: the settings of any app client that has the client credentials grant. */
export interface TokenSettings {
  /** The prefix of Cognito's domain; empty when the token endpoint is named instead. */
  readonly domain: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Empty when not set, which is possible only for a token. */
  readonly resourceServer: string;
  /** Empty when not set, which is possible only with a token endpoint; the vending API's answer names it too. */
  readonly region: string;
  readonly network: NetworkSettings;
  /** The folder for cached tokens and credentials; undefined where the user has none. */
  readonly cacheDirectory: string | undefined;
  /** Where each setting was found, for people: "environment variable AWS_REGION", "/etc/oidc-s3/config.env, line 3". */
  readonly sources: Readonly<Partial<Record<SettingName, string>>>;
}

/** Everything that a server's client needs to know, validated. */
export interface Settings extends TokenSettings {
  readonly credentialApiUrl: string;
  /** Empty when not set; the vending API's answer names it too, and is right where the two differ. */
  readonly bucket: string;
  /** As `bucket`. */
  readonly prefix: string;
  /** Where S3 is, if not at AWS: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. */
  readonly s3Endpoint: string | undefined;
  /** The setting that names it, for people. */
  readonly s3EndpointPlace: string | undefined;
}

export interface SettingsInput {
  readonly flags?: Readonly<Partial<Record<FlagName, string>>>;
  readonly env: Environment;
  /** From `--config`: the first settings file that is looked into. */
  readonly configFile?: string | undefined;
  /** Called with a warning, such as that everyone can read a settings file. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Called with what is odd and yet right on many a machine: for those who look for a fault. */
  readonly note?: ((message: string) => void) | undefined;
  /** The last settings file that is looked into. */
  readonly defaultConfigFile?: string;
  /** What is about to become a settings file: no file is looked into then. */
  readonly contents?: readonly NamedContent[] | undefined;
}

/**
 * Finds and checks the settings of a server: flags, environment, `--config`, OIDC_S3_CONFIG, /etc/oidc-s3/config.env,
 * each setting from the first of these that has it.
 * @throws {SettingsError} with all faults at once.
 */
export function loadSettings(input: SettingsInput): Settings {
  const found = findSettings(input, ["clientId", "resourceServer", "credentialApiUrl"], valueFaults);
  const { sources } = found;
  const endpoint = s3Endpoint(sources);
  return {
    ...tokenSettings(input, found),
    credentialApiUrl: text(sources, "credentialApiUrl"),
    bucket: text(sources, "bucket"),
    prefix: text(sources, "prefix"),
    s3Endpoint: endpoint?.value,
    s3EndpointPlace: endpoint && settingAt(endpoint.name, endpoint.source),
  };
}

/**
 * As {@link loadSettings}, of any app client: one that calls another API has no vending API, bucket or prefix.
 * What is set of these is not looked at.
 */
export function loadTokenSettings(input: SettingsInput): TokenSettings {
  return tokenSettings(input, findSettings(input, ["clientId"], tokenValueFaults));
}

interface FoundSettings {
  readonly sources: SettingsSources;
  readonly secret: Found | undefined;
}

function findSettings(
  input: SettingsInput,
  needed: readonly SettingName[],
  faultsOf: (sources: SettingsSources) => string[],
): FoundSettings {
  const { env } = input;
  const sources = new SettingsSources(env, input.warn ?? (() => {}));
  for (const name of FLAG_NAMES) sources.addFlag(name, input.flags?.[name]);
  if (input.contents) for (const content of input.contents) sources.addContent(content);
  else {
    sources.addEnvironment();
    if (input.configFile !== undefined) sources.addFile(input.configFile, "--config");
    if (env.OIDC_S3_CONFIG) sources.addFile(env.OIDC_S3_CONFIG, "OIDC_S3_CONFIG");
    sources.addFileIfThere(input.defaultConfigFile ?? DEFAULT_CONFIG_FILE);
  }

  const faults = sources.faults;
  // What is missing besides is in that file, most likely.
  if (sources.namedFileFault) throw new SettingsError(faults, { remedy: "Correct the path, or the file" });
  const idpType = sources.find("idpType");
  if (idpType && idpType.value !== "cognito") {
    faults.push(
      `IDP_TYPE is ${JSON.stringify(idpType.value)} (${idpType.source}), but only "cognito" works with this client: ` +
        "others trade their tokens at AWS STS directly and have no vending API",
    );
    throw new SettingsError(faults, {
      remedy: 'Set IDP_TYPE="cognito", or use the client that belongs to that provider',
    });
  }
  const secret = sources.findSecret();
  const missing = missingSettings(sources, needed, secret);
  if (missing.length > 0) faults.push(`missing: ${missing.join(", ")}; looked in ${sources.lookedIn()}`);
  faults.push(...faultsOf(sources));
  const { ours, others, oddLines } = sources.unknown();
  for (const other of others) input.note?.(other);
  if (faults.length > 0) faults.push(...ours);
  else for (const odd of [...ours, ...oddLines]) input.warn?.(odd);
  if (faults.length > 0)
    throw new SettingsError(faults, { remedy: remedyFor(missing, ours, input.contents !== undefined) });
  return { sources, secret };
}

function tokenSettings({ env }: SettingsInput, { sources, secret }: FoundSettings): TokenSettings {
  const domain = text(sources, "domain");
  const region = text(sources, "region");
  return {
    domain,
    region,
    tokenEndpoint: text(sources, "tokenEndpoint") || `https://${domain}.auth.${region}.amazoncognito.com/oauth2/token`,
    clientId: text(sources, "clientId"),
    clientSecret: new Secret(secret?.value ?? ""),
    resourceServer: text(sources, "resourceServer"),
    network: networkSettings(sources),
    cacheDirectory: ownFolder(env, "cache"),
    sources: sources.describe(secret),
  };
}

/** How to reach the network, as the environment or a settings file says. */
export function networkSettings(sources: SettingsSources): NetworkSettings {
  const proxy = sources.variable("HTTPS_PROXY", "https_proxy");
  const authority = sources.variable("AWS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS");
  return {
    httpsProxy: proxy?.value,
    proxyPlace: proxy && settingAt(proxy.name, proxy.source),
    noProxy: sources.variable("NO_PROXY", "no_proxy")?.value,
    caFile: authority?.value,
    caPlace: authority && settingAt(authority.name, authority.source),
  };
}

function text(sources: SettingsSources, name: SettingName): string {
  return sources.find(name)?.value ?? "";
}

function missingSettings(
  sources: SettingsSources,
  always: readonly SettingName[],
  secret: Found | undefined,
): string[] {
  const needed = sources.find("tokenEndpoint") ? always : ([...always, "domain", "region"] as const);
  const describe = (variable: string): string => {
    const place = sources.emptyAt(variable);
    return place === undefined ? variable : `${variable} (empty at ${place})`;
  };
  const missing: string[] = needed
    .filter((name) => !sources.find(name))
    .map((name) => describe(SETTING_NAMES[name].variable));
  if (!secret) missing.push("COGNITO_CLIENT_SECRET (or COGNITO_CLIENT_SECRET_FILE)");
  return missing;
}

function remedyFor(missing: readonly string[], misspelt: readonly string[], asContents: boolean): string {
  if (missing.length === 0) return "Correct the settings above";
  if (misspelt.length > 0) return "Correct the names that are no settings; what is still missing is told then";
  if (asContents) return "Add what is missing: the platform team's file for this server has it all";
  return `Run "oidc-s3 configure", or ask the platform team for this server's settings file and put it at ${DEFAULT_CONFIG_FILE}`;
}
