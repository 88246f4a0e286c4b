import { uploadsBucketName, vendingName } from "../../access/names";
import type { CheckedLayer, LayerConfiguration, LayerContext } from "../layer";
import { camelKeys } from "../schema/camel-keys";
import { checkKeys, type Values } from "../schema/check-keys";
import { type EnvironmentDefaults, environmentDefaults } from "../schema/environment-defaults";
import { foundationKeys } from "../schema/foundation-keys";
import type { FoundationConfig } from "../schema/types";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { wrongEnvironment } from "./environment-key";
import { resourceNameFaults } from "./resource-names";

type FoundationValues = Values<typeof foundationKeys>;

/** The layer that rarely changes. */
export const foundationConfiguration: LayerConfiguration<FoundationConfig> = {
  name: "foundation",
  contents: "user pool, credential vending API, table and bucket of the environment",
  backendFile: "backend.hcl",
  variablesFile: "foundation.tfvars",
  optional: false,
  reads: [],
  keys: foundationKeys,
  entries: {},
  check: checkFoundation,
};

function checkFoundation(source: SourceFile, { environment, hint }: LayerContext): CheckedLayer<FoundationConfig> {
  const { values, faults: keyFaults } = checkKeys(foundationKeys, source, [], source.values, hint);
  const { project_name: projectName } = values;
  const faults = [
    ...keyFaults,
    ...wrongEnvironment(source, values.environment, environment),
    ...bucketFaults(source, values),
    ...(projectName === undefined
      ? []
      : resourceNameFaults(source, projectName, environment, values.create_s3_bucket === true)),
  ];
  return {
    faults,
    facts: { projectName, bucketName: bucketNameOf(values, environment), awsRegion: values.aws_region },
    roles:
      projectName === undefined ? [] : [{ name: vendingName({ projectName, environment }), path: ["project_name"] }],
    config: faults.length === 0 ? complete(values as FoundationValues, environment) : undefined,
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
