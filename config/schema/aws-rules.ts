import { nearest } from "../../terminal/nearest";
import type { Problem } from "../source/fault";
import { matching, type Rule, wholeNumber } from "./terraform-types";

const regionName: Rule<string> = matching(
  /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/,
  "the name of an AWS region",
  'write it as AWS does, like "eu-west-1"',
);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: China, GovCloud, the isolated ones, Europe's sovereign one. */
const OTHER_PARTITIONS = /^(cn|us-gov|us-iso[a-z]*|eu-iso[a-z]*|eusc)-/;

/** A region of AWS's commercial partition: `eu-west-1`. */
export const region: Rule<string> = (value) =>
  OTHER_PARTITIONS.test(value)
    ? {
        message: "is a region outside AWS's commercial partition",
        remedy:
          'choose a commercial one, like "eu-west-1": the addresses and ARNs that are made here (amazoncognito.com, arn:aws:) are those of that partition alone',
      }
    : regionName(value);

/** AWS's commercial regions: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
const COMMERCIAL_REGIONS: readonly string[] = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1"],
  ...["eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"],
  ...["af-south-1", "il-central-1", "me-central-1", "me-south-1", "ap-east-1", "ap-east-2", "ap-south-1", "ap-south-2"],
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"],
  ...["ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"],
];

/** A region of the right form that is in no list: misspelt, or younger than the list. */
export const listedRegion: Rule<string> = (value) => {
  if (region(value) !== undefined || COMMERCIAL_REGIONS.includes(value)) return undefined;
  const meant = nearest(value, COMMERCIAL_REGIONS);
  return {
    message: "is not a region of AWS that is known here",
    remedy: `${meant === undefined ? "correct it" : `did you mean "${meant}"?`}; for one that is new, set skip_region_validation = true`,
  };
};

/**
 * Names that become part of the names of buckets and Cognito domains, which allow the fewest characters of all.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
 */
export const NAME_PART = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

export const namePart: Rule<string> = matching(
  NAME_PART,
  "made of lower-case letters, digits and inner hyphens alone",
  "it begins the names of buckets and Cognito domains, which allow no others: rename it",
);

/** Retention periods that CloudWatch Logs has; 0 keeps events for ever (Terraform's spelling). */
export const LOG_RETENTION_DAYS: readonly number[] = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logRetention: Rule<number> = (value) =>
  LOG_RETENTION_DAYS.includes(value)
    ? undefined
    : { message: "is not a period that CloudWatch Logs has", remedy: `choose one of ${LOG_RETENTION_DAYS.join(", ")}` };

/** Requests per second that a stage of API Gateway lets through. */
export const aboveZero: Rule<number> = (value) =>
  value > 0 ? undefined : { message: "is not above 0", remedy: "0 would refuse every request: write a rate above it" };

export const burst: Rule<number> = wholeNumber(1, 100_000, "write how many requests may come at once");

/** In quotes: as a number, an id that begins with 0 would lose it. */
export const accountIds: Rule<readonly string[]> = (ids) => {
  const wrong = ids.find((id) => !/^\d{12}$/.test(id));
  if (wrong !== undefined) {
    return { message: `holds "${wrong}", which is no account's id`, remedy: "write its 12 digits in quotes" };
  }
  return ids.length > 0
    ? undefined
    : { message: "is empty, and would allow no account", remedy: "write the account's id, or remove the key" };
};

/** Fewer characters than IAM allows: the path stands in policies, where * and ? would be wildcards. */
export const iamPath: Rule<string> = (value) =>
  value.length <= 512 && /^\/([\w+=,.@-]+\/)*$/.test(value)
    ? undefined
    : {
        message: "is not a path of IAM",
        remedy: 'begin and end it with a slash, like "/uploads/"; in between use letters, digits and _ + = , . @ -',
      };

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const BUCKET_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Names of before March 2018, in us-east-1 alone. */
const OLD_BUCKET_NAME = /^[A-Za-z0-9._-]{3,255}$/;
export const RESERVED_BUCKET_STARTS = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_BUCKET_ENDS = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/** What keeps a name from being that of a general purpose bucket in a region; of an unknown one, in any. */
export function bucketNameProblem(name: string, bucketRegion: string | undefined): Problem | undefined {
  if (!OLD_BUCKET_NAME.test(name)) {
    return { message: "is not a bucket name", remedy: "write the name alone, without arn:aws:s3::: or s3://" };
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    return { message: "is an IP address, which no bucket's name may be", remedy: "write the bucket's name" };
  }
  const reserved =
    RESERVED_BUCKET_STARTS.find((start) => name.startsWith(start)) ??
    RESERVED_BUCKET_ENDS.find((end) => name.endsWith(end));
  if (reserved !== undefined) {
    const remedy = "write the name of a general purpose bucket: neither an alias nor a bucket of another kind will do";
    return { message: `holds "${reserved}" where S3 keeps it for itself`, remedy };
  }
  if (BUCKET_NAME.test(name) || bucketRegion === undefined || bucketRegion === "us-east-1") return undefined;
  return {
    message: `is a name that no bucket of ${bucketRegion} can have`,
    remedy:
      "write 3 to 63 lower-case letters, digits, dots and hyphens, letter or digit at both ends and no two dots in a row",
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
const TOPIC_ARN = /^arn:aws:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}$/;

export const topicArn: Rule<string> = matching(
  TOPIC_ARN,
  "the ARN of an SNS topic",
  'write it whole, like "arn:aws:sns:eu-west-1:123456789012:alarms"',
);

const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** Roles as CloudTrail names who issued a session: whole, with their paths. */
export const roleArns: Rule<readonly string[]> = (arns) => {
  const wrong = arns.find((arn) => !ROLE_ARN.test(arn));
  if (wrong === undefined) return undefined;
  const remedy = 'write it whole, like "arn:aws:iam::123456789012:role/terraform"';
  return { message: `holds "${wrong}", which is not the ARN of an IAM role`, remedy };
};

/** An alarm can only tell a topic of its own region. */
export function topicRegionProblem(arn: string, region: string): Problem | undefined {
  const own = TOPIC_ARN.exec(arn)?.[1];
  if (own === undefined || own === region) return undefined;
  return {
    message: `is a topic in ${own}, and alarms in ${region} can only tell one there`,
    remedy: `name a topic in ${region}`,
  };
}
