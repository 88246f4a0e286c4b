import type { EnvironmentConfig } from "../../config";
import type { Deployment, Resource } from "../stacks/deployment";
import { listed, parsePolicy } from "../stacks/policies";
import type { Roles } from "../stacks/roles";
import { signInFaults } from "./sign-in";

// Ways in that are no policy of a role: who may take a role that no server and nobody who signs in has, who may call
// functions, what is public, and what is made that this report does not read at all.

export interface DoorsOf {
  readonly config: EnvironmentConfig;
  readonly deployment: Deployment;
  readonly roles: Roles;
  /** The roles of servers and people, whose trust is checked on the way to them. */
  readonly walked: readonly Resource[];
}

/** Every way in that the configuration does not have, a line each. */
export function doorFaults({ config, deployment, roles, walked }: DoorsOf): string[] {
  return [
    ...trustFaults(deployment, roles, walked),
    ...attachmentFaults(deployment, roles),
    ...strayPolicies(deployment, roles),
    ...bucketFaults(deployment),
    ...invocationFaults(deployment),
    ...signInFaults(deployment, config),
    ...unreadTypes(deployment),
  ];
}

function trustFaults(deployment: Deployment, roles: Roles, walked: readonly Resource[]): string[] {
  const known = new Set(walked);
  return roles
    .all()
    .filter((role) => !known.has(role))
    .flatMap((role) =>
      roles
        .trusted(role)
        .filter((trusted) => trusted !== "lambda.amazonaws.com")
        .map((trusted) => `role ${roles.nameOf(role)}: trusts ${trusted}, and only functions are meant to have it`),
    )
    .concat(deployment.resources("aws_iam_role").flatMap(policiesWithin));
}

function policiesWithin({ name, attributes }: Resource): string[] {
  return ["managed_policy_arns", "inline_policy"]
    .filter((attribute) => attributes[attribute] !== undefined)
    .map((attribute) => `role ${name}: ${attribute} is set, which this report does not read`);
}

/** What functions need for their log; any other attached policy has a text that is not known here. */
const LOG_POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

function attachmentFaults(deployment: Deployment, roles: Roles): string[] {
  const ofFunctions = new Set(
    deployment.resources("aws_lambda_function").flatMap((each) => {
      const role = roles.find(deployment.text(each, "role") ?? "");
      return role === undefined ? [] : [roles.nameOf(role)];
    }),
  );
  return deployment.resources("aws_iam_role_policy_attachment").flatMap((each) => {
    const [role = "", arn] = [deployment.text(each, "role"), deployment.text(each, "policy_arn")];
    if (ofFunctions.has(role) && arn === LOG_POLICY) return [];
    return [`role ${role}: the policy ${arn} is attached, which the configuration does not say`];
  });
}

/** Policies of roles that are not made here: nobody's report has them. */
function strayPolicies(deployment: Deployment, roles: Roles): string[] {
  const made = new Set(roles.all().map((role) => roles.nameOf(role)));
  return deployment.resources("aws_iam_role_policy").flatMap((each) => {
    const role = deployment.text(each, "role") ?? "";
    const policy = deployment.text(each, "name") ?? each.name;
    return made.has(role) ? [] : [`role ${role}: is given the policy ${policy}, and no layer makes the role`];
  });
}

const BLOCKS = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

/** Attributes of a bucket that give what is in it to others. */
const WAYS_OUT = ["policy", "acl", "grant", "replication_configuration", "website"];

/** Only denials are meant to be in a bucket's policy, and nothing public. */
function bucketFaults(deployment: Deployment): string[] {
  const allowing = deployment.resources("aws_s3_bucket_policy").flatMap((each) => {
    const { document } = parsePolicy(each.name, deployment.text(each, "policy") ?? "");
    const bucket = deployment.text(each, "bucket");
    return document.Statement.filter(({ Effect }) => Effect === "Allow").map(
      ({ Principal, Action }) =>
        `the policy of the bucket ${bucket} allows ${JSON.stringify(Principal)} ${listed(Action).join(", ")}`,
    );
  });
  const blocks = deployment.resources("aws_s3_bucket_public_access_block");
  const open = deployment.resources("aws_s3_bucket").flatMap((each) => {
    const bucket = deployment.text(each, "bucket");
    const block = blocks.find((one) => deployment.text(one, "bucket") === bucket);
    const missing = BLOCKS.filter((name) => block?.attributes[name] !== true);
    return missing.map((name) => `the bucket ${bucket}: ${name} is not on`);
  });
  const within = deployment
    .resources("aws_s3_bucket")
    .flatMap((each) =>
      WAYS_OUT.filter((name) => each.attributes[name] !== undefined).map(
        (name) => `the bucket ${deployment.text(each, "bucket")}: ${name} is set, which this report does not read`,
      ),
    );
  return [...allowing, ...open, ...within];
}

/** API Gateway calls functions for their APIs, and Cognito calls triggers. */
function invocationFaults(deployment: Deployment): string[] {
  return deployment.resources("aws_lambda_permission").flatMap((each) => {
    const principal = deployment.text(each, "principal") ?? "";
    const isService = ["apigateway.amazonaws.com", "cognito-idp.amazonaws.com"].includes(principal);
    if (isService && each.attributes.source_arn !== undefined) return [];
    const whose = isService ? `${principal} of any account` : principal;
    return [`the function ${deployment.text(each, "function_name")} may be called by ${whose}`];
  });
}

/** What layers make and this report reads, or what says nothing of access. */
const KNOWN_TYPES = new RegExp(
  `^aws_(${[
    "api_gateway_(authorizer|deployment|integration|integration_response|method|method_response|method_settings)",
    "api_gateway_(resource|rest_api|stage)",
    "apigatewayv2_(api|integration|route|stage)",
    "cloudwatch_(dashboard|event_rule|event_target|log_group|metric_alarm)",
    "cognito_(identity_pool|identity_pool_provider_principal_tag|identity_pool_roles_attachment|resource_server)",
    "cognito_(user|user_group|user_in_group|user_pool|user_pool_client|user_pool_domain)",
    "dynamodb_(table|table_item)",
    "iam_(role|role_policy|role_policy_attachment)",
    "lambda_(function|permission)",
    "s3_(bucket|bucket_lifecycle_configuration|bucket_policy|bucket_public_access_block)",
    "s3_(bucket_server_side_encryption_configuration|bucket_versioning)",
  ].join("|")})$`,
);

function unreadTypes(deployment: Deployment): string[] {
  return deployment
    .everything()
    .filter(({ type }) => !KNOWN_TYPES.test(type))
    .map(({ layer, type, name }) => `the layer ${layer} makes ${type}.${name}, which this report does not read`);
}
