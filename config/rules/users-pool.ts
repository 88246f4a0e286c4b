import { SES_IDENTITY, senderAddress } from "../schema/people-rules";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";
import { grantsAnything } from "./users-parts";

/** How many Cognito allows: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html */
const MAX_CUSTOM_ATTRIBUTES = 50;
const MAX_ATTRIBUTE_NAME = 20;
const MAX_STRING = 2048;

const TIER_REMEDY = 'set tier = "essentials" or "plus"';

/** What Cognito would refuse of sign-in, second factors, recovery and messages together. */
export function poolFaults(file: UsersFile): Fault[] {
  return [
    ...methodFaults(file),
    ...selfSignUpFaults(file),
    ...tierFaults(file),
    ...emailFaults(file),
    ...attributeFaults(file),
  ];
}

/** Text messages need a role, mail of one's own needs SES. */
function methodFaults({ source, values, parts }: UsersFile): Fault[] {
  const { sign_in = [], mfa, mfa_methods = [], verification, account_recovery: recovery = [], tier } = values;
  const faults: Fault[] = [];
  const refuse = (path: KeyPath, problem: Problem, value: unknown) =>
    faults.push(faultAt(source, path, problem, value));
  const methods = mfa === "off" ? [] : mfa_methods;
  // An `sms` that is wrong by itself is meant.
  if ((source.values.sms ?? undefined) === undefined) {
    const problem = (what: string): Problem => ({
      message: `${what}, and Cognito sends text messages by a role alone`,
      remedy: "add sms = { role_arn, external_id }, or remove it",
    });
    if (sign_in.includes("phone")) refuse(["sign_in"], problem("lets people sign in by phone number"), sign_in);
    if (methods.includes("sms")) refuse(["mfa_methods"], problem('holds "sms"'), mfa_methods);
    if (verification === "sms_code") refuse(["verification"], problem("verifies phone numbers"), verification);
    if (recovery.includes("phone")) refuse(["account_recovery"], problem('holds "phone"'), recovery);
  }
  if (mfa !== undefined && mfa !== "off" && values.mfa_methods !== undefined && mfa_methods.length === 0) {
    const message = `is empty, and mfa is "${mfa}"`;
    refuse(["mfa_methods"], { message, remedy: 'write "totp", or set mfa = "off"' }, mfa_methods);
  }
  if (methods.includes("email")) {
    if ((source.values.email ?? undefined) === undefined) {
      const message = 'holds "email", and Cognito mails codes of sign-ins through Amazon SES alone';
      refuse(["mfa_methods"], { message, remedy: "add email = { source_arn = … }, or remove it" }, mfa_methods);
    }
    if (tier === "lite") {
      const message = 'holds "email", which the tier "lite" has not';
      refuse(["mfa_methods"], { message, remedy: `${TIER_REMEDY}, or remove it` }, mfa_methods);
    }
    if (recovery.length === 1 && recovery[0] === "email") {
      const message =
        'is "email" alone, and who gets codes of sign-ins by e-mail may not recover the account by it, too';
      const remedy = 'add "phone", write [] to leave it to administrators, or remove "email" from mfa_methods';
      const fault = faultAt(source, ["account_recovery"], { message, remedy }, recovery);
      // Where the default is not written, what forbids it has a place.
      faults.push({ ...source.outline.positionOf(["mfa_methods"]), ...fault });
    }
  }
  if (
    verification === "email_link" &&
    parts.domain === undefined &&
    (source.values.domain ?? undefined) === undefined
  ) {
    const message = "needs an address that the link leads to";
    refuse(["verification"], { message, remedy: 'add domain = { prefix = "…" }, or write "email_code"' }, verification);
  }
  return faults;
}

/** Who makes an account must have what Cognito verifies. */
function selfSignUpFaults({ source, values }: UsersFile): Fault[] {
  const { self_sign_up, verification, required_attributes, sign_in } = values;
  if (self_sign_up !== true || verification === undefined || !required_attributes || !sign_in) return [];
  const [attribute, way] =
    verification === "sms_code" ? (["phone_number", "phone"] as const) : (["email", "email"] as const);
  if (required_attributes.includes(attribute) || sign_in.includes(way)) return [];
  const message = `verifies ${attribute}, which people who make an account need not give`;
  const remedy = `add "${attribute}" to required_attributes, or set self_sign_up = false`;
  return [faultAt(source, ["verification"], { message, remedy }, verification)];
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html */
function tierFaults({ source, values, parts }: UsersFile): Fault[] {
  const { tier, threat_protection: protection } = values;
  if (tier === undefined) return [];
  const faults: Fault[] = [];
  const { history_size: history = 0 } = parts.passwordPolicy.values;
  const lacks = { message: `is something that the tier "${tier}" has not` };
  if (tier === "lite" && history > 0) {
    const problem = { ...lacks, remedy: `${TIER_REMEDY}, or write 0` };
    faults.push(faultAt(source, ["password_policy", "history_size"], problem, history));
  }
  if (tier === "lite" && parts.domain?.values.managed_login_version === 2) {
    const problem = { ...lacks, remedy: `${TIER_REMEDY}, or write 1` };
    faults.push(faultAt(source, ["domain", "managed_login_version"], problem, 2));
  }
  if (tier !== "plus" && protection !== undefined && protection !== "off") {
    faults.push(
      faultAt(source, ["threat_protection"], { ...lacks, remedy: 'set tier = "plus", or write "off"' }, protection),
    );
  }
  return faults;
}

/** Regions of SES that pools of every region may send from. */
const SES_REGIONS = ["us-east-1", "us-west-2", "eu-west-1"];

function emailFaults({ source, values, parts }: UsersFile): Fault[] {
  const { source_arn: arn, from } = parts.email?.values ?? {};
  const [, region = "", identity = ""] = SES_IDENTITY.exec(arn ?? "") ?? [];
  if (region === "" || values.aws_region === undefined) return [];
  const faults: Fault[] = [];
  if (region !== values.aws_region && !SES_REGIONS.includes(region)) {
    const message = `is an identity of ${region}, and pools of ${values.aws_region} send from there, or from ${SES_REGIONS.join(", ")}`;
    faults.push(
      faultAt(source, ["email", "source_arn"], { message, remedy: "verify the identity in one of them" }, arn),
    );
  }
  const address = senderAddress(from ?? "")?.toLowerCase();
  const own = identity.toLowerCase();
  if (address !== undefined && address !== own && !address.endsWith(`@${own}`) && !address.endsWith(`.${own}`)) {
    const message = `is not an address of the identity "${identity}"`;
    faults.push(
      faultAt(source, ["email", "from"], { message, remedy: `write one of @${own}, or another source_arn` }, from),
    );
  }
  return faults;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html */
function attributeFaults({ source, parts }: UsersFile): Fault[] {
  const faults: Fault[] = [];
  const { customAttributes } = parts;
  for (const { name, checked } of customAttributes) {
    const path = ["custom_attributes", name];
    const refuse = (problem: Problem, ...key: string[]) => faults.push(faultAt(source, [...path, ...key], problem));
    if (name.startsWith("custom:")) {
      refuse({
        message: "begins with custom:",
        remedy: `Cognito puts that in front: write ${name.slice(7) || "a name"}`,
      });
    } else if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      refuse({ message: "is not a name of letters, digits, _ and - alone", remedy: "rename it" });
    }
    const excess = name.length - MAX_ATTRIBUTE_NAME;
    if (excess > 0) {
      const message = `has ${name.length} characters, and Cognito allows ${MAX_ATTRIBUTE_NAME}`;
      refuse({ message, remedy: `shorten it by ${excess}` });
    }
    const { type, min, max } = checked.values;
    for (const [key, value] of Object.entries({ min, max })) {
      if (value === undefined || type === undefined) continue;
      const most = type === "string" ? MAX_STRING : Number.MAX_SAFE_INTEGER;
      if (type === "datetime" || type === "boolean") {
        refuse({ message: `limits a ${type}, which has no limits`, remedy: "remove it" }, key);
      } else if (!Number.isInteger(value) || value > most || value < (type === "string" ? 0 : -most)) {
        const range =
          type === "string" ? `from 0 to ${most}, the characters of a string` : "that a computer keeps exactly";
        refuse({ message: `is ${value}, not a whole number ${range}`, remedy: "correct it" }, key);
      }
    }
    if (min !== undefined && max !== undefined && min > max) {
      refuse({ message: `is ${min}, above the max of ${max}`, remedy: "exchange them, or correct one" }, "min");
    }
  }
  const excess = customAttributes.length - MAX_CUSTOM_ATTRIBUTES;
  if (excess > 0) {
    const message = `has ${customAttributes.length} attributes, and Cognito allows ${MAX_CUSTOM_ATTRIBUTES}`;
    faults.push(faultAt(source, ["custom_attributes"], { message, remedy: `remove ${excess}` }));
  }
  return faults;
}

/** What is allowed, and hardly meant. */
export function poolWarnings({ source, values, parts }: UsersFile): Fault[] {
  const { self_sign_up, mfa, mfa_methods: methods = [], account_recovery: recovery = [], verification } = values;
  const warnings: Fault[] = [];
  const warn = (key: string, message: string, remedy: string) =>
    warnings.push(faultAt(source, [key], { message, remedy }));
  if (self_sign_up === true) {
    if (grantsAnything(parts.access, undefined) && parts.identityPool.values.enabled !== false) {
      const message = "lets anybody on the internet make an account, and access is what every account may reach";
      warn("self_sign_up", message, "grant it to a group, or set self_sign_up = false");
    }
    const verified = verification === "sms_code" ? "phone" : "email";
    if (recovery.length > 0 && !recovery.includes(verified)) {
      const message = `is never verified for people who make an account, whose ${verified} is`;
      warn("account_recovery", message, `add "${verified}"`);
    }
  }
  if (
    mfa !== undefined &&
    mfa !== "off" &&
    methods.includes("sms") &&
    recovery.length === 1 &&
    recovery[0] === "phone"
  ) {
    const message = 'is "phone" alone, and Cognito recovers no account by the phone that gets codes of sign-ins';
    warn("account_recovery", message, 'add "email"');
  }
  return warnings;
}
