import { z } from "zod";
import { PERMISSION_LEVELS } from "../../access/permission-level";
import { configuredTable, distinct, emailAddress } from "./people-rules";
import { choice, flag, number, text, textMap, texts, wholeNumber } from "./terraform-types";
import { sessionSeconds } from "./users-keys";
import type { AttributeType, RowPermissions } from "./users-types";

type Keys = Readonly<Record<string, z.ZodType>>;

/** Every key of `access`, of people without a group's role and of a group. */
export const accessKeys = {
  s3: z.looseObject({}).optional().describe("Objects of a bucket: an object."),
  dynamodb: z.looseObject({}).optional().describe("Rows of a DynamoDB table: an object."),
  lambda: texts(distinct).default([]).describe("Lambda functions that may be invoked, each by its name or ARN."),
} satisfies Keys;

export const s3AccessKeys = {
  bucket: text().optional().describe("The bucket; this environment's own by default."),
  prefix: text().default("users/").describe("Folder of the bucket that people's folders are in, or that they share."),
  user_specific: flag()
    .default(true)
    .describe("Whether each reaches the folder of their own identity alone, `<prefix><identity id>/`."),
  permissions: choice(PERMISSION_LEVELS).describe(
    'What they may do there: "write" uploads, "read" downloads, "read-write" does both, "full" also deletes and lists.',
  ),
  shared_prefix: flag()
    .default(false)
    .describe("Whether servers and groups that say so too may have this prefix, one above it or one below it."),
} satisfies Keys;

export const dynamodbAccessKeys = {
  table: text(configuredTable).describe("Name of the table."),
  user_specific: flag()
    .default(true)
    .describe("Whether each reaches the rows alone whose partition key is their own identity id."),
  permissions: choice(["read", "read-write"] as const satisfies readonly RowPermissions[])
    .default("read-write")
    .describe("What they may do with rows; where these are each identity's own, nobody scans the table."),
} satisfies Keys;

/** Every key of one entry of `groups`. */
export const groupKeys = {
  description: text().default("").describe("What the group is for."),
  precedence: number(wholeNumber(0, 2_147_483_647, "write a whole number from 0; the lowest counts")).describe(
    "Of several groups the one with the lowest gives the role; no two may be equal.",
  ),
  access: z
    .looseObject({})
    .optional()
    .describe("What its members may reach beside what everybody may: an object as `access` of the file."),
  policy_file: text()
    .optional()
    .describe("IAM policy in JSON for what `access` does not cover: a file in the environment's folder."),
  session_duration: sessionSeconds.describe("Seconds that its members' credentials live at most, as in the file."),
} satisfies Keys;

/** Every key of one entry of `users`. */
export const userKeys = {
  email: text(emailAddress).optional().describe("E-mail address; the entry's name by default, where that is one."),
  groups: texts(distinct).default([]).describe("Groups that the user is in."),
  enabled: flag().default(true).describe("Whether the user may sign in."),
  invite: flag()
    .default(true)
    .describe("Whether Cognito sends an invitation with a temporary password when the user is made."),
  attributes: textMap().default({}).describe("Other attributes by name, those of `custom_attributes` too."),
} satisfies Keys;

/** Every key of one entry of `custom_attributes`. */
export const customAttributeKeys = {
  type: choice(["string", "number", "datetime", "boolean"] as const satisfies readonly AttributeType[])
    .default("string")
    .describe("Type of its values."),
  mutable: flag().default(true).describe("Whether it may change once it is set."),
  user_writable: flag()
    .default(false)
    .describe("Whether people may write it themselves; never for one that access depends on."),
  min: number().optional().describe("Fewest characters of a string, or the lowest number."),
  max: number().optional().describe("Most characters of a string, or the highest number."),
} satisfies Keys;
