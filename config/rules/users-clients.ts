import { nearest } from "../../terminal/nearest";
import { MAX_DOMAIN_CHARACTERS, reservedInDomain } from "../schema/cognito-rules";
import { FUNCTION_ARN } from "../schema/people-rules";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";

const MAX_URLS = 100;
const MINUTES_OF_DAY = 1440;

/** What Cognito would refuse of the sign-in pages and of the clients, and what nobody could sign in with. */
export function clientFaults(file: UsersFile): Fault[] {
  return [
    ...domainFaults(file),
    ...urlFaults(file),
    ...flowFaults(file),
    ...validityFaults(file),
    ...triggerFaults(file),
  ];
}

/** A prefix of Cognito's domain, or a domain with a certificate: one of the two. */
function domainFaults({ source, parts, values }: UsersFile): Fault[] {
  const faults: Fault[] = [];
  const refuse = (path: KeyPath, problem: Problem, value?: unknown) =>
    faults.push(faultAt(source, path, problem, value));
  const written = (key: string) => ((source.values.domain ?? {}) as Record<string, unknown>)[key] !== undefined;
  if (parts.domain !== undefined) {
    const { prefix, name, certificate_arn: certificate } = parts.domain.values;
    if (written("prefix") && written("name")) {
      refuse(
        ["domain", "name"],
        { message: "stands beside prefix, and there is one domain", remedy: "remove one of the two" },
        name,
      );
    } else if (!written("prefix") && !written("name")) {
      const remedy = 'write prefix = "…", which is unique in the region, or name and certificate_arn';
      refuse(["domain"], { message: "names no domain", remedy });
    } else if (written("name") !== written("certificate_arn")) {
      const message = written("name")
        ? "has no certificate"
        : "stands beside prefix, and Cognito's own domains have one already";
      const path = ["domain", written("name") ? "name" : "certificate_arn"];
      const remedy = written("name")
        ? "add certificate_arn, of us-east-1"
        : "remove it, or write name in place of prefix";
      refuse(path, { message, remedy }, written("name") ? name : certificate);
    }
    for (const word of reservedInDomain(prefix ?? "")) {
      refuse(
        ["domain", "prefix"],
        { message: `holds "${word}", which Cognito keeps out of its domains`, remedy: "rename it" },
        prefix,
      );
    }
    const excess = (prefix?.length ?? 0) - MAX_DOMAIN_CHARACTERS;
    if (excess > 0) {
      const message = `has ${prefix?.length} characters, and Cognito allows ${MAX_DOMAIN_CHARACTERS}`;
      refuse(["domain", "prefix"], { message, remedy: `shorten it by ${excess}` }, prefix);
    }
  } else if (
    (source.values.domain ?? undefined) === undefined &&
    Object.keys(values.service_clients ?? {}).length > 0
  ) {
    const message = "get their tokens at the domain, and there is none";
    refuse(["service_clients"], { message, remedy: 'add domain = { prefix = "…" }' });
  }
  return faults;
}

/** The domain, for the check across environments: prefixes are one's own in a region, whole names everywhere. */
export function domainsOf({ values, parts }: UsersFile) {
  const { prefix, name } = parts.domain?.values ?? {};
  const { aws_region: region } = values;
  if (prefix !== undefined && region !== undefined) return [{ name: prefix, region, path: ["domain", "prefix"] }];
  return name === undefined ? [] : [{ name, region: "every region", path: ["domain", "name"] }];
}

function urlFaults({ source, values }: UsersFile): Fault[] {
  const faults: Fault[] = [];
  for (const key of ["callback_urls", "logout_urls"] as const) {
    const urls = values[key] ?? [];
    for (const [index, url] of urls.entries()) {
      const problem = urlProblem(url);
      if (problem !== undefined) faults.push(faultAt(source, [key, String(index)], problem, url));
    }
    if (urls.length > MAX_URLS) {
      const message = `has ${urls.length}, and Cognito allows ${MAX_URLS}`;
      faults.push(faultAt(source, [key], { message, remedy: `remove ${urls.length - MAX_URLS}` }));
    }
  }
  const { oauth_scopes: scopes } = values;
  if (scopes !== undefined && !scopes.includes("openid")) {
    const message = "lacks openid, without which there is no ID token, and so neither a name nor AWS credentials";
    faults.push(faultAt(source, ["oauth_scopes"], { message, remedy: 'add "openid"' }, scopes));
  }
  return faults;
}

function urlProblem(url: string): Problem | undefined {
  const example = '"https://example.com/callback" or "http://localhost:18271/callback"';
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return { message: "is not a URL", remedy: `write it whole, like ${example}` };
  }
  if (/[*\s]/.test(url)) {
    return {
      message: "holds a wildcard or space, and Cognito compares every character",
      remedy: "write each URL by itself",
    };
  }
  if (parsed.hash !== "" || url.endsWith("#")) {
    return { message: "has a fragment, which Cognito refuses", remedy: "remove what begins with #" };
  }
  if (parsed.username !== "" || parsed.password !== "") {
    return { message: "holds a user or a password", remedy: "remove them: the URL is no secret" };
  }
  if (parsed.protocol === "https:") return undefined;
  if (parsed.protocol !== "http:") {
    return {
      message: "is neither https nor http on localhost",
      remedy: `write it like ${example}: codes come back by it`,
    };
  }
  if (parsed.hostname !== "localhost") {
    const remedy = /^(127\.|\[::1\]$)/.test(parsed.hostname)
      ? 'write "localhost": Cognito knows no other'
      : "use https";
    return { message: "is http on another host than localhost, which Cognito refuses", remedy };
  }
  if (/^http:\/\/localhost:[1-9]\d*(\/|\?|$)/i.test(url)) return undefined;
  return {
    message: "has no port",
    remedy: 'write a fixed one, like "http://localhost:18271/callback": nobody may listen at 80',
  };
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
