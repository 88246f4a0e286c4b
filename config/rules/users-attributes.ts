import { nearest } from "../../terminal/nearest";
import { isPhone } from "../schema/people-rules";
import { STANDARD_ATTRIBUTES } from "../schema/users-keys";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";
import { emailOf, phoneOf } from "./users-names";
import type { CheckedUser, UsersParts } from "./users-parts";

const MAX_VALUE = 2048;
/** What administrators may say besides: whether what stands there needs no code any more. */
const VERIFIED = ["email_verified", "phone_number_verified"];

type CustomAttribute = UsersParts["customAttributes"][number];

/** Attributes that a user has and the pool does not, has wrongly, or lacks. */
export function attributeFaults({ source, values, parts }: UsersFile, user: CheckedUser): Fault[] {
  const { name: userName, checked } = user;
  const { attributes } = checked.values;
  if (attributes === undefined) return [];
  const path: KeyPath = ["users", userName, "attributes"];
  const faults = Object.entries(attributes).flatMap(([name, value]) => {
    const custom = parts.customAttributes.find((each) => each.name === name || `custom:${each.name}` === name);
    const wrongName = custom === undefined ? nameProblem(name, parts.customAttributes) : undefined;
    if (wrongName !== undefined) return [faultAt(source, [...path, name], wrongName)];
    const problem = custom === undefined ? standardProblem(name, value) : customProblem(custom, value);
    return problem === undefined ? [] : [faultAt(source, [...path, name], problem, value)];
  });
  const has = (attribute: string) =>
    attribute === "email" ? emailOf(user) : attribute === "phone_number" ? phoneOf(user) : attributes[attribute];
  const isMeant = (attribute: string) => attribute === "email" && checked.faults.length > 0;
  const missing = (values.required_attributes ?? []).filter(
    (attribute) => has(attribute) === undefined && !isMeant(attribute),
  );
  // Who is named by nothing that they could sign in by is reported for that.
  const signsInBy = (values.sign_in ?? []).includes("email") && !(values.sign_in ?? []).includes("username");
  const told = missing.filter(
    (attribute) => attribute !== "email" || !signsInBy || (values.sign_in ?? []).includes("phone"),
  );
  if (told.length > 0) {
    const message = `lacks ${told.join(" and ")}, which required_attributes asks of everybody`;
    faults.push(
      faultAt(source, ["users", userName], {
        message,
        remedy: `add ${told.map((each) => (each === "email" ? each : `attributes.${each}`)).join(" and ")}`,
      }),
    );
  }
  return faults;
}

function nameProblem(name: string, own: readonly CustomAttribute[]): Problem | undefined {
  if (name === "email") return { message: "stands among attributes", remedy: "write it beside them: email = …" };
  if (name === "sub") return { message: "is given by Cognito", remedy: "remove it" };
  if (STANDARD_ATTRIBUTES.some((each) => each === name) || VERIFIED.includes(name)) return undefined;
  if (SECRETIVE.test(name)) return { message: "looks like a secret", remedy: NO_PASSWORD };
  const known = [...STANDARD_ATTRIBUTES, ...VERIFIED, ...own.map((each) => each.name)];
  const meant = nearest(name, known);
  const remedy =
    meant === undefined
      ? `add it to custom_attributes, or choose one of ${known.join(", ")}`
      : `did you mean ${meant}?`;
  return { message: "is neither a standard attribute nor one of custom_attributes", remedy };
}

function standardProblem(name: string, value: string): Problem | undefined {
  if (name === "phone_number" && !isPhone(value)) {
    return {
      message: "is not a phone number",
      remedy: "write + and digits alone, the country's code first: +31201234567",
    };
  }
  if (name === "birthdate" && !/^\d{4}-\d\d-\d\d$/.test(value)) {
    return { message: "is not a date", remedy: "write it like 1990-12-31" };
  }
  if (VERIFIED.includes(name) && !/^(true|false)$/.test(value))
    return { message: "is not true or false", remedy: "write one of them" };
  return lengthProblem(value, 0, MAX_VALUE);
}

function customProblem({ checked }: CustomAttribute, value: string): Problem | undefined {
  const { type, min, max } = checked.values;
  if (type === "boolean" && !/^(true|false)$/.test(value))
    return { message: "is not true or false", remedy: "write one of them" };
  if (type === "number") {
    const number = Number(value);
    if (!/^-?\d+$/.test(value)) return { message: "is not a whole number", remedy: "write digits alone" };
    if (number < (min ?? number) || number > (max ?? number)) {
      return {
        message: `is not from ${min ?? "any"} to ${max ?? "any"}`,
        remedy: "correct it, or the limits of custom_attributes",
      };
    }
    return undefined;
  }
  return lengthProblem(value, min ?? 0, Math.min(max ?? MAX_VALUE, MAX_VALUE));
}

function lengthProblem({ length }: string, least: number, most: number): Problem | undefined {
  if (length >= least && length <= most) return undefined;
  return {
    message: `has ${length} characters, and ${least} to ${most} are allowed`,
    remedy: length > most ? "shorten it" : "write more",
  };
}

/** Names of keys and attributes that hold what must not stand here. */
export const SECRETIVE = /passw|pwd|secret|credential/i;
export const NO_PASSWORD =
  "remove it: no password is ever written down here; Cognito mails an invitation with a temporary one";
