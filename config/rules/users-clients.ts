import { nearest } from "../../terminal/nearest";
import { FUNCTION_ARN } from "../schema/people-rules";
import type { Fault, KeyPath } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";

const MINUTES_OF_DAY = 1440;

/** What Cognito would refuse of the app client and the triggers, and what nobody could sign in with. */
export function clientFaults(file: UsersFile): Fault[] {
  return [...flowFaults(file), ...validityFaults(file), ...triggerFaults(file)];
}

const CHALLENGE_TRIGGERS = ["define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response"];

function flowFaults({ source, values }: UsersFile): Fault[] {
  const { auth_flows: flows } = values;
  if (flows === undefined || flows.length === 0) return [];
  const faults: Fault[] = [];
  if (!flows.includes("srp") && !flows.includes("password")) {
    const message = 'has neither "srp" nor "password", and nobody could sign in at a terminal';
    faults.push(
      faultAt(source, ["auth_flows"], { message, remedy: 'add "srp", which never sends the password' }, flows),
    );
  }
  const missing = CHALLENGE_TRIGGERS.filter(
    (name) => values.triggers !== undefined && values.triggers[name] === undefined,
  );
  if (flows.includes("custom") && missing.length > 0) {
    const message = `holds "custom", whose challenges come from Lambda functions that are missing: ${missing.join(", ")}`;
    faults.push(faultAt(source, ["auth_flows"], { message, remedy: "add them to triggers, or remove it" }, flows));
  }
  return faults;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html, RefreshTokenValidity */
function validityFaults({ source, values }: UsersFile): Fault[] {
  const { refresh_token_validity_days: days } = values;
  if (days === undefined) return [];
  return (["access_token_validity_minutes", "id_token_validity_minutes"] as const).flatMap((key) => {
    const minutes = values[key];
    if (minutes === undefined || minutes < days * MINUTES_OF_DAY) return [];
    const message = `is not below the ${days * MINUTES_OF_DAY} minutes of refresh_token_validity_days`;
    return [faultAt(source, [key], { message, remedy: "shorten it, or let refresh tokens live longer" }, minutes)];
  });
}

/** As the AWS provider spells them: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html */
const TRIGGERS = [
  ...["pre_sign_up", "post_confirmation", "pre_authentication", "post_authentication", "user_migration"],
  ...["custom_message", "pre_token_generation", ...CHALLENGE_TRIGGERS],
];

function triggerFaults({ source, values }: UsersFile): Fault[] {
  return Object.entries(values.triggers ?? {}).flatMap(([name, arn]) => {
    const path = ["triggers", name];
    const faults: Fault[] = [];
    if (!TRIGGERS.includes(name)) {
      const meant = nearest(name, TRIGGERS);
      const remedy = /^custom_(sms|email)_sender/.test(name)
        ? "it needs a KMS key, which this layer has not: use email and sms, or custom_message"
        : meant === undefined
          ? `choose one of ${TRIGGERS.join(", ")}`
          : `did you mean ${meant}?`;
      faults.push(faultAt(source, path, { message: "is not a trigger that is known here", remedy }));
    }
    const region = FUNCTION_ARN.exec(arn)?.[1];
    if (region === undefined) {
      const remedy = 'write it whole, like "arn:aws:lambda:eu-west-1:123456789012:function:welcome"';
      faults.push(faultAt(source, path, { message: "is not the ARN of a Lambda function", remedy }, arn));
    } else if (values.aws_region !== undefined && region !== values.aws_region) {
      const message = `is a function of ${region}, and Cognito calls those of its own region alone`;
      faults.push(faultAt(source, path, { message, remedy: `deploy it to ${values.aws_region}` }, arn));
    }
    return faults;
  });
}

/** What is allowed, and hardly meant. */
export function clientWarnings({ source, values, parts }: UsersFile): Fault[] {
  const warnings: Fault[] = [];
  const warn = (path: KeyPath, message: string, remedy: string) =>
    warnings.push(faultAt(source, path, { message, remedy }));
  const isWritten = (key: string) => (source.values[key] ?? undefined) !== undefined;
  if (values.auth_flows !== undefined && !values.auth_flows.includes("refresh")) {
    const message =
      'lacks "refresh": nobody gets new tokens without signing in, so that credentials end with the ID token';
    warn(["auth_flows"], message, 'add "refresh", unless people are to sign in again each time');
  }
  if (values.implicit_grant === true && parts.domain !== undefined) {
    warn(
      ["implicit_grant"],
      "puts tokens into URLs, which browsers and servers log",
      "let applications use the code with PKCE",
    );
  }
  if (!isWritten("domain")) {
    for (const key of ["callback_urls", "logout_urls", "oauth_scopes", "implicit_grant"].filter(isWritten)) {
      warn([key], "counts for nothing without a domain", 'add domain = { prefix = "…" }, or remove it');
    }
  }
  if (values.mfa === "off" && isWritten("mfa_methods")) {
    warn(["mfa_methods"], 'counts for nothing while mfa is "off"', 'write mfa = "optional", or remove it');
  }
  if (values.auth_flows !== undefined && !values.auth_flows.includes("custom")) {
    for (const name of CHALLENGE_TRIGGERS.filter((each) => values.triggers?.[each] !== undefined)) {
      warn(["triggers", name], 'is never called without the flow "custom"', 'add "custom" to auth_flows, or remove it');
    }
  }
  return warnings;
}
