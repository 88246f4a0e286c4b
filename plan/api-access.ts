import { conjunction } from "./grant-words";
import type { Side } from "./grants";
import { type Finding, widening } from "./report";
import { type ChangeKind, changeKind, type ResourceChange, type TerraformPlan } from "./terraform-plan";
import { accessTokenMinutes } from "./token-lifetime";

const CLIENT = "aws_cognito_user_pool_client";
const METHOD = "aws_api_gateway_method";
const RESOURCE = "aws_api_gateway_resource";
const INTEGRATION = "aws_api_gateway_integration";

/** One side of a plan: who has which scopes, and what asks for them. `undefined`: known only after the apply. */
interface ApiView {
  readonly clients: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  readonly routes: ReadonlyMap<string, Route>;
}

interface Route {
  /** `GET /book` */
  readonly name: string;
  /** Any one of them suffices; undefined where the method asks for no token of the pool at all. */
  readonly scopes: readonly string[] | undefined;
}

/**
 * What a plan of the api layer means for who may call what, by the address of the resource that it comes from. A plan
 * lists what does not change too, so that a client's new scope can be told as the routes that it opens.
 */
export function apiFindings(plan: TerraformPlan): ReadonlyMap<string, readonly Finding[]> {
  const [before, after] = [viewOf(plan, "before"), viewOf(plan, "after")];
  const findings = new Map<string, readonly Finding[]>();
  for (const change of plan.resourceChanges) {
    const kind = changeKind(change);
    if (kind === undefined || kind === "moved" || kind === "forgotten") continue;
    if (change.type === CLIENT) findings.set(change.address, clientFindings(change, kind, before, after));
    if (change.type === METHOD) findings.set(change.address, routeFindings(change, before, after));
    if (change.type === INTEGRATION) findings.set(change.address, backendFindings(change));
  }
  return findings;
}

function viewOf(plan: TerraformPlan, side: Side): ApiView {
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
function opens(scopes: ReadonlySet<string> | undefined, route: Route): boolean {
  return route.scopes === undefined || route.scopes.some((scope) => scopes?.has(scope));
}

function clientFindings(change: ResourceChange, kind: ChangeKind, before: ApiView, after: ApiView): Finding[] {
  const { address } = change;
  const [was, is] = [before.clients.get(address), after.clients.get(address)];
  if (is === undefined && kind !== "removed") {
    return [widening("its scopes are known only after the apply: read them in Terraform's plan")];
  }
  const routes = (view: ApiView, scopes: ReadonlySet<string> | undefined, not: ReadonlySet<string> | undefined) =>
    [...view.routes.values()].filter((route) => opens(scopes, route) && !opens(not, route)).map(({ name }) => name);
  const asked = (view: ApiView) => new Set([...view.routes.values()].flatMap(({ scopes }) => scopes ?? []));
  const unasked = (view: ApiView, scopes: ReadonlySet<string> = new Set(), not: ReadonlySet<string> = new Set()) =>
    [...scopes].filter((scope) => !not.has(scope) && !asked(view).has(scope));
  const gained = whatFor(routes(after, is, was), unasked(after, is, was));
  const lost = whatFor(routes(before, was, is), unasked(before, was, is));
  const word = kind === "added" ? "may" : "may now also";
  return [
    ...gained.map((what) => widening(`${word} ${what}`)),
    ...lost.map((what) => ({ text: `may no longer ${what}, once the tokens that are out have expired` })),
    ...lifetimeFindings(change),
  ];
}

/** The routes that scopes open here, and the scopes that are for an API somewhere else. */
function whatFor(routes: readonly string[], scopes: readonly string[]): string[] {
  return [
    ...(routes.length > 0 ? [`call ${[...routes].sort().join(", ")}`] : []),
    ...(scopes.length > 0
      ? [`get the ${scopes.length === 1 ? "scope" : "scopes"} ${conjunction([...scopes].sort())}`]
      : []),
  ];
}

function lifetimeFindings({ before, after }: ResourceChange): Finding[] {
  const [was, is] = [accessTokenMinutes(before), accessTokenMinutes(after)];
  if (was === undefined || is === undefined || was === is) return [];
  return [widening(`its access tokens live at most ${is} minutes instead of ${was}`, is > was)];
}

function routeFindings({ address }: ResourceChange, before: ApiView, after: ApiView): Finding[] {
  const [was, is] = [before.routes.get(address), after.routes.get(address)];
  const callers = (view: ApiView, route: Route | undefined) =>
    route === undefined ? [] : [...view.clients].filter(([, scopes]) => opens(scopes, route)).map(([client]) => client);
  if (is === undefined) return was === undefined ? [] : [{ text: `${was.name} is gone` }];
  if (is.scopes === undefined) {
    return [widening(`${is.name} asks for no scope: it can be called without one of this pool's access tokens`)];
  }
  const now = callers(after, is);
  // By the clients as they will be: what they gain by their own scopes is told with them.
  const then = was === undefined ? [] : callers(after, was);
  const names = (all: readonly string[]) => conjunction(all.map((client) => client.slice(CLIENT.length + 1)).sort());
  const gained = now.filter((client) => !then.includes(client));
  const lost = then.filter((client) => !now.includes(client));
  const also = was === undefined ? "may" : "may now also";
  return [
    ...(gained.length > 0 ? [widening(`${is.name} ${also} be called by ${names(gained)}`)] : []),
    ...(lost.length > 0 ? [{ text: `${is.name} may no longer be called by ${names(lost)}` }] : []),
    ...(was === undefined && now.length === 0 ? [{ text: `${is.name} may be called by no client yet` }] : []),
    ...(was === undefined || sameScopes(was, is) ? [] : [{ text: `${is.name} asks for ${is.scopes.join(" or ")}` }]),
  ];
}

function sameScopes(a: Route, b: Route): boolean {
  return [...(a.scopes ?? [])].sort().join() === [...(b.scopes ?? [])].sort().join();
}

/** Another server gets the requests, and the access tokens in them. */
function backendFindings({ before, after }: ResourceChange): Finding[] {
  if (after?.type !== "HTTP_PROXY" || typeof after.uri !== "string" || before?.uri === after.uri) return [];
  return [widening(`requests, with their access tokens, are passed on to ${new URL(after.uri).origin}`)];
}
