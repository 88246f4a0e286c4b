import type { LayerContext } from "../layer";
import { bucketNameProblem, listedRegion, region } from "../schema/aws-rules";
import { backendKeys, EXCLUSIVE_ARGUMENTS, nestedBackendKeys, REMOVED_ARGUMENTS } from "../schema/backend-keys";
import { checkKeys, type Values } from "../schema/check-keys";
import { withoutNulls } from "../schema/terraform-types";
import type { BackendConfig } from "../schema/types";
import { type Fault, type KeyPath, showKey } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

export interface CheckedBackend {
  readonly source: SourceFile;
  /** Missing where anything in the file is wrong. */
  readonly backend?: BackendConfig | undefined;
  /** Where the state lies, as far as it is known. */
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly faults: readonly Fault[];
}

/** The version of Terraform that will read the files, like `1.11.4`, where it is known; asked where it matters alone. */
export type TerraformVersion = () => string | undefined;

/** Checks the backend file of a layer; what is right is passed through as it was written. */
export function checkBackend(
  source: SourceFile,
  hint: LayerContext["hint"],
  terraformVersion: TerraformVersion = () => undefined,
): CheckedBackend {
  const { values, faults: keyFaults } = checkKeys(backendKeys, source, [], source.values, hint);
  const faults = [
    ...keyFaults,
    ...nestedFaults(source, values),
    ...regionFaults(source, values),
    ...bucketFaults(source, values),
    ...exclusiveFaults(source),
    ...removedFaults(source, terraformVersion),
  ];
  const { bucket, key } = values;
  return { source, faults, bucket, key, backend: faults.length === 0 ? complete(source) : undefined };
}

function nestedFaults(source: SourceFile, values: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(nestedBackendKeys).flatMap(([name, keys]) => {
    const object = values[name] as Readonly<Record<string, unknown>> | undefined;
    return object === undefined ? [] : checkKeys(keys, source, [name], object).faults;
  });
}

type BackendValues = Partial<Values<typeof backendKeys>>;

function regionFaults(source: SourceFile, values: BackendValues): Fault[] {
  if (values.region === undefined || values.region === "" || values.skip_region_validation === true) return [];
  const form = region(values.region);
  const problem =
    form === undefined
      ? listedRegion(values.region)
      : { ...form, remedy: `${form.remedy}, or set skip_region_validation = true for a store that is not AWS's` };
  return problem === undefined ? [] : [faultAt(source, ["region"], problem, values.region)];
}

function bucketFaults(
  source: SourceFile,
  { bucket, region: bucketRegion, endpoint, endpoints }: BackendValues,
): Fault[] {
  // Other stores have rules of their own; and an access point, by ARN or alias, can hold a state as a bucket does.
  const isAnotherStore = endpoint !== undefined || (endpoints !== undefined && Object.hasOwn(endpoints, "s3"));
  if (!bucket || isAnotherStore || /^arn:aws:s3:|-s3alias$/.test(bucket)) return [];
  const problem = bucketNameProblem(bucket, bucketRegion);
  return problem === undefined ? [] : [faultAt(source, ["bucket"], problem, bucket)];
}

function exclusiveFaults(source: SourceFile): Fault[] {
  return EXCLUSIVE_ARGUMENTS.filter((pair) => pair.every((path) => isWritten(source, path))).map(([kept, other]) =>
    faultAt(source, other, {
      message: `stands beside ${showKey(kept)}, and Terraform takes one of the two alone`,
      remedy: `remove one; ${showKey(kept)} is the one to keep where either would do`,
    }),
  );
}

function isWritten(source: SourceFile, path: KeyPath): boolean {
  const value = path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    source.values,
  );
  return value !== undefined && value !== null;
}

function removedFaults(source: SourceFile, terraformVersion: TerraformVersion): Fault[] {
  const written = Object.keys(REMOVED_ARGUMENTS).filter((key) => isWritten(source, [key]));
  const version = written.length === 0 ? undefined : terraformVersion();
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  if (version === undefined || major < 1 || (major === 1 && minor < 10)) return [];
  return written.map((key) => {
    const inside = REMOVED_ARGUMENTS[key];
    return faultAt(source, [key], {
      message: `is an argument that Terraform took out in 1.10, and this is ${version}`,
      remedy: inside === undefined ? "remove it" : `write it inside of an object: assume_role = { ${inside} = … }`,
    });
  });
}

/** Null means the default, here as in Terraform; in synthesised JSON the key is left out. */
function complete(source: SourceFile): BackendConfig {
  const written = withoutNulls(source.values) as Record<string, unknown>;
  const { bucket, key, region: stateRegion, ...others } = written;
  return {
    bucket: String(bucket),
    key: String(key),
    region: String(stateRegion),
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, withoutNulls(value)])),
  };
}
