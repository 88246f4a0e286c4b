import type { Settings, TokenSettings } from "./settings";
import { SETTING_NAMES, type SettingName } from "./settings-file";
import { settingAt } from "./settings-sources";

/** A setting as messages name it: its name, and the one place that it is from. */
export function settingPlace({ sources }: Pick<Settings, "sources">, name: SettingName): string {
  return settingAt(SETTING_NAMES[name].variable, sources[name]);
}

/** Where each setting is from, a line each. */
export function settingPlaces({ sources }: Settings): string[] {
  const names = Object.keys(sources) as SettingName[];
  return names.map((name) => `${SETTING_NAMES[name].variable}: ${sources[name]}`);
}

/** Where the client's id and its secret were found, for people; a file that holds both is named once. */
export function clientSources({
  clientId = "unknown source",
  clientSecret = "unknown source",
}: Settings["sources"]): (readonly [what: string, where: string])[] {
  const line = /^(.+), line (\d+)$/s;
  const [, idFile, idLine] = line.exec(clientId) ?? [];
  const [, secretFile, secretLine] = line.exec(clientSecret) ?? [];
  if (idFile === undefined || idFile !== secretFile) {
    return [
      ["COGNITO_CLIENT_ID", clientId],
      ["its secret", clientSecret],
    ];
  }
  return [["COGNITO_CLIENT_ID and its secret", `${idFile}, lines ${idLine} and ${secretLine}`]];
}

/** Of a server, or of a client that has no vending API. */
type AnySettings = TokenSettings & Partial<Pick<Settings, "credentialApiUrl">>;

/** The region in the vending API's own address, where it has AWS's form. */
function regionOfApi({ credentialApiUrl }: AnySettings): string | undefined {
  if (credentialApiUrl === undefined) return undefined;
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(new URL(credentialApiUrl).hostname)?.[1];
}

/** That the user pool's region is not the vending API's, though a deployment has one; undefined where it is. */
export function regionMismatch(settings: AnySettings): string | undefined {
  const api = regionOfApi(settings);
  if (api === undefined || settings.region === "" || api === settings.region) return undefined;
  const [region, url] = [settingPlace(settings, "region"), settingPlace(settings, "credentialApiUrl")];
  return `${region} is ${settings.region}, but ${url} is in ${api}`;
}

/** The setting that the token endpoint's address is from, for whoever has to correct it: one, where it can be told. */
export function tokenEndpointPlace(settings: AnySettings): string {
  if (settings.sources.tokenEndpoint !== undefined) return settingPlace(settings, "tokenEndpoint");
  if (regionMismatch(settings) !== undefined) return settingPlace(settings, "region");
  const domain = settingPlace(settings, "domain");
  return regionOfApi(settings) === undefined ? `${domain} and ${settingPlace(settings, "region")}` : domain;
}
