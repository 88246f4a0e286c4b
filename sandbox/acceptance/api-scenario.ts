import { join } from "node:path";
import type { ApiConfig, ClientConfig, RouteConfig } from "../../config/schema/api-types";
import type { Cloud } from "../cloud/cloud";
import { apiVariables } from "./api-variables";
import type { CheckRow, Verdict } from "./checks";
import { DOCUMENTED, type HttpAnswer, shellIn } from "./documented-commands";
import { copyWithScopesGranted, findClosedScopes } from "./switched-scopes";

/** With hundreds of clients and routes, trying every pair would take all day and prove no more. */
const MOST_CLIENTS = 4;
const MOST_ROUTES = 8;

type Run = Awaited<ReturnType<typeof shellIn>>;
type Expected = CheckRow["expected"];

/**
 * Runs what the two documented systems show, by their own commands: a token for each client, each route with it; then
 * one client is granted scopes that it did not have, by a deployment, and may call more with a new token, and no more
 * with the one that it had.
 * @param restore whether the API is deployed as its files have it once more, for those who go on with it.
 */
export async function runApiScenario(
  cloud: Cloud,
  { restore, progress }: { readonly restore: boolean; readonly progress: (line: string) => void },
): Promise<CheckRow[]> {
  const api = cloud.config.optional.api as ApiConfig;
  const run = await shellIn(join(cloud.folder, "curl"));
  const scenario = new ApiScenario(cloud, api, run);
  progress("the documented commands: a token for each client of the API, and each route with it");
  const closed = await findClosedScopes(join(cloud.environmentsFolder, cloud.config.name), api);
  const first = api.clients.filter(({ key }) => key !== closed?.client).slice(0, MOST_CLIENTS - 1);
  const rows: CheckRow[] = [];
  for (const client of first)
    rows.push(...(await scenario.tokens(client)), ...(await scenario.routes(client, AS_DEPLOYED)).rows);
  const switched = api.clients.find(({ key }) => key === closed?.client);
  if (closed === undefined || switched === undefined) return rows;

  rows.push(...(await scenario.tokens(switched)));
  const before = await scenario.routes(switched, AS_DEPLOYED);
  rows.push(...before.rows);
  progress(`${closed.client} is granted ${closed.scopes.join(" and ")}, by another deployment`);
  const environments = join(cloud.folder, "switched");
  await copyWithScopesGranted(
    join(cloud.environmentsFolder, cloud.config.name),
    join(environments, cloud.config.name),
    closed,
  );
  await cloud.deploy("api", { environment: { OIDC_S3_ENVIRONMENTS_DIR: environments } });
  const more = { ...switched, grantedScopes: [...switched.grantedScopes, ...closed.scopes] };
  rows.push(...(await scenario.routes(more, SWITCHED_ON)).rows);
  rows.push(...(await scenario.withEarlierToken(switched, before.token)));
  if (restore) await cloud.deploy("api");
  return rows;
}

const AS_DEPLOYED = "as deployed";
const SWITCHED_ON = "switched on";

class ApiScenario {
  constructor(
    private readonly cloud: Cloud,
    private readonly api: ApiConfig,
    private readonly run: Run,
  ) {}

  /** What a client gets at the token endpoint, and what it must not get. */
  async tokens(client: ClientConfig): Promise<CheckRow[]> {
    const variables = apiVariables(this.cloud, client.key);
    const wrongSecret = { ...variables, CLIENT_SECRETE: `${variables.CLIENT_SECRETE}x` };
    const foreign = this.api.resourceServers
      .flatMap(({ identifier, scopes }) => Object.keys(scopes).map((name) => `${identifier}/${name}`))
      .find((scope) => !client.grantedScopes.includes(scope));
    const tries: [where: string, expected: Expected, command: string, variables: Readonly<Record<string, string>>][] = [
      ["its own secret", grantExpected(client), DOCUMENTED.token, variables],
      ["a wrong secret", "refused", DOCUMENTED.token, wrongSecret],
    ];
    if (client.grantedScopes.length > 0) {
      const { grantedScopes } = client;
      tries.push(["its scopes, by their names", "allowed", DOCUMENTED.tokenForScopes(grantedScopes), variables]);
    }
    if (foreign !== undefined)
      tries.push([`scope ${foreign}`, "refused", DOCUMENTED.tokenForScopes([foreign]), variables]);
    const rows: CheckRow[] = [];
    for (const [where, expected, command, given] of tries) {
      const verdict = tokenVerdict(await this.run(command, given));
      rows.push({ subject: subjectOf(client), operation: "token", where, expected, verdicts: [verdict] });
    }
    return rows;
  }

  /** Each route with a new token of the client. */
  async routes(
    client: ClientConfig,
    when: NonNullable<CheckRow["when"]>,
  ): Promise<{ rows: CheckRow[]; token: string }> {
    const { body } = await this.run(DOCUMENTED.token, apiVariables(this.cloud, client.key));
    const token = tokenIn(body);
    const rows: CheckRow[] = [];
    for (const route of this.api.routes.slice(0, MOST_ROUTES)) {
      const verdicts = [await this.call(client, route, token)];
      const where = when === AS_DEPLOYED ? "with its scopes as deployed" : "with its scopes switched on";
      rows.push({
        subject: subjectOf(client),
        operation: route.key,
        where,
        when,
        expected: callExpected(client, route),
        verdicts,
      });
    }
    return { rows, token };
  }

  /** A token says what its client might do when it was issued: Cognito does not add to it. */
  async withEarlierToken(client: ClientConfig, token: string): Promise<CheckRow[]> {
    const rows: CheckRow[] = [];
    for (const route of this.api.routes.slice(0, MOST_ROUTES)) {
      if (callExpected(client, route) === "allowed") continue;
      const verdicts = [await this.call(client, route, token)];
      const where = "with the token from before";
      rows.push({ subject: subjectOf(client), operation: route.key, where, expected: "refused", verdicts });
    }
    return rows;
  }

  private async call(client: ClientConfig, { method, path }: RouteConfig, token: string): Promise<Verdict> {
    const variables = { ...apiVariables(this.cloud, client.key), ACCESS_TOKEN: token };
    const command = DOCUMENTED.call(method === "ANY" ? "GET" : method, path.replace(/\{[^}]+\}/g, "1"));
    return callVerdict(await this.run(command, variables));
  }
}

function subjectOf({ key }: ClientConfig): string {
  return `client ${key}`;
}

/** A client without any scope gets no token: Cognito has no client credentials grant without scopes. */
function grantExpected({ grantedScopes }: ClientConfig): Expected {
  return grantedScopes.length > 0 ? "allowed" : "refused";
}

function callExpected({ grantedScopes }: ClientConfig, { scopes }: RouteConfig): Expected {
  return scopes.some((scope) => grantedScopes.includes(scope)) ? "allowed" : "refused";
}

function tokenIn(body: string): string {
  return String(jsonIn(body).access_token ?? "");
}

function tokenVerdict({ status, body }: HttpAnswer): Verdict {
  const by = "token endpoint";
  if (status === 200 && tokenIn(body) !== "") return { by, outcome: "allowed", why: "" };
  // Never the body of a success: it may hold a token.
  const code = String(jsonIn(body).error ?? "");
  return { by, outcome: status === 400 && code !== "" ? "refused" : "failed", why: `${status} ${code}`.trim() };
}

function callVerdict({ status, body }: HttpAnswer): Verdict {
  const by = "REST API";
  if (status >= 200 && status < 300) return { by, outcome: "allowed", why: "" };
  const message = String(jsonIn(body).message ?? "");
  return { by, outcome: status === 401 ? "refused" : "failed", why: `${status} ${message}`.trim() };
}

function jsonIn(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
