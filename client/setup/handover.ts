import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LocalError, UsageError } from "../core/errors";
import { fileFault, writeFileAtomically } from "../core/files";
import { loadSettings } from "../settings/settings";
import { settingsFileText } from "../settings/settings-file";
import { isObject, type Json, outputsOf, outputValue, parseOutputs } from "../settings/terraform-outputs";

export interface HandoverOptions {
  /** A file, or "-" for the standard input. */
  readonly outputs: string;
  /** One server; all of them by default. */
  readonly server?: string | undefined;
  readonly stack?: string | undefined;
  /** A file for one server, or "-" for the standard output; a folder for all. */
  readonly to: string;
  readonly stdoutIsTerminal: boolean;
  readonly readStdin: () => string;
  readonly print: (line: string) => void;
  readonly say: (message: string) => void;
}

/** Writes the settings files of servers from the outputs of `servers-<env>`; all are checked before one is written. */
export function handover(options: HandoverOptions): void {
  const { server, to, print } = options;
  const servers = serversIn(read(options), options.stack);
  const wanted = server === undefined ? servers : [find(servers, server)];
  const files = wanted.map((one) => ({ name: one.name, text: fileOf(one) }));
  if (server === undefined) {
    if (to === "-") throw new UsageError("all servers' settings go into a folder", { remedy: "Name it: --to DIR" });
    makePrivateFolder(to);
    for (const { name, text } of files) print(write(join(to, `${name}.env`), text));
  } else if (to === "-") {
    if (options.stdoutIsTerminal) {
      throw new UsageError("the secret is not shown on a terminal", {
        remedy: "Pipe it to where it belongs, or name a file: --to FILE",
      });
    }
    for (const { text } of files) print(text.trimEnd());
  } else {
    for (const { text } of files) print(write(to, text));
  }
}

function read({ outputs, readStdin, say }: HandoverOptions): string {
  if (outputs === "-") return readStdin();
  try {
    if (statSync(outputs).mode & 0o044) {
      say(
        `${outputs} holds the secrets of all servers and others can read it: chmod 0600 ${outputs}, better: remove it`,
      );
    }
    return readFileSync(outputs, "utf8");
  } catch (error) {
    throw fileFault(error, outputs);
  }
}

function find(servers: readonly ServerOutput[], name: string): ServerOutput {
  const found = servers.find((server) => server.name === name);
  if (found) return found;
  throw new UsageError(`there is no server ${JSON.stringify(name)} in the outputs`, {
    remedy: `There are: ${servers.map((server) => server.name).join(", ") || "none"}`,
  });
}

function fileOf({ name, values }: ServerOutput): string {
  // It becomes the name of a file.
  if (!/^[\w-][\w.-]*$/.test(name)) throw new UsageError(`${JSON.stringify(name)} is not the name of a server`);
  if (values.COGNITO_CLIENT_SECRET === "") {
    throw new UsageError(`the outputs have no secret for the server ${JSON.stringify(name)}`, {
      remedy:
        "If it was rotated, only npm run fleet -- <env> rotate makes another; --server NAME hands over one of the others",
    });
  }
  loadSettings({ env: values, defaultConfigFile: "/dev/null" });
  return settingsFileText(values, `Settings of oidc-s3 for ${name}. Put it at /etc/oidc-s3/config.env, mode 0600.`);
}

function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(path);
    if ((mode & 0o077) === 0 && uid === process.getuid?.()) return;
  } catch (error) {
    throw fileFault(error, path);
  }
  throw new LocalError(`${path} is not this user's alone`, "folder_not_private", {
    remedy: `Name a new folder, or chmod 0700 ${path}`,
  });
}

function write(path: string, text: string): string {
  try {
    writeFileAtomically(path, text);
    return `wrote ${path}`;
  } catch (error) {
    throw fileFault(error, path);
  }
}

/** One server as the outputs of `servers-<env>` have it. */
export interface ServerOutput {
  readonly name: string;
  /** Settings by their names in the environment; the secret is empty where the outputs have none. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * The servers in the outputs of `servers-<env>`: as `terraform output -json` prints them, or as `cdktf output
 * --outputs-file` writes them, with or without the stack's name around.
 * @param stack which one, where there are several.
 * @throws {UsageError} where they are not such outputs, or the secrets are not among them.
 */
export function serversIn(text: string, stack?: string): ServerOutput[] {
  const outputs = outputsOf(parseOutputs(text), { name: "server_configurations", stack, of: "servers-<env>" });
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

function settingsOf(name: string, configuration: unknown, secret: unknown): Record<string, string> {
  const text = (key: string): string => {
    const value = isObject(configuration) ? configuration[key] : undefined;
    if (typeof value === "string" && value !== "") return value;
    throw new UsageError(`the outputs have no ${key} for the server ${JSON.stringify(name)}`);
  };
  const [domain, region, endpoint] = [text("cognito_domain"), text("aws_region"), text("cognito_token_endpoint")];
  const derived = `https://${domain}.auth.${region}.amazoncognito.com/oauth2/token`;
  return {
    IDP_TYPE: "cognito",
    COGNITO_DOMAIN: domain,
    COGNITO_CLIENT_ID: text("cognito_client_id"),
    COGNITO_CLIENT_SECRET: typeof secret === "string" ? secret : "",
    COGNITO_RESOURCE_SERVER: text("resource_server_identifier"),
    COGNITO_CREDENTIAL_API_URL: text("credential_vending_api_url"),
    ...(endpoint === derived ? {} : { COGNITO_TOKEN_ENDPOINT: endpoint }),
    AWS_REGION: region,
    S3_BUCKET: text("s3_bucket"),
    S3_PATH_PREFIX: text("s3_path_prefix"),
  };
}
