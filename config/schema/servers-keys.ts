import { z } from "zod";
import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS } from "../../access/client-role";
import { PERMISSION_LEVELS } from "../../access/permission-level";
import { namePart, region } from "./aws-rules";
import { choice, flag, number, text, textMap, wholeNumber } from "./terraform-types";

const MIN_TOKEN_MINUTES = 5;
const MAX_TOKEN_MINUTES = 1440;

/** Every key of `servers.tfvars`. */
export const serversKeys = {
  environment: text(namePart).describe("Name of the environment: the folder's own name."),
  aws_region: text(region).describe("AWS region of the foundation layer, whose user pool the servers join."),
  tfstate_bucket: text()
    .optional()
    .describe("Accepted for the original Terraform modules; must be the bucket in `backend.hcl`."),
  servers: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("The servers, by name; each is an object of the keys in the next table."),
  common_tags: textMap().default({}).describe("Tags of every server's role."),
  adopt_module_state: flag()
    .default(false)
    .describe("Whether `moved` blocks take over what the original module `server-access` has deployed."),
} satisfies Readonly<Record<string, z.ZodType>>;

/** Every key of one entry of `servers`. Prefixes are checked by the rules of `access/`, for each server by itself. */
export const serverKeys = {
  s3_path_prefix: text().describe('Folder of the bucket that the server may reach, like "backups/server-01/".'),
  s3_permissions: choice(PERMISSION_LEVELS)
    .default("write")
    .describe(
      'What it may do there: "write" uploads, "read" downloads, "read-write" does both, "full" also deletes and lists.',
    ),
  max_session_duration: number(
    wholeNumber(
      MIN_SESSION_SECONDS,
      MAX_SESSION_SECONDS,
      "AWS caps credentials that are vended by a role at one hour (role chaining) and allows no less than 15 minutes",
    ),
  )
    .default(MAX_SESSION_SECONDS)
    .describe("Seconds that vended credentials live at most."),
  access_token_validity_minutes: number(
    wholeNumber(MIN_TOKEN_MINUTES, MAX_TOKEN_MINUTES, "Cognito allows 5 minutes to 1 day"),
  )
    .default(60)
    .describe("Minutes that an access token of Cognito is valid."),
  shared_prefix: flag()
    .default(false)
    .describe("Whether other servers that say so too may have this prefix, one above it or one below it."),
  tags: textMap().default({}).describe("Tags of the server's role, beside `common_tags`."),
} satisfies Readonly<Record<string, z.ZodType>>;
