import type { CognitoUserPoolSchema } from "@cdktf/provider-aws/lib/cognito-user-pool";
import type { AttributeType, CustomAttributeConfig, UsersConfig } from "../../config/schema/users-types";

/** Cognito's own limits; left out, Terraform would take what Cognito fills in for another schema, and replace the pool. */
const ANY_TEXT = { minLength: "0", maxLength: "2048" };
const BIRTHDATE = { minLength: "10", maxLength: "10" };
const TYPES: Readonly<Record<AttributeType, string>> = {
  string: "String",
  number: "Number",
  datetime: "DateTime",
  boolean: "Boolean",
};
const CONTACT = { email: "email", phone: "phone_number" } as const;

/** What people sign in with: an address or number in the place of a name, or beside one. */
export function signInAttributes({ signIn }: Pick<UsersConfig, "signIn">) {
  const contacts = signIn.filter((way) => way !== "username").map((way) => CONTACT[way]);
  if (contacts.length === 0) return {};
  return signIn.includes("username") ? { aliasAttributes: contacts } : { usernameAttributes: contacts };
}

/** The attributes that are required of everybody, and those that the pool adds to Cognito's own. */
export function attributeSchema({ requiredAttributes, customAttributes }: UsersConfig): CognitoUserPoolSchema[] {
  return [...requiredAttributes.map(requiredAttribute), ...customAttributes.map(customAttribute)];
}

function requiredAttribute(name: string): CognitoUserPoolSchema {
  const common = { name, required: true, mutable: true };
  if (name === "updated_at") {
    return { ...common, attributeDataType: "Number", numberAttributeConstraints: { minValue: "0" } };
  }
  const stringAttributeConstraints = name === "birthdate" ? BIRTHDATE : ANY_TEXT;
  return { ...common, attributeDataType: "String", stringAttributeConstraints };
}

function customAttribute({ name, type, mutable, min, max }: CustomAttributeConfig): CognitoUserPoolSchema {
  const limit = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return {
    name,
    attributeDataType: TYPES[type],
    mutable,
    required: false,
    ...(type === "string"
      ? {
          stringAttributeConstraints: {
            minLength: limit(min) ?? ANY_TEXT.minLength,
            maxLength: limit(max) ?? ANY_TEXT.maxLength,
          },
        }
      : {}),
    ...(type === "number"
      ? {
          numberAttributeConstraints: {
            ...(min === undefined ? {} : { minValue: String(min) }),
            ...(max === undefined ? {} : { maxValue: String(max) }),
          },
        }
      : {}),
  };
}

/** What an app or a person may know of himself: nothing of it is secret, and access depends on none of it. */
const PROFILE = [
  ...["address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale"],
  ...["middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture", "preferred_username"],
  ...["profile", "updated_at", "website", "zoneinfo"],
];

/** The attributes that people read by an app client: in their ID token, too. */
export function readableAttributes({ customAttributes }: UsersConfig): string[] {
  return [...PROFILE, ...customAttributes.map(({ name }) => `custom:${name}`)].sort();
}

/**
 * The attributes that people may write themselves: those that are asked of them and by which they are reached. What an
 * administrator wrote for others to rely on is not theirs to change. None is no answer: Cognito takes it for all.
 */
export function writableAttributes({ requiredAttributes, customAttributes, signIn }: UsersConfig): string[] {
  const contacts = signIn.filter((way) => way !== "username").map((way) => CONTACT[way]);
  const custom = customAttributes.filter(({ userWritable }) => userWritable).map(({ name }) => `custom:${name}`);
  const all = [...new Set([...requiredAttributes, ...contacts, ...custom])].sort();
  return all.length > 0 ? all : ["name"];
}
