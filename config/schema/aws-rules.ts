import { matching, type Rule } from "./terraform-types";

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

/** Existing buckets may be older than today's naming rules, which did not allow capitals, underscores or 255 characters. */
export const existingBucket: Rule<string> = (value) =>
  value === "" || /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(value)
    ? undefined
    : { message: "is not a bucket name", remedy: "write the name alone, without arn:aws:s3::: or s3://" };

/** The longest of the scopes that follow the identifier and a slash in an app client's list of scopes. */
const LONGEST_SCOPE = "/delete".length;
const MAX_SCOPE_CHARACTERS = 256;

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateResourceServer.html */
export const resourceServerIdentifier: Rule<string> = (value) => {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]*$/.test(value)) {
    return { message: "holds a space, quote, backslash or non-ASCII character", remedy: "use a URL, or a plain word" };
  }
  const longest = MAX_SCOPE_CHARACTERS - LONGEST_SCOPE;
  return value.length <= longest
    ? undefined
    : {
        message: `has ${value.length} characters`,
        remedy: `at most ${longest} leave room for the longest scope in Cognito's ${MAX_SCOPE_CHARACTERS}: shorten it`,
      };
};
