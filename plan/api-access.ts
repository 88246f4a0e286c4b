import { type ApiView, accessChange, CLIENT, either, METHOD, opens, type Route, viewOf } from "./api-view";
import { conjunction } from "./grant-words";
import { type Finding, widening } from "./report";
import { type ChangeKind, changeKind, type ResourceChange, type TerraformPlan } from "./terraform-plan";
import { accessTokenMinutes } from "./token-lifetime";

const INTEGRATION = "aws_api_gateway_integration";
const STAGE = "aws_api_gateway_stage";

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
    if (change.type === STAGE) findings.set(change.address, loggingFindings(change));
  }
  return findings;
}

function clientFindings(change: ResourceChange, kind: ChangeKind, before: ApiView, after: ApiView): Finding[] {
  const { address } = change;
  const [was, is] = [before.clients.get(address), after.clients.get(address)];
  if (is === undefined && kind !== "removed") {
    return [widening("its scopes are known only after the apply: read them in Terraform's plan")];
  }
  const routes = (gained: boolean) =>
    either(before.routes, after.routes)
      .filter((route) => {
        const access = accessChange(address, route, before, after);
        return access?.by === "client" && access.gained === gained;
      })
      .map((route) => (gained ? after : before).routes.get(route)?.name ?? route);
  const asked = (view: ApiView) => new Set([...view.routes.values()].flatMap(({ scopes }) => scopes ?? []));
  const unasked = (view: ApiView, scopes: ReadonlySet<string> = new Set(), not: ReadonlySet<string> = new Set()) =>
    [...scopes].filter((scope) => !not.has(scope) && !asked(view).has(scope));
  const gained = whatFor(routes(true), unasked(after, is, was));
  const lost = whatFor(routes(false), unasked(before, was, is));
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
  if (is === undefined) return was === undefined ? [] : [{ text: `${was.name} is gone` }];
  if (is.scopes === undefined) {
    return [widening(`${is.name} asks for no scope: it can be called without one of this pool's access tokens`)];
  }
  const callers = (gained: boolean) =>
    either(before.clients, after.clients).filter((client) => {
      const access = accessChange(client, address, before, after);
      return access?.by === "route" && access.gained === gained;
    });
  const names = (all: readonly string[]) => conjunction(all.map((client) => client.slice(CLIENT.length + 1)).sort());
  const [gained, lost] = [callers(true), callers(false)];
  const also = was === undefined ? "may" : "may now also";
  const isOpen = [...after.clients.values()].some((scopes) => opens(scopes, is));
  return [
    ...(gained.length > 0 ? [widening(`${is.name} ${also} be called by ${names(gained)}`)] : []),
    ...(lost.length > 0 ? [{ text: `${is.name} may no longer be called by ${names(lost)}` }] : []),
    ...(was === undefined && !isOpen ? [{ text: `${is.name} may be called by no client yet` }] : []),
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

/** AWS refuses the logs of a stage where a setting of the account is missing, which no plan can see. */
function loggingFindings({ before, after }: ResourceChange): Finding[] {
  const logs = (stage: ResourceChange["before"]) => ((stage?.access_log_settings as unknown[] | null) ?? []).length > 0;
  if (logs(before) || !logs(after)) return [];
  const text =
    "its logs need a role of API Gateway's, once for the account in each region: npm run check-aws says whether it is there, and how to make it";
  return [{ text }];
}
