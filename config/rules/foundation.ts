import { MAX_ROLE_NAME_CHARACTERS, uploadsBucketName, vendingName } from "../../access/names";
import { type CheckedLayer, type LayerConfiguration, type LayerContext, wrongEnvironment } from "../layer";
import { bucketNameProblem, RESERVED_BUCKET_STARTS, topicRegionProblem } from "../schema/aws-rules";
import { camelKeys, checkKeys, type Values } from "../schema/check-keys";
import { MAX_DOMAIN_CHARACTERS, reservedInDomain } from "../schema/cognito-rules";
import { type EnvironmentDefaults, environmentDefaults, foundationKeys, throttleOf } from "../schema/foundation-keys";
import type { FoundationConfig, WrittenFoundationConfig } from "../schema/types";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { accountFaults } from "./account";
import { BUILT_IN_TAGS } from "./server-tags";

const ACCOUNT_ID = "<account>";
const ACCOUNT_ID_DIGITS = 12;
const MAX_BUCKET_CHARACTERS = 63;

type FoundationValues = Values<typeof foundationKeys>;

/** The layer that rarely changes. */
export const foundationConfiguration: LayerConfiguration<WrittenFoundationConfig> = {
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

function checkFoundation(
  source: SourceFile,
  { environment, hint }: LayerContext,
): CheckedLayer<WrittenFoundationConfig> {
  const { values, faults: keyFaults } = checkKeys(foundationKeys, source, [], source.values, hint);
  const { project_name: projectName } = values;
  const faults = [
    ...keyFaults,
    ...wrongEnvironment(source, values.environment, environment),
    ...accountFaults(source, environment, BUILT_IN_TAGS, values),
    ...bucketFaults(source, values),
    ...topicFaults(source, values),
    ...(projectName === undefined
      ? []
      : resourceNameFaults(source, projectName, environment, values.create_s3_bucket === true)),
  ];
  return {
    faults,
    facts: {
      projectName,
      bucketName: bucketNameOf(values, environment),
      awsRegion: values.aws_region,
      commonTags: values.common_tags,
    },
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
  const { create_s3_bucket: createsBucket, existing_bucket_name: name, aws_region: region } = values;
  if (name === undefined || (name === "" && createsBucket !== false)) return [];
  const problem =
    name === ""
      ? {
          message: "is empty, and create_s3_bucket is false: there is no bucket to upload to",
          remedy: "name the bucket, or set create_s3_bucket = true",
        }
      : bucketNameProblem(name, region);
  if (problem === undefined) return [];
  const fault = faultAt(source, ["existing_bucket_name"], problem, name);
  // Where the name is not written, what asks for it has a place.
  return [{ ...source.outline.positionOf(["create_s3_bucket"]), ...fault }];
}

function topicFaults(source: SourceFile, values: Partial<FoundationValues>): Fault[] {
  const { alarm_topic_arn: arn, alarm_table_writers: writers = [], aws_region: region } = values;
  if (arn === undefined && writers.length > 0) {
    const message = "is of alarms, and without alarm_topic_arn there are none";
    return [faultAt(source, ["alarm_table_writers"], { message, remedy: "name the topic, or remove it" }, writers)];
  }
  const problem = arn === undefined || region === undefined ? undefined : topicRegionProblem(arn, region);
  return problem === undefined ? [] : [faultAt(source, ["alarm_topic_arn"], problem, arn)];
}

function complete(values: FoundationValues, environment: string): WrittenFoundationConfig {
  const written: Omit<FoundationValues, keyof EnvironmentDefaults> = values;
  const all = { ...environmentDefaults(environment), ...written };
  return camelKeys({
    ...all,
    resource_server_identifier:
      all.resource_server_identifier || `https://s3-uploader.${environment}.${all.project_name}`,
    // As in the original Terraform modules, the name counts only where no bucket is made.
    existing_bucket_name: all.create_s3_bucket ? "" : all.existing_bucket_name,
  });
}

/** Fills in what comes from the number of servers; what the file says counts. */
export function withThrottle(written: WrittenFoundationConfig, servers: number): FoundationConfig {
  const { rateLimit, burstLimit } = throttleOf(servers);
  return {
    ...written,
    apiThrottlingRateLimit: written.apiThrottlingRateLimit ?? rateLimit,
    apiThrottlingBurstLimit: written.apiThrottlingBurstLimit ?? burstLimit,
  };
}

/** What AWS would refuse of the names that are made of project and environment: too long, or reserved. */
function resourceNameFaults(
  source: SourceFile,
  projectName: string,
  environment: string,
  createsBucket: boolean,
): Fault[] {
  const stem = `${projectName}-${environment}`;
  const faults: Fault[] = [];
  const refuse = (message: string, remedy: string) =>
    faults.push(faultAt(source, ["project_name"], { message, remedy }, projectName));
  const shorten = (what: string, name: string, length: number, most: number) => {
    if (length <= most) return;
    refuse(
      `gives ${what} of ${length} characters, "${name}", and AWS allows ${most}`,
      `shorten the project's name, or the environment's, by ${length - most}`,
    );
  };

  const domain = `${stem}-${ACCOUNT_ID}`;
  shorten("a Cognito domain", domain, domain.length - ACCOUNT_ID.length + ACCOUNT_ID_DIGITS, MAX_DOMAIN_CHARACTERS);
  const role = vendingName({ projectName, environment });
  shorten("a Lambda function and role", role, role.length, MAX_ROLE_NAME_CHARACTERS);
  for (const word of reservedInDomain(stem)) {
    refuse(`gives the Cognito domain "${domain}", which may not hold "${word}"`, "rename the project or environment");
  }
  if (createsBucket) {
    const bucket = uploadsBucketName({ projectName, environment });
    shorten("a bucket", bucket, bucket.length, MAX_BUCKET_CHARACTERS);
    for (const start of RESERVED_BUCKET_STARTS) {
      if (bucket.startsWith(start)) refuse(`gives a bucket name that begins with "${start}"`, "rename the project");
    }
  }
  return faults;
}
