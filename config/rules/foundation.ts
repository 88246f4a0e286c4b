import { uploadsBucketName } from "../../access/names";
import { camelKeys } from "../schema/camel-keys";
import { checkKeys, type Values } from "../schema/check-keys";
import { type EnvironmentDefaults, environmentDefaults } from "../schema/environment-defaults";
import { foundationKeys } from "../schema/foundation-keys";
import type { FoundationConfig } from "../schema/types";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { belongsElsewhere, wrongEnvironment } from "./environment-key";
import { resourceNameFaults } from "./resource-names";

type FoundationValues = Values<typeof foundationKeys>;

export interface CheckedFoundation {
  /** Missing where anything in the file is wrong. */
  readonly foundation?: FoundationConfig | undefined;
  readonly faults: readonly Fault[];
  /** What the servers layer's own checks need, as far as it is known. */
  readonly projectName?: string | undefined;
  readonly bucketName?: string | undefined;
  readonly awsRegion?: string | undefined;
}

/** Checks `foundation.tfvars` of the environment and fills in its defaults. */
export function checkFoundation(source: SourceFile, environment: string): CheckedFoundation {
  const { values, faults: keyFaults } = checkKeys(
    foundationKeys,
    source,
    [],
    source.values,
    belongsElsewhere("foundation.tfvars"),
  );
  const bucketName = bucketNameOf(values, environment);
  const faults = [
    ...keyFaults,
    ...wrongEnvironment(source, values.environment, environment),
    ...bucketFaults(source, values),
    ...(values.project_name === undefined
      ? []
      : resourceNameFaults(source, values.project_name, environment, values.create_s3_bucket === true)),
  ];
  return {
    faults,
    projectName: values.project_name,
    bucketName,
    awsRegion: values.aws_region,
    foundation: faults.length === 0 ? complete(values as FoundationValues, environment) : undefined,
  };
}

function bucketNameOf(values: Partial<FoundationValues>, environment: string): string | undefined {
  if (values.create_s3_bucket === false) return values.existing_bucket_name || undefined;
  const { project_name: projectName } = values;
  return projectName === undefined ? undefined : uploadsBucketName({ projectName, environment });
}

function bucketFaults(source: SourceFile, values: Partial<FoundationValues>): Fault[] {
  if (values.create_s3_bucket !== false || values.existing_bucket_name !== "") return [];
  return [
    faultAt(
      source,
      ["existing_bucket_name"],
      {
        message: "is empty, and create_s3_bucket is false: there is no bucket to upload to",
        remedy: "name the bucket, or set create_s3_bucket = true",
      },
      values.existing_bucket_name,
    ),
  ];
}

function complete(values: FoundationValues, environment: string): FoundationConfig {
  const written: Omit<FoundationValues, keyof EnvironmentDefaults> = values;
  const all = { ...environmentDefaults(environment), ...written };
  return camelKeys({
    ...all,
    resource_server_identifier:
      all.resource_server_identifier || `https://s3-uploader.${environment}.${all.project_name}`,
    // As in the documented layout, the name counts only where no bucket is made.
    existing_bucket_name: all.create_s3_bucket ? "" : all.existing_bucket_name,
  });
}
