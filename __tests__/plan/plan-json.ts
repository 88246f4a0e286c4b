import { clientRoleItem } from "../../access/client-role";
import { type PermissionLevel, scopesOf } from "../../access/permission-level";
import { listStatement, objectStatement, policyDocument, policyJson } from "../../access/policy";
import { parseTerraformPlan, type TerraformPlan } from "../../plan/terraform-plan";

type Values = Record<string, unknown> | null;

export const SECRET = "s3cr3t-of-the-client";
const BUCKET = "arn:aws:s3:::uploads";

/** A resource change as `terraform show -json` has it; actions follow from what is there before and after. */
export function change(address: string, before: Values, after: Values, more: Record<string, unknown> = {}) {
  const same = JSON.stringify(before) === JSON.stringify(after);
  const actions = same ? ["no-op"] : before === null ? ["create"] : after === null ? ["delete"] : ["update"];
  const { previous_address, type, ...inChange } = more;
  return {
    address,
    ...(previous_address === undefined ? {} : { previous_address }),
    mode: address.startsWith("data.") ? "data" : "managed",
    type: type ?? /([a-z0-9_]+)\.[^.]+$/.exec(address)?.[1] ?? "",
    change: { actions, before, after, after_unknown: {}, before_sensitive: {}, after_sensitive: {}, ...inChange },
  };
}

export function plan(changes: unknown[], more: Record<string, unknown> = {}): TerraformPlan {
  return parseTerraformPlan(JSON.stringify({ format_version: "1.2", resource_changes: changes, ...more }));
}

export interface Server {
  readonly level: PermissionLevel;
  readonly prefix: string;
  readonly tokenMinutes?: number;
  readonly sessionSeconds?: number;
}

/** All changes of one server of the servers layer; null is a server that is not there on that side. */
export function serverChanges(name: string, before: Server | null, after: Server | null) {
  const id = name.replaceAll(".", "_");
  const pair = (address: string, values: (server: Server) => Values) =>
    change(address, before && values(before), after && values(after));
  const list = (server: Server | null) =>
    server?.level === "full" ? { policy: policyJson(policyDocument(listStatement(BUCKET, server.prefix))) } : null;
  return [
    pair(`aws_cognito_user_pool_client.server_${id}`, (server) => ({
      client_secret: SECRET,
      allowed_oauth_scopes: scopesOf(server.level).map((scope) => `https://api/${scope}`),
      access_token_validity: server.tokenMinutes ?? 60,
      token_validity_units: [{ access_token: "minutes" }],
    })),
    pair(`aws_iam_role.server_${id}`, () => ({
      name: `role-${name}`,
      tags: { Server: name },
      assume_role_policy: TRUST,
    })),
    pair(`aws_iam_role_policy.s3_objects_${id}`, (server) => ({
      policy: policyJson(policyDocument(objectStatement(BUCKET, server.prefix, scopesOf(server.level)))),
    })),
    ...(list(before) || list(after) ? [change(`aws_iam_role_policy.s3_list_${id}`, list(before), list(after))] : []),
    pair(`aws_dynamodb_table_item.client_role_mapping_${id}`, (server) => ({
      item: JSON.stringify(
        clientRoleItem({
          clientId: "abc",
          serverName: name,
          roleArn: "arn:aws:iam::1:role/r",
          s3PathPrefix: server.prefix,
          s3Permissions: server.level,
          allowedScopes: scopesOf(server.level),
          maxSessionDuration: server.sessionSeconds ?? 3600,
        }),
      ),
    })),
  ];
}

export const TRUST = policyJson(
  policyDocument({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::1:role/vending" }, Action: "sts:AssumeRole" }),
);
