/** What is lost with a resource that holds data or identity; of every other one Terraform makes an equal again. */
const HELD: Readonly<Record<string, string>> = {
  aws_cognito_user_pool: "every client id and secret of every server, and the keys that sign their tokens",
  aws_cognito_user_pool_domain: "the token endpoint's address, which stands in every server's settings",
  aws_cognito_resource_server: "the scopes, which every client is allowed and every token carries",
  aws_cognito_user_pool_client: "its client id and secret, which stop working for good",
  aws_dynamodb_table: "which role each client has: no server gets credentials until it is filled again",
  aws_s3_bucket: "the uploaded objects",
  aws_s3_bucket_versioning: "the older versions of objects from now on",
  aws_apigatewayv2_api: "the vending API's address, which stands in every server's settings",
  aws_cloudwatch_log_group: "the log events so far",
};

/** What would be lost with a resource of this type; undefined where nothing would. */
export function heldBy(type: string): string | undefined {
  return HELD[type];
}
