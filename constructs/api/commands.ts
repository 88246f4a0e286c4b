import type { ApiConfig, ClientConfig, RouteConfig } from "../../config/schema/api-types";
import { literal, reference } from "../terraform-text";
import { clientAddress } from "./user-pool";

export interface CommandsProps {
  readonly config: ApiConfig;
  /** The stack's name, whose folder Terraform knows the secrets in. */
  readonly stackName: string;
  readonly tokenEndpoint: string;
  /** Of the REST API, where there is one. */
  readonly endpoint: string | undefined;
}

/**
 * Commands for a shell in the project's folder. A client's secret goes from Terraform to curl through pipes, as does the
 * token: arguments are there for every user of the machine to see.
 */
export class Commands {
  constructor(private readonly props: CommandsProps) {}

  /** How each client gets a token, by its key. */
  tokens(): Record<string, string> {
    const { clients } = this.props.config;
    return Object.fromEntries(clients.map((client) => [client.key, this.token(client)]));
  }

  /** How each route is called by the first client that may, by the route's key. */
  calls(): Record<string, string> {
    const { routes, clients } = this.props.config;
    return Object.fromEntries(
      routes.flatMap((route) => {
        const client = clients.find((each) => mayCall(each, route));
        return client === undefined ? [] : [[route.key, this.call(route, client)]];
      }),
    );
  }

  private token(client: ClientConfig): string {
    const { stackName, tokenEndpoint } = this.props;
    const id = reference(clientAddress(client), "id");
    const secret = `"user = \\"${id}:\\(.[${JSON.stringify(literal(client.key))}])\\""`;
    return [
      `terraform -chdir=cdktf.out/stacks/${stackName} output -json client_secrets`,
      `jq -r ${quoted(secret)}`,
      `curl -sS -K - -d grant_type=client_credentials ${quoted(tokenEndpoint)}`,
    ].join(" | ");
  }

  private call({ method, path }: RouteConfig, client: ClientConfig): string {
    // API Gateway's word for every method is none of HTTP.
    const verb = method === "ANY" ? "GET" : method;
    const option = verb === "HEAD" ? "--head" : `-X ${verb}`;
    // Braces are variables of the path, for people to replace, and none of curl's own patterns.
    const url = quoted(`${this.props.endpoint}${path.slice(1)}`);
    return [
      this.token(client),
      `jq -r ${quoted('"header = \\"Authorization: Bearer \\(.access_token)\\""')}`,
      `curl -sS -g -K - ${option} ${url}`,
    ].join(" | ");
  }
}

/** Any one of a route's scopes suffices. */
function mayCall({ grantedScopes }: ClientConfig, { scopes }: RouteConfig): boolean {
  return scopes.some((scope) => grantedScopes.includes(scope));
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
