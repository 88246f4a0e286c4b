import { z } from "zod";
import { accountIds, iamPath } from "./aws-rules";
import { policyArn } from "./backend-rules";
import { flag, text, textMap, texts } from "./terraform-types";

/**
 * What a file says of the AWS provider and of everything's tags and roles.
 * @param layers what the file speaks for, as its table puts it
 */
export function accountKeys(layers: "both layers" | "the layer") {
  const verb = layers === "the layer" ? "is" : "are";
  return {
    skip_region_validation: flag()
      .optional()
      .describe("Whether a region is accepted that neither the list here nor the AWS provider's knows, as a new one."),
    profile: text().optional().describe(`Profile in the AWS configuration files that ${layers} ${verb} deployed with.`),
    assume_role: z
      .looseObject({})
      .optional()
      .describe(`Role that ${layers} ${verb} deployed by; its keys are those of \`assume_role\` in a backend file.`),
    allowed_account_ids: texts(accountIds)
      .optional()
      .describe("The only accounts that may be deployed to: with credentials of another one no plan is made."),
    common_tags: textMap()
      .optional()
      .describe(`Tags of everything in ${layers} that takes tags, beside those that are made here.`),
    permissions_boundary: text(policyArn)
      .optional()
      .describe("ARN of the IAM policy that bounds what every role made here may do."),
    iam_path: text(iamPath)
      .optional()
      .describe('Path of every role made here, like "/uploads/"; a new one replaces every role.'),
  };
}
