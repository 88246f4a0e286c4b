import { reference } from "./terraform-text";

/** What the foundation layer tells the servers layer and people; the names are a contract with both. */
export const FOUNDATION_OUTPUTS = {
  cognito_user_pool_id: "The Cognito user pool that issues access tokens to servers",
  cognito_user_pool_arn: "The user pool's ARN",
  cognito_domain: "The prefix of the user pool's domain",
  cognito_token_endpoint: "Where servers get access tokens",
  cognito_issuer_url: "The issuer of the access tokens, as their iss claim has it",
  resource_server_identifier: "What stands before the slash in every scope",
  resource_server_scopes: "The scopes of the resource server, in full",
  credential_vending_api_url: "Where servers trade access tokens for AWS credentials: POST to this address",
  credential_vending_lambda_role_arn: "The only role that may assume the roles of servers",
  client_roles_table_name: "The table that says which role an app client may have",
  client_roles_table_arn: "The table's ARN",
  bucket_arn: "The ARN of the bucket that servers write to",
  bucket_name: "The bucket that servers write to",
  fleet_operator_policy: "The IAM policy, as JSON, of who may switch servers off and on: npm run fleet",
  aws_region: "The AWS region of all of this",
  environment: "The environment's name",
  aws_account_id: "The AWS account of all of this",
} as const;
export type FoundationOutput = keyof typeof FOUNDATION_OUTPUTS;

/** The address of the data source in the servers layer that reads the foundation layer's state. */
export const FOUNDATION_STATE = "data.terraform_remote_state.foundation";

/** An output of the foundation layer, as the servers layer refers to it. */
export function foundationOutput(output: FoundationOutput): string {
  return reference(FOUNDATION_STATE, `outputs.${output}`);
}
