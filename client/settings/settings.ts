import { prefixFaults } from "../../access/prefix";
import { SettingsError } from "../core/errors";
import { Secret } from "../core/secret";
import { isLoopback, type NetworkSettings } from "../network/network-settings";
import { FLAG_NAMES, type FlagName, type NamedContent, SETTING_NAMES, type SettingName } from "./settings-file";
import { type Environment, type Found, SettingsSources, settingAt } from "./settings-sources";

/** Where servers keep their settings. */
export const DEFAULT_CONFIG_FILE = "/etc/oidc-s3/config.env";

/** Everything the client needs to know, validated. */
export interface Settings {
  /** The prefix of Cognito's domain; empty when the token endpoint is named instead. */
  readonly domain: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly resourceServer: string;
  readonly credentialApiUrl: string;
  /** Empty when not set, which is possible only with a token endpoint; the vending API's answer names it too. */
  readonly region: string;
  /** Empty when not set; the vending API's answer names it too, and is right where the two differ. */
  readonly bucket: string;
  /** As `bucket`. */
  readonly prefix: string;
  readonly network: NetworkSettings;
  /** Where S3 is, if not at AWS: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. */
  readonly s3Endpoint: string | undefined;
  /** The setting that names it, for people. */
  readonly s3EndpointPlace: string | undefined;
  /** The folder for cached tokens and credentials; undefined where the user has none. */
  readonly cacheDirectory: string | undefined;
  /** Where each setting was found, for people: "environment variable AWS_REGION", "/etc/oidc-s3/config.env, line 3". */
  readonly sources: Readonly<Partial<Record<SettingName, string>>>;
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
 * Finds and checks the settings: flags, environment, `--config`, OIDC_S3_CONFIG, /etc/oidc-s3/config.env, each
 * setting from the first of these that has it.
 * @throws {SettingsError} with all faults at once.
 */
export function loadSettings(input: SettingsInput): Settings {
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
  const text = (name: SettingName): string => sources.find(name)?.value ?? "";
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
  const missing = missingSettings(sources, secret);
  if (missing.length > 0) faults.push(`missing: ${missing.join(", ")}; looked in ${sources.lookedIn()}`);
  faults.push(...valueFaults(sources));
  const { ours, others, oddLines } = sources.unknown();
  for (const other of others) input.note?.(other);
  if (faults.length > 0) faults.push(...ours);
  else for (const odd of [...ours, ...oddLines]) input.warn?.(odd);
  if (faults.length > 0) throw new SettingsError(faults, { remedy: remedyFor(missing, input.contents !== undefined) });

  const domain = text("domain");
  const region = text("region");
  const proxy = sources.variable("HTTPS_PROXY", "https_proxy");
  const authority = sources.variable("AWS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS");
  const endpoint = sources.variable(...S3_ENDPOINT);
  return {
    domain,
    region,
    tokenEndpoint: text("tokenEndpoint") || `https://${domain}.auth.${region}.amazoncognito.com/oauth2/token`,
    clientId: text("clientId"),
    clientSecret: new Secret(secret?.value ?? ""),
    resourceServer: text("resourceServer"),
    credentialApiUrl: text("credentialApiUrl"),
    bucket: text("bucket"),
    prefix: text("prefix"),
    network: {
      httpsProxy: proxy?.value,
      proxyPlace: proxy && settingAt(proxy.name, proxy.source),
      noProxy: sources.variable("NO_PROXY", "no_proxy")?.value,
      caFile: authority?.value,
      caPlace: authority && settingAt(authority.name, authority.source),
    },
    s3Endpoint: endpoint?.value,
    s3EndpointPlace: endpoint && settingAt(endpoint.name, endpoint.source),
    cacheDirectory: cacheDirectory(env),
    sources: sources.describe(secret),
  };
}

/** $XDG_CACHE_HOME, else ~/.cache, else what systemd gives a service without a home (CacheDirectory=). */
function cacheDirectory(env: Environment): string | undefined {
  const base =
    absolute(env.XDG_CACHE_HOME) ??
    (absolute(env.HOME) ? `${env.HOME}/.cache` : undefined) ??
    absolute(env.CACHE_DIRECTORY?.split(":")[0]);
  return base === undefined ? undefined : `${base}/oidc-s3`;
}

/** The XDG rules say to ignore a path that is not absolute; systemd gives services without a home "/" as theirs. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") && path !== "/" ? path : undefined;
}

function missingSettings(sources: SettingsSources, secret: Found | undefined): string[] {
  const needed: SettingName[] = ["clientId", "resourceServer", "credentialApiUrl"];
  if (!sources.find("tokenEndpoint")) needed.push("domain", "region");
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

function remedyFor(missing: readonly string[], asContents: boolean): string {
  if (missing.length > 0 && asContents)
    return "Add what is missing: the platform team's file for this server has it all";
  return missing.length > 0
    ? `Run "oidc-s3 configure", or ask the platform team for this server's settings file and put it at ${DEFAULT_CONFIG_FILE}`
    : "Correct the settings above";
}

/** Those of today, and older ones that still have buckets. */
export const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;
export const REGION_NAME = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;

const FORMS: readonly { name: SettingName; pattern: RegExp; form: string }[] = [
  {
    name: "domain",
    pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    form: "the domain's prefix alone, without https:// or amazoncognito.com (another host: COGNITO_TOKEN_ENDPOINT)",
  },
  { name: "region", pattern: REGION_NAME, form: 'a region such as "eu-west-1"' },
  { name: "clientId", pattern: /^[\w+]{1,128}$/, form: "the id of a Cognito app client" },
  { name: "resourceServer", pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/, form: "the resource server's identifier" },
  { name: "bucket", pattern: BUCKET_NAME, form: "a bucket's name" },
];

function valueFaults(sources: SettingsSources): string[] {
  const faults: string[] = [];
  const refuseVariable = (variable: string, { value, source }: Found, fault: string): void => {
    faults.push(`${variable} is ${JSON.stringify(value)} (${source}): ${fault}`);
  };
  const refuse = (name: SettingName, found: Found, fault: string): void =>
    refuseVariable(SETTING_NAMES[name].variable, found, fault);
  for (const { name, pattern, form } of FORMS) {
    const found = sources.find(name);
    if (found && !pattern.test(found.value)) refuse(name, found, `it must be ${form}`);
  }
  for (const name of ["tokenEndpoint", "credentialApiUrl"] as const) {
    const found = sources.find(name);
    const fault = found && urlFault(found.value);
    if (found && fault) refuse(name, found, fault);
  }
  const endpoint = sources.variable(...S3_ENDPOINT);
  const endpointFault = endpoint && urlFault(endpoint.value);
  if (endpoint && endpointFault) refuseVariable(endpoint.name, endpoint, endpointFault);
  const prefix = sources.find("prefix");
  for (const { fault, remedy } of prefix ? prefixFaults(prefix.value) : []) {
    if (prefix) refuse("prefix", prefix, `it ${fault}; ${remedy}`);
  }
  return faults;
}

/** As AWS's own tools have them, the first before the second. */
const S3_ENDPOINT = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] as const;

function urlFault(value: string): string | undefined {
  // A URL's reader takes line breaks out; the files that this is written to do not.
  if (/[\s\p{Cc}]/u.test(value)) return "it must not hold blanks, line breaks or other control characters";
  if (!URL.canParse(value)) return "it must be a whole URL, https:// included";
  const url = new URL(value);
  if (url.username || url.password) return "it must not hold a user name or password";
  if (url.hash) return "it must not hold a # part";
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return undefined;
  return "it must start with https://, since a secret or a token is sent there (http:// is for loopback only)";
}
