import { matching, type Rule } from "./terraform-types";

// What `terraform init` checks of the S3 backend's arguments, tried with Terraform 1.11:
// https://github.com/hashicorp/terraform/blob/v1.11.4/internal/backend/remote-state/s3/validators.go

const KEY_ID = "[a-f0-9]{8}-[a-f0-9]{4}-[1-5][a-f0-9]{3}-[ab89][a-f0-9]{3}-[a-f0-9]{12}|mrk-[a-f0-9]{32}";
const ALIAS = "alias/[a-zA-Z0-9/_-]+";

export const kmsKeyId: Rule<string> = matching(
  new RegExp(`^(?:${KEY_ID}|${ALIAS}|arn:[\\w-]+:kms:[\\w-]*:\\d*:(?:key/(?:${KEY_ID})|${ALIAS}))$`),
  "the id of a KMS key",
  'write the key\'s id, its ARN, or an alias like "alias/state"',
);

export const roleArn: Rule<string> = matching(
  /^arn:[\w-]+:iam::[^:]*:role\/.+$/,
  "the ARN of an IAM role",
  'write it whole, like "arn:aws:iam::123456789012:role/state"',
);

const POLICY_ARN = /^arn:[\w-]+:iam::[^:]*:policy\/.+$/;

export const policyArn: Rule<string> = matching(
  POLICY_ARN,
  "the ARN of an IAM policy",
  'write it whole, like "arn:aws:iam::123456789012:policy/boundary"',
);

export const policyArns: Rule<readonly string[]> = (arns) => {
  const wrong = arns.find((arn) => !POLICY_ARN.test(arn));
  return wrong === undefined
    ? undefined
    : {
        message: `holds "${wrong}", which is not the ARN of an IAM policy`,
        remedy: 'write it whole, like "arn:aws:iam::aws:policy/ReadOnlyAccess"',
      };
};

export const policyDocument: Rule<string> = (value) => {
  try {
    const document: unknown = JSON.parse(value);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return undefined;
  } catch {
    // Not JSON at all is no object of it either.
  }
  return { message: "is not a JSON object", remedy: "write the policy itself, in a heredoc: <<EOT" };
};

const ofLength = (minimum: number, maximum: number, pattern: RegExp, remedy: string): Rule<string> => {
  return (value) => {
    if (value.length < minimum || value.length > maximum) {
      const problem = `has ${value.length} characters, and STS wants ${minimum} to ${maximum}`;
      return { message: problem, remedy: value.length < minimum ? "write a longer one" : "shorten it" };
    }
    return pattern.test(value) ? undefined : { message: "holds a character that STS does not allow", remedy };
  };
};

export const sessionName = ofLength(2, 64, /^[\w+=,.@-]*$/, "use letters, digits and _ + = , . @ - alone");
export const externalId = ofLength(2, 1224, /^[\w+=,.@:/-]*$/, "use letters, digits and _ + = , . @ : / - alone");

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A duration as Go reads it, `1h30m`: https://pkg.go.dev/time#ParseDuration */
export const sessionDuration: Rule<string> = (value) => {
  const remedy = 'write it like "15m" or "1h30m", from 15 minutes to 12 hours';
  if (!/^([+-]?)((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(value)) return { message: "is not a duration", remedy };
  const parts = value.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g);
  const length = [...parts].reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  const seconds = value.startsWith("-") ? -length : length;
  return seconds >= 900 && seconds <= 43_200
    ? undefined
    : { message: "is not a duration that STS allows a session", remedy };
};
