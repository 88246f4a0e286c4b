import type { Scope } from "../../access/permission-level";
import { prefixFaults } from "../../access/prefix";
import { printable } from "../core/terminal";
import { settingPlace } from "../settings/places";
import type { Settings } from "../settings/settings";
import { BUCKET_NAME, REGION_NAME } from "../settings/value-faults";

/** Temporary AWS credentials, and what they are for. */
export interface VendedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  /** How far this machine's clock is ahead of the API's in seconds, when the credentials were vended. */
  readonly clockAheadSeconds: number;
  /** What the token they were traded for allows; undefined where it could not be read. */
  readonly scopes?: readonly Scope[] | undefined;
}

/** The values that other programs, files and shells get. */
export type VendedValues = AwsKeys & Pick<VendedCredentials, "bucket" | "prefix" | "region">;

/** The three values of temporary AWS credentials. */
export type AwsKeys = Pick<VendedCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken">;

/** What the values of STS consist of; none of these characters means anything to a shell, an INI file or systemd. */
const KEY = /^[A-Za-z0-9/+=]+$/;
/** ISO 8601 with a time zone, as the API and the cache have it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** What is wrong with the keys of a service's answer or of a file; they are not shown. */
export function keyFaults(values: Readonly<Record<keyof AwsKeys, unknown>>): string[] {
  return (["accessKeyId", "secretAccessKey", "sessionToken"] as const).flatMap((name) => {
    const value = values[name];
    if (typeof value !== "string" || value === "") return [`no ${NAMES[name]}`];
    return KEY.test(value) ? [] : [`the ${NAMES[name]} holds a character that none of AWS has`];
  });
}

/** Everything that is wrong with values from the vending API or the cache; the secret ones are not shown. */
export function vendedFaults(values: Readonly<Record<keyof VendedValues, unknown>>): string[] {
  const faults = keyFaults(values);
  const text = (name: keyof VendedValues): string | undefined => {
    const value = values[name];
    if (typeof value === "string" && value !== "") return value;
    faults.push(`no ${NAMES[name]}`);
    return undefined;
  };
  const refuse = (name: keyof VendedValues, value: string): void => {
    faults.push(`the ${NAMES[name]} "${printable(value, 100)}" has not the form of one`);
  };
  const [bucket, prefix, region] = [text("bucket"), text("prefix"), text("region")];
  if (bucket !== undefined && !BUCKET_NAME.test(bucket)) refuse("bucket", bucket);
  if (prefix !== undefined && prefixFaults(prefix).length > 0) refuse("prefix", prefix);
  if (region !== undefined && !REGION_NAME.test(region)) refuse("region", region);
  return faults;
}

const NAMES: Readonly<Record<keyof VendedValues, string>> = {
  accessKeyId: "access key id",
  secretAccessKey: "secret access key",
  sessionToken: "session token",
  bucket: "bucket",
  prefix: "prefix",
  region: "region",
};

/** The time that a text names; undefined where it has another form than the API gives it. */
export function instant(value: unknown): Date | undefined {
  if (typeof value !== "string" || !INSTANT.test(value)) return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Where the settings say something else than the vending API's answer, which is what counts: each with its place. */
export function mismatches(settings: Settings, vended: Pick<VendedValues, "bucket" | "prefix" | "region">): string[] {
  return (["bucket", "prefix", "region"] as const)
    .filter((name) => settings[name] !== "" && settings[name] !== vended[name])
    .map((name) => `${settingPlace(settings, name)} is ${settings[name]}, but the vending API says ${vended[name]}`);
}
