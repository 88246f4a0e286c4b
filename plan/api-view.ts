import type { Side } from "./grants";
import type { ResourceChange, TerraformPlan } from "./terraform-plan";

export const CLIENT = "aws_cognito_user_pool_client";
export const METHOD = "aws_api_gateway_method";
const RESOURCE = "aws_api_gateway_resource";

/** One side of a plan: who has which scopes, and what asks for them. `undefined`: known only after the apply. */
export interface ApiView {
  readonly clients: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  readonly routes: ReadonlyMap<string, Route>;
}

export interface Route {
  /** `GET /book` */
  readonly name: string;
  /** Any one of them suffices; undefined where the method asks for no token of the pool at all. */
  readonly scopes: readonly string[] | undefined;
}

/** Who may call what on one side of a plan; a plan lists what does not change too. */
export function viewOf(plan: TerraformPlan, side: Side): ApiView {
  const there = plan.resourceChanges.filter((change) => change[side] !== null);
  const of = (wanted: string) => there.filter(({ type }) => type === wanted);
  return {
    clients: new Map(of(CLIENT).map((change) => [change.address, grantedScopes(change, side)])),
    routes: new Map(of(METHOD).map((change) => [change.address, routeOf(plan, change, side)])),
  };
}

function grantedScopes(change: ResourceChange, side: Side): ReadonlySet<string> | undefined {
  if (side === "after" && isUnknown(change, "allowed_oauth_scopes")) return undefined;
  // A client that is switched off has no flow.
  const flows = (change[side]?.allowed_oauth_flows as string[] | null | undefined) ?? [];
  const scopes = (change[side]?.allowed_oauth_scopes as string[] | null | undefined) ?? [];
  return new Set(flows.includes("client_credentials") ? scopes : []);
}

function isUnknown({ afterUnknown }: ResourceChange, attribute: string): boolean {
  return (afterUnknown as Readonly<Record<string, unknown>> | null | undefined)?.[attribute] === true;
}

function routeOf(plan: TerraformPlan, change: ResourceChange, side: Side): Route {
  const { http_method: method, authorization, authorization_scopes: scopes } = change[side] ?? {};
  const asks = authorization === "COGNITO_USER_POOLS" && Array.isArray(scopes) && scopes.length > 0;
  return {
    name: `${String(method)} ${pathOf(plan, change, side)}`,
    scopes: asks ? (scopes as string[]) : undefined,
  };
}

/** The path that a method is at. Of a resource that is new, Terraform knows only what its configuration refers to. */
function pathOf(plan: TerraformPlan, method: ResourceChange, side: Side): string {
  const byId = plan.resourceChanges.find(
    ({ type, before }) => type === RESOURCE && before !== null && before.id === method[side]?.resource_id,
  );
  if (typeof byId?.before?.path === "string" && byId[side] !== null) return byId.before.path;
  const parts: string[] = [];
  let address = plan.references[method.address]?.resource_id;
  while (address?.startsWith(`${RESOURCE}.`)) {
    const resource = plan.resourceChanges.find((change) => change.address === address);
    parts.unshift(String(resource?.[side]?.path_part ?? "…"));
    address = plan.references[address]?.parent_id;
  }
  return `/${parts.join("/")}`;
}

/** Whether a client with these scopes gets through. */
export function opens(scopes: ReadonlySet<string> | undefined, route: Route | undefined): boolean {
  if (route === undefined) return false;
  return route.scopes === undefined || route.scopes.some((scope) => scopes?.has(scope));
}

export interface AccessChange {
  /** Whether the client may call the route from now on, or no longer. */
  readonly gained: boolean;
  /** Which of the two it is told with, once, where both change. */
  readonly by: "client" | "route";
}

/**
 * What changes between a client and a route, by their addresses; undefined where nothing does. It comes by the route if
 * the client as it was would feel the route's change, and else by the client's own scopes.
 */
export function accessChange(client: string, route: string, before: ApiView, after: ApiView): AccessChange | undefined {
  const was = before.clients.get(client);
  const had = opens(was, before.routes.get(route));
  const has = opens(after.clients.get(client), after.routes.get(route));
  if (had === has) return undefined;
  return { gained: has, by: opens(was, after.routes.get(route)) === has ? "route" : "client" };
}

/** What is there on any side. */
export const either = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>) => [
  ...new Set([...before.keys(), ...after.keys()]),
];
