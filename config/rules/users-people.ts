import { nearest } from "../../terminal/nearest";
import { COGNITO_TEXT, isEmail, isPhone } from "../schema/people-rules";
import { memberAddress, wholeAddressName } from "../schema/terraform-address";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import { addressFaults } from "./api-scopes";
import { attributeFaults } from "./users-attributes";
import type { UsersFile } from "./users-file";
import { emailOf, phoneOf, userNameOf } from "./users-names";
import type { CheckedUser } from "./users-parts";

const MAX_USER_NAME = 128;

/** What keeps people from being made, from signing in, or from being told apart. */
export function peopleFaults(file: UsersFile): Fault[] {
  const { source, parts } = file;
  const names = parts.users.map(({ name }) => name);
  return [
    ...addressFaults(source, "users", "aws_cognito_user", names),
    ...parts.users.flatMap((user) => [
      ...nameFaults(file, user),
      ...contactFaults(file, user),
      ...groupFaults(file, user),
      ...attributeFaults(file, user),
    ]),
    ...sameFaults(file),
    ...memberFaults(file),
  ];
}

function nameFaults({ source, values }: UsersFile, user: CheckedUser): Fault[] {
  const { name, checked } = user;
  const { sign_in: signIn } = values;
  if (signIn === undefined || name === "") return [];
  const at = (problem: Problem, ...key: string[]) => [faultAt(source, ["users", name, ...key], problem)];
  if (!signIn.includes("username")) {
    const { email } = checked.values;
    if (email !== undefined && isEmail(name) && name.toLowerCase() !== email.toLowerCase()) {
      return at(
        { message: `is another address than the entry's name, "${name}"`, remedy: "remove it, or rename the entry" },
        "email",
      );
    }
    // An address that is wrong by itself is meant.
    if (userNameOf(user, signIn) !== undefined || isWritten(source.values.users, name, "email")) return [];
    if (checked.values.attributes === undefined) return [];
    const way = signIn.includes("email") ? "an e-mail address" : "a phone number";
    const remedy = signIn.includes("email")
      ? "add email, or name the entry by it"
      : "add attributes.phone_number, like +31201234567";
    return at({ message: `has not ${way} to sign in by`, remedy });
  }
  if (!COGNITO_TEXT.test(name) || name.length > MAX_USER_NAME) {
    return at({
      message: "is a user name that Cognito refuses",
      remedy: `write 1 to ${MAX_USER_NAME} characters without a space`,
    });
  }
  const alias =
    signIn.includes("email") && isEmail(name)
      ? "an e-mail address"
      : signIn.includes("phone") && isPhone(name)
        ? "a phone number"
        : undefined;
  if (alias === undefined) return [];
  const message = `has the form of ${alias}, and Cognito takes no such user name where people sign in by those as well`;
  return at({
    message,
    remedy: "give a user name without that form, and write this one as email or attributes.phone_number",
  });
}

function isWritten(users: unknown, name: string, key: string): boolean {
  const entry = (users as Record<string, Record<string, unknown> | undefined> | undefined)?.[name];
  return (entry?.[key] ?? undefined) !== undefined;
}

/** An invitation goes somewhere. */
function contactFaults({ source, values }: UsersFile, user: CheckedUser): Fault[] {
  const { name, checked } = user;
  const { invite, attributes } = checked.values;
  if (invite !== true || attributes === undefined || isWritten(source.values.users, name, "email")) return [];
  if (emailOf(user) !== undefined) return [];
  // Who cannot sign in for want of an address is reported for that.
  const signIn = values.sign_in ?? [];
  if (phoneOf(user) === undefined && userNameOf(user, signIn) === undefined) return [];
  if (phoneOf(user) !== undefined && (source.values.sms ?? undefined) !== undefined) return [];
  const message =
    phoneOf(user) === undefined
      ? "has neither e-mail address nor phone number, and an invitation goes to one"
      : "has a phone number alone, and without sms no invitation goes there";
  const remedy =
    phoneOf(user) === undefined
      ? "add email, or write invite = false"
      : "add email, or sms to the file, or write invite = false";
  return [faultAt(source, ["users", name], { message, remedy })];
}

function groupFaults({ source, parts }: UsersFile, { name, checked }: CheckedUser): Fault[] {
  const known = parts.groups.map((group) => group.name);
  return (checked.values.groups ?? []).flatMap((group, index) => {
    if (known.includes(group)) return [];
    const meant = nearest(group, known);
    const list = known.length === 0 ? "add it to groups" : `the groups are ${known.join(", ")}`;
    const remedy = meant === undefined ? list : `did you mean "${meant}"?`;
    return [
      faultAt(
        source,
        ["users", name, "groups", String(index)],
        { message: "is not an entry of groups", remedy },
        group,
      ),
    ];
  });
}

/** Cognito has an address or number for one user alone where people sign in by it, and takes capitals for small letters. */
function sameFaults({ source, values, parts }: UsersFile): Fault[] {
  const signIn = values.sign_in ?? [];
  const faults: Fault[] = [];
  const check = (what: string, of: (user: CheckedUser) => string | undefined, key: (user: CheckedUser) => KeyPath) => {
    const known = new Map<string, string>();
    for (const user of parts.users) {
      const value = of(user)?.toLowerCase();
      if (value === undefined) continue;
      const same = known.get(value);
      if (same === undefined) known.set(value, user.name);
      else {
        const problem = {
          message: `gives the same ${what} as "${same}"`,
          remedy: "correct one: at sign-in they would be one",
        };
        faults.push(faultAt(source, key(user), problem));
      }
    }
  };
  const whole = ({ name }: CheckedUser) => ["users", name];
  const isNamed = (user: CheckedUser, value: string | undefined) => user.name === value;
  if (signIn.includes("username")) check("user name", ({ name }) => name, whole);
  if (signIn.includes("email")) {
    check("e-mail address", emailOf, (user) =>
      isNamed(user, emailOf(user)) ? whole(user) : [...whole(user), "email"],
    );
  }
  if (signIn.includes("phone")) {
    check("phone number", phoneOf, (user) =>
      isNamed(user, phoneOf(user)) ? whole(user) : [...whole(user), "attributes", "phone_number"],
    );
  }
  return faults;
}

/** Two memberships that Terraform's addresses cannot tell apart: of `a_b` in `c`, and of `a` in `b_c`. */
function memberFaults({ source, parts }: UsersFile): Fault[] {
  const known = new Map<string, string>();
  return parts.users.flatMap(({ name, checked }) =>
    [...new Set(checked.values.groups ?? [])].flatMap((group) => {
      const address = memberAddress(wholeAddressName(name), wholeAddressName(group));
      const same = known.get(address);
      const pair = `"${name}" in "${group}"`;
      if (same === undefined) known.set(address, pair);
      // Users or groups of one address are reported as such.
      if (same === undefined || isSameAlready(parts, name, group, same)) return [];
      const message = `gives ${pair} the same Terraform address as ${same}, aws_cognito_user_in_group.${address}`;
      return [faultAt(source, ["users", name, "groups"], { message, remedy: "rename the user or the group" })];
    }),
  );
}

function isSameAlready(parts: UsersFile["parts"], name: string, group: string, same: string): boolean {
  const others = (all: readonly { readonly name: string }[], own: string) =>
    all.some(
      (other) =>
        other.name !== own &&
        wholeAddressName(other.name) === wholeAddressName(own) &&
        same.includes(`"${other.name}"`),
    );
  return others(parts.users, name) || others(parts.groups, group);
}
