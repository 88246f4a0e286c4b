import { conjunction } from "./grant-words";
import { type Finding, widening } from "./report";
import type { ResourceChange } from "./terraform-plan";

type Values = ResourceChange["before"];

const MFA = ["OFF", "OPTIONAL", "ON"];
const MFA_WORDS: Readonly<Record<string, string>> = { OFF: "off", OPTIONAL: "optional", ON: "required" };

/** What changes for how people get and prove their accounts. */
export function userPoolFindings({ before, after }: ResourceChange): Finding[] {
  if (after === null) return [];
  return [...signUpFindings(before, after), ...mfaFindings(before, after), ...passwordFindings(before, after)];
}

function signUpFindings(before: Values, after: Values): Finding[] {
  const open = (values: Values) => block(values, "admin_create_user_config")?.allow_admin_create_user_only === false;
  if (open(before) === open(after)) return [];
  return [
    open(after)
      ? widening("self sign-up is on: anybody may make an account, and get what everybody gets")
      : { text: "self sign-up is off: administrators alone make accounts" },
  ];
}

function mfaFindings(before: Values, after: Values): Finding[] {
  const [was, is] = [before, after].map((values) => String(values?.mfa_configuration ?? "OFF"));
  if (before === null || was === undefined || is === undefined || was === is) return [];
  const text = `a second factor is ${MFA_WORDS[is]} instead of ${MFA_WORDS[was]}`;
  return [widening(text, MFA.indexOf(is) < MFA.indexOf(was))];
}

function passwordFindings(before: Values, after: Values): Finding[] {
  const [was, is] = [before, after].map((values) => block(values, "password_policy"));
  if (before === null || was === undefined || is === undefined) return [];
  const dropped = ["require_lowercase", "require_uppercase", "require_numbers", "require_symbols"].filter(
    (name) => was[name] === true && is[name] !== true,
  );
  const [longest, shortest] = [Number(was.minimum_length), Number(is.minimum_length)];
  return [
    ...(shortest < longest ? [widening(`passwords have at least ${shortest} characters instead of ${longest}`)] : []),
    ...dropped.map((name) => widening(`passwords need no ${name.slice("require_".length)} any more`)),
  ];
}

/** What changes for how people sign in by an app client, and for how long. */
export function appClientFindings({ before, after }: ResourceChange): Finding[] {
  if (after === null) return [];
  const added = (attribute: string) => {
    const of = (values: Values) => (values?.[attribute] as string[] | null | undefined) ?? [];
    return of(after).filter((each) => !of(before).includes(each));
  };
  const callbacks = before === null ? [] : added("callback_urls");
  const scopes = added("allowed_oauth_scopes").filter((scope) => scope.includes("/"));
  return [
    ...(added("explicit_auth_flows").includes("ALLOW_USER_PASSWORD_AUTH")
      ? [widening("passwords may be sent to Cognito as they are, not only proven by SRP")]
      : []),
    ...(added("allowed_oauth_flows").includes("implicit")
      ? [widening("the implicit grant is allowed: tokens are in addresses that browsers remember")]
      : []),
    ...(callbacks.length > 0 ? [widening(`sign-ins may now also end at ${conjunction(callbacks)}`)] : []),
    ...(scopes.length > 0 ? [widening(`may get the scopes ${conjunction(scopes)}`)] : []),
    ...lifetimeFindings(before, after),
  ];
}

function lifetimeFindings(before: Values, after: Values): Finding[] {
  const [was, is] = [before, after].map((values) => Number(values?.refresh_token_validity ?? Number.NaN));
  if (was === undefined || is === undefined || Number.isNaN(was) || Number.isNaN(is) || was === is) return [];
  return [widening(`people stay signed in for ${is} days instead of ${was}`, is > was)];
}

/** A block that may be there once. */
function block(values: Values, name: string): Readonly<Record<string, unknown>> | undefined {
  return ((values?.[name] as Readonly<Record<string, unknown>>[] | null | undefined) ?? [])[0];
}
