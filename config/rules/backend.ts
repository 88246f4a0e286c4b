import type { LayerContext } from "../layer";
import { region } from "../schema/aws-rules";
import { backendKeys, nestedBackendKeys } from "../schema/backend-keys";
import { checkKeys } from "../schema/check-keys";
import { withoutNulls } from "../schema/terraform-types";
import type { BackendConfig } from "../schema/types";
import type { Fault } from "../source/fault";
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

/** Checks the backend file of a layer; what is right is passed through as it was written. */
export function checkBackend(source: SourceFile, hint: LayerContext["hint"]): CheckedBackend {
  const { values, faults: keyFaults } = checkKeys(backendKeys, source, [], source.values, hint);
  const faults = [...keyFaults, ...nestedFaults(source, values), ...regionFaults(source, values)];
  const { bucket, key } = values;
  return { source, faults, bucket, key, backend: faults.length === 0 ? complete(source) : undefined };
}

function nestedFaults(source: SourceFile, values: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(nestedBackendKeys).flatMap(([name, keys]) => {
    const object = values[name] as Readonly<Record<string, unknown>> | undefined;
    return object === undefined ? [] : checkKeys(keys, source, [name], object).faults;
  });
}

function regionFaults(
  source: SourceFile,
  values: { readonly region?: string; readonly skip_region_validation?: boolean | undefined },
): Fault[] {
  if (values.region === undefined || values.region === "" || values.skip_region_validation === true) return [];
  const problem = region(values.region);
  if (problem === undefined) return [];
  const remedy = `${problem.remedy}, or set skip_region_validation = true for a store that is not AWS's`;
  return [faultAt(source, ["region"], { ...problem, remedy }, values.region)];
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
