import type { Problem } from "../source/fault";
import { matching, type Rule } from "./terraform-types";

// What Cognito, SES, Lambda and DynamoDB take as names and addresses of what people sign in with and reach.

/** What Cognito and people take for an e-mail address; RFC 5321 allows more than anybody has. */
const MAILBOX =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

export function isEmail(text: string): boolean {
  return text.length <= 254 && MAILBOX.test(text);
}

/** E.164: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html */
export function isPhone(text: string): boolean {
  return /^\+[1-9]\d{4,14}$/.test(text);
}

export const emailAddress: Rule<string> = (value) =>
  isEmail(value) ? undefined : { message: "is not an e-mail address", remedy: 'write it like "ann@example.com"' };

/** An address, or a name and an address in angle brackets. */
export function senderAddress(value: string): string | undefined {
  const address = /^[^<>]*<([^<>]+)>$/.exec(value)?.[1] ?? value;
  return isEmail(address) ? address : undefined;
}

export const sender: Rule<string> = (value) =>
  senderAddress(value) !== undefined
    ? undefined
    : { message: "is not a sender", remedy: 'write an address, or a name too: "Example <no-reply@example.com>"' };

export const SES_IDENTITY = /^arn:aws:ses:([a-z0-9-]+):\d{12}:identity\/(.+)$/;

export const sesIdentity: Rule<string> = matching(
  SES_IDENTITY,
  "the ARN of an SES identity",
  'write it whole, like "arn:aws:ses:eu-west-1:123456789012:identity/example.com"',
);

export const configurationSet: Rule<string> = matching(
  /^[A-Za-z0-9_-]{1,64}$/,
  "the name of a configuration set of SES",
  "use letters, digits, hyphens and underscores alone",
);

/** Cognito's sign-in pages are a CloudFront distribution, whose certificates are in one region. */
export const certificateArn: Rule<string> = (value) => {
  const found = /^arn:aws:acm:([a-z0-9-]+):\d{12}:certificate\/[a-f0-9-]+$/.exec(value)?.[1];
  if (found === "us-east-1") return undefined;
  const remedy = "have ACM issue one in us-east-1, whatever the layer's region, and write its ARN";
  return found === undefined
    ? { message: "is not the ARN of a certificate in ACM", remedy }
    : { message: `is a certificate of ${found}, and Cognito takes those of us-east-1 alone`, remedy };
};

export const domainName: Rule<string> = matching(
  /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
  "the name of a domain in small letters",
  'write it without https:// and slash, like "login.example.com"; for one of Cognito\'s own write prefix',
);

export const configuredTable: Rule<string> = matching(
  /^[A-Za-z0-9_.-]{3,255}$/,
  "the name of a DynamoDB table",
  "write the name alone: 3 to 255 letters, digits and _ . -, without arn: and wildcards",
);

const FUNCTION = "[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_-]{1,128})?";
export const FUNCTION_ARN = new RegExp(`^arn:aws:lambda:([a-z0-9-]+):\\d{12}:function:${FUNCTION}$`);
const FUNCTION_NAME = new RegExp(`^${FUNCTION}$`);

/** What keeps a text from naming one function of Lambda. */
export function functionProblem(value: string): Problem | undefined {
  if (FUNCTION_ARN.test(value) || FUNCTION_NAME.test(value)) return undefined;
  return /[*?]/.test(value)
    ? { message: "holds a wildcard", remedy: "name each function: what is deployed later would be reached by it, too" }
    : { message: "is neither a function's name nor its ARN", remedy: 'write it like "report" or "arn:aws:lambda:…"' };
}

/** Cognito's rule for user names and names of groups. */
export const COGNITO_TEXT = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u;

export const distinct: Rule<readonly string[]> = (values) => {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  return twice === undefined ? undefined : { message: `holds "${twice}" twice`, remedy: "remove one" };
};

export const notEmpty =
  (remedy: string): Rule<readonly string[]> =>
  (values) =>
    values.length > 0 ? undefined : { message: "is empty", remedy };
