import type { z } from "zod";
import { accountKeys } from "./account-keys";
import { aboveZero, burst, logRetention, namePart, region, roleArns, topicArn } from "./aws-rules";
import { resourceServerIdentifier } from "./cognito-rules";
import { choice, flag, number, text, texts, wholeNumber } from "./terraform-types";
import type { LambdaPackage } from "./types";

const MOST_DAYS = 2_147_483_647;
const count = wholeNumber(1, 1_000_000, "write a number of requests");
const milliseconds = wholeNumber(1, 10_000, "write milliseconds; the function ends after 10,000");
const percent = wholeNumber(1, 100, "write percent, from 1 to 100");
const days = wholeNumber(0, MOST_DAYS, "write a number of days; 0 is never");

/** Every key of `foundation.tfvars`. Keys without a default are required, but for those of `ENVIRONMENT_DEFAULTS` and `THROTTLE_DEFAULTS`. */
export const foundationKeys = {
  environment: text(namePart).describe("Name of the environment: the folder's own name."),
  aws_region: text(region).describe('AWS region that everything is in, like "eu-west-1".'),
  ...accountKeys("both layers"),
  project_name: text(namePart).default("oidc-s3").describe("Start of the names of all resources."),
  resource_server_identifier: text(resourceServerIdentifier)
    .default("")
    .describe('Identifier of the Cognito resource server; "" is `https://s3-uploader.<environment>.<project_name>`.'),
  create_s3_bucket: flag().default(true).describe("Whether the uploads bucket is made here."),
  existing_bucket_name: text()
    .default("")
    .describe("Bucket to upload to when `create_s3_bucket` is false; it is left as it is."),
  bucket_versioning: flag().optional().describe("Whether the uploads bucket keeps old versions of objects."),
  bucket_expiration_days: number(days).optional().describe("Days after which uploaded objects expire; 0 is never."),
  abort_incomplete_multipart_upload_days: number(days)
    .default(7)
    .describe("Days after which the parts of an unfinished multipart upload are removed; 0 is never."),
  bucket_tls_only: flag().default(true).describe("Whether the uploads bucket refuses requests without TLS."),
  bucket_force_destroy: flag()
    .default(false)
    .describe("Whether `destroy` may remove the uploads bucket with objects in it."),
  log_retention_days: number(logRetention)
    .default(30)
    .describe("Days that the logs of the API and of the Lambda are kept; 0 is for ever."),
  api_throttling_rate_limit: number(aboveZero)
    .optional()
    .describe("Requests per second that the credential vending API lets through, of all servers together."),
  api_throttling_burst_limit: number(burst)
    .optional()
    .describe("Requests at once that the credential vending API lets through above its rate."),
  point_in_time_recovery: flag()
    .optional()
    .describe("Whether the tables about clients can be restored to any second of the last 35 days."),
  deletion_protection: flag()
    .optional()
    .describe(
      "Whether AWS refuses to delete the user pool and the tables about clients, and Terraform to destroy or replace what holds data or identity.",
    ),
  lambda_package: choice(["archive", "asset"] as const satisfies readonly LambdaPackage[])
    .default("archive")
    .describe(
      'Who makes the Lambda\'s zip: "archive" is Terraform, by the archive provider; "asset" is synth, for networks without that provider.',
    ),
  lambda_memory_mb: number(wholeNumber(128, 10_240, "write MB of memory that AWS Lambda has"))
    .default(512)
    .describe("Memory of the Lambda in MB; its share of a CPU grows with it."),
  adopt_lambda_log_group: flag()
    .default(false)
    .describe(
      "Whether the Lambda's log group is taken over, where the Lambda has run and so made one itself; of no effect once it is in the state.",
    ),
  dashboard: flag().default(false).describe("Whether CloudWatch gets a dashboard of this environment."),
  alarm_topic_arn: text(topicArn)
    .optional()
    .describe("ARN of the SNS topic that alarms go to; without one there are no alarms."),
  alarm_table_writers: texts(roleArns)
    .default([])
    .describe(
      "ARNs of the IAM roles that deploy and operate: the topic is told of every write to the tables about clients by anybody else. Needs a CloudTrail trail with the tables' data events ([how](operations.md#who-writes-to-the-tables)).",
    ),
  alarm_latency_ms: number(milliseconds)
    .default(1000)
    .describe(
      "Milliseconds that the slowest hundredth of vendings may take for a quarter of an hour, before the alarm.",
    ),
  alarm_quota_percent: number(percent)
    .default(70)
    .describe("Percent of Cognito's or STS's quota of requests, from which there is an alarm."),
  alarm_refusals: number(count)
    .default(10)
    .describe(
      "Tokens of one kind that could be an attack (`signature_invalid`, `key_unknown`, `client_unknown`) in five minutes, from which there is an alarm.",
    ),
  alarm_server_errors: number(count).default(5).describe("Answers 5xx in five minutes, from which there is an alarm."),
} satisfies Readonly<Record<string, z.ZodType>>;

/**
 * The defaults of the original Terraform modules, by the environment's name; `otherwise` is for every other name.
 * This is the only place where an environment's name changes what is deployed.
 */
export const ENVIRONMENT_DEFAULTS = {
  bucket_versioning: { prod: true, otherwise: false },
  bucket_expiration_days: { dev: 10, otherwise: 0 },
  point_in_time_recovery: { prod: true, otherwise: false },
  deletion_protection: { prod: true, otherwise: false },
} as const satisfies Record<string, { readonly otherwise: boolean | number } & Readonly<Record<string, unknown>>>;

/** Servers for which the API lets one more step of requests through. */
const SERVERS_PER_STEP = 12_500;
const RATE_STEP = 50;
/** STS assumes 600 roles a second for all of an account and region, other environments and users included. */
const MOST_REQUESTS = 500;

/** As docs/configuration.md says them; `throttleOf` has the numbers. */
export const THROTTLE_DEFAULTS = {
  api_throttling_rate_limit: `\`${RATE_STEP}\` for each ${SERVERS_PER_STEP.toLocaleString("en")} servers begun, at most \`${MOST_REQUESTS}\``,
  api_throttling_burst_limit: `twice the default rate, at most \`${MOST_REQUESTS}\``,
} as const;

/**
 * What the API lets through where the file does not say it: seven times what the servers ask for when all is well, so
 * that they come back after an outage of twenty minutes before their credentials end (docs/fleets.md).
 */
export function throttleOf(servers: number): { readonly rateLimit: number; readonly burstLimit: number } {
  const rate = RATE_STEP * Math.max(1, Math.ceil(servers / SERVERS_PER_STEP));
  return { rateLimit: Math.min(rate, MOST_REQUESTS), burstLimit: Math.min(2 * rate, MOST_REQUESTS) };
}

export type EnvironmentDefaults = {
  readonly bucket_versioning: boolean;
  readonly bucket_expiration_days: number;
  readonly point_in_time_recovery: boolean;
  readonly deletion_protection: boolean;
};

/** The defaults of one environment. */
export function environmentDefaults(environment: string): EnvironmentDefaults {
  return Object.fromEntries(
    Object.entries(ENVIRONMENT_DEFAULTS).map(([key, byName]) => [
      key,
      Object.hasOwn(byName, environment) ? (byName as Record<string, unknown>)[environment] : byName.otherwise,
    ]),
  ) as EnvironmentDefaults;
}
