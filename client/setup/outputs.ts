import { UsageError } from "../core/errors";

/** One server as the outputs of `servers-<env>` have it. */
export interface ServerOutput {
  readonly name: string;
  /** Settings by their names in the environment. */
  readonly values: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The servers in the outputs of `servers-<env>`: as `terraform output -json` prints them, or as `cdktf output
 * --outputs-file` writes them, with or without the stack's name around.
 * @param stack which one, where there are several.
 * @throws {UsageError} where they are not such outputs, or the secrets are not among them.
 */
export function serversIn(text: string, stack?: string): ServerOutput[] {
  const outputs = choose(parse(text), stack);
  const configurations = outputValue(outputs.server_configurations);
  const secrets = outputValue(outputs.server_secrets);
  if (!isObject(secrets)) {
    throw new UsageError("the outputs have no server_secrets", {
      remedy:
        "Use terraform output -json, or cdktf output --outputs-file FILE --outputs-file-include-sensitive-outputs true",
    });
  }
  return Object.entries(configurations as Json).map(([name, configuration]) => ({
    name,
    values: settingsOf(name, configuration, secrets[name]),
  }));
}

function parse(text: string): Json {
  let outputs: unknown;
  try {
    outputs = JSON.parse(text);
  } catch {
    // The parser's own words would quote the text, secrets included.
  }
  if (isObject(outputs)) return outputs;
  throw new UsageError("the outputs are not a JSON object", { remedy: "Give what terraform output -json prints" });
}

function choose(outputs: Json, stack: string | undefined): Json {
  const candidates = hasServers(outputs)
    ? [["", outputs] as const]
    : Object.entries(outputs).filter((entry): entry is [string, Json] => hasServers(entry[1]));
  const found = stack === undefined ? candidates : candidates.filter(([name]) => name === stack || name === "");
  const only = found[0];
  if (only !== undefined && found.length === 1) return only[1];
  if (found.length > 1) {
    throw new UsageError(`the outputs are of several stacks: ${found.map(([name]) => name).join(", ")}`, {
      remedy: "Name one with --stack",
    });
  }
  throw new UsageError(`the outputs have no server_configurations${stack === undefined ? "" : ` of ${stack}`}`, {
    remedy: "Give the outputs of servers-<env>",
  });
}

function hasServers(outputs: unknown): boolean {
  return isObject(outputs) && isObject(outputValue(outputs.server_configurations));
}

/** Terraform puts each value into an object beside its type. */
function outputValue(output: unknown): unknown {
  return isObject(output) && "value" in output && "sensitive" in output ? output.value : output;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function settingsOf(name: string, configuration: unknown, secret: unknown): Record<string, string> {
  const text = (key: string): string => {
    const value = isObject(configuration) ? configuration[key] : undefined;
    if (typeof value === "string" && value !== "") return value;
    throw new UsageError(`the outputs have no ${key} for the server ${JSON.stringify(name)}`);
  };
  if (typeof secret !== "string" || secret === "") {
    throw new UsageError(`the outputs have no secret for the server ${JSON.stringify(name)}`);
  }
  const [domain, region, endpoint] = [text("cognito_domain"), text("aws_region"), text("cognito_token_endpoint")];
  const derived = `https://${domain}.auth.${region}.amazoncognito.com/oauth2/token`;
  return {
    IDP_TYPE: "cognito",
    COGNITO_DOMAIN: domain,
    COGNITO_CLIENT_ID: text("cognito_client_id"),
    COGNITO_CLIENT_SECRET: secret,
    COGNITO_RESOURCE_SERVER: text("resource_server_identifier"),
    COGNITO_CREDENTIAL_API_URL: text("credential_vending_api_url"),
    ...(endpoint === derived ? {} : { COGNITO_TOKEN_ENDPOINT: endpoint }),
    AWS_REGION: region,
    S3_BUCKET: text("s3_bucket"),
    S3_PATH_PREFIX: text("s3_path_prefix"),
  };
}
