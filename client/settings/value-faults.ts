import { prefixFaults } from "../../access/prefix";
import { isLoopback } from "../network/network-settings";
import { SETTING_NAMES, type SettingName } from "./settings-file";
import type { Found, SettingsSources } from "./settings-sources";

/** Those of today, and older ones that still have buckets. */
export const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;
export const REGION_NAME = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;

interface Form {
  readonly name: SettingName;
  readonly pattern: RegExp;
  readonly form: string;
}

const TOKEN_FORMS: readonly Form[] = [
  {
    name: "domain",
    pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    form: "the domain's prefix alone, without https:// or amazoncognito.com (another host: COGNITO_TOKEN_ENDPOINT)",
  },
  { name: "region", pattern: REGION_NAME, form: 'a region such as "eu-west-1"' },
  { name: "clientId", pattern: /^[\w+]{1,128}$/, form: "the id of a Cognito app client" },
  { name: "resourceServer", pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/, form: "the resource server's identifier" },
];
const FORMS: readonly Form[] = [...TOKEN_FORMS, { name: "bucket", pattern: BUCKET_NAME, form: "a bucket's name" }];

/** Everything that is wrong with the values that an access token takes. */
export function tokenValueFaults(sources: SettingsSources): string[] {
  return [...formFaults(sources, TOKEN_FORMS), ...urlFaults(sources, ["tokenEndpoint"])];
}

/** Everything that is wrong with a server's values. */
export function valueFaults(sources: SettingsSources): string[] {
  const faults = [...formFaults(sources, FORMS), ...urlFaults(sources, ["tokenEndpoint", "credentialApiUrl"])];
  const endpoint = s3Endpoint(sources);
  const endpointFault = endpoint && urlFault(endpoint.value);
  if (endpoint && endpointFault) faults.push(refusal(endpoint.name, endpoint, endpointFault));
  const prefix = sources.find("prefix");
  for (const { fault, remedy } of prefix ? prefixFaults(prefix.value) : [])
    if (prefix) faults.push(refusal(SETTING_NAMES.prefix.variable, prefix, `it ${fault}; ${remedy}`));
  return faults;
}

/** Where S3 is, if not at AWS; the names are those of AWS's own tools, the first before the second. */
export function s3Endpoint(sources: SettingsSources): (Found & { readonly name: string }) | undefined {
  return sources.variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
}

function formFaults(sources: SettingsSources, forms: readonly Form[]): string[] {
  return forms.flatMap(({ name, pattern, form }) => {
    const found = sources.find(name);
    return found && !pattern.test(found.value)
      ? [refusal(SETTING_NAMES[name].variable, found, `it must be ${form}`)]
      : [];
  });
}

function urlFaults(sources: SettingsSources, names: readonly SettingName[]): string[] {
  return names.flatMap((name) => {
    const found = sources.find(name);
    const fault = found && urlFault(found.value);
    return found && fault ? [refusal(SETTING_NAMES[name].variable, found, fault)] : [];
  });
}

function refusal(variable: string, { value, source }: Found, fault: string): string {
  // A password that a URL should not hold must not be shown either.
  const shown = value.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1[redacted]@");
  return `${variable} is ${JSON.stringify(shown)} (${source}): ${fault}`;
}

/** Why a secret or a token is not sent to a URL; undefined where it may be. */
export function urlFault(value: string): string | undefined {
  // A URL's reader takes line breaks out; the files that this is written to do not.
  if (/[\s\p{Cc}]/u.test(value)) return "it must not hold blanks, line breaks or other control characters";
  if (!URL.canParse(value)) return "it must be a whole URL, https:// included";
  const url = new URL(value);
  if (url.username || url.password) return "it must not hold a user name or password";
  if (url.hash) return "it must not hold a # part";
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return undefined;
  return "it must start with https://, since a secret or a token is sent there (http:// is for loopback only)";
}
