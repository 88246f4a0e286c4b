import { nearest } from "../../terminal/nearest";
import type { routeKeys } from "../schema/api-keys";
import type { Backend, RouteConfig } from "../schema/api-types";
import type { CheckedEntry } from "../schema/check-keys";
import { wholeAddressName } from "../schema/terraform-address";
import type { Fault, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

/** https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html; ANY is API Gateway's word for all of them. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];
/** https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html: a part of a path, or a variable in it. */
const PART = /^(?:[A-Za-z0-9._:-]+|\{[A-Za-z0-9._-]+\+?\})$/;

/** The folders of a path, from the top: `/book/{id}` → `/book`, `/book/{id}`. */
export function pathsOf(path: string): string[] {
  const parts = path.split("/").filter(Boolean);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

/** The end of the Terraform address of a path's resource; different paths may give one. */
export function pathAddress(path: string): string {
  const parts = path.split("/").filter(Boolean);
  return parts.length === 0 ? "root" : wholeAddressName(parts.map((part) => part.replace(/[{}+]/g, "")).join("_"));
}

/** `GET /book` in its parts, or what is wrong with it. */
function parseRoute(key: string): Pick<RouteConfig, "method" | "path"> | Problem {
  const [, word = "", path = ""] = /^(\S+)\s+(\S+)$/.exec(key) ?? [];
  const method = METHODS.find((known) => known === word);
  if (method === undefined || key !== `${method} ${path}`) {
    const meant = nearest(word, METHODS);
    const message = "is not a method, a space and a path";
    return {
      message,
      remedy:
        meant === undefined || path === ""
          ? `write it like "GET /book"; the methods are ${METHODS.join(", ")}`
          : `did you mean "${meant} ${path}"?`,
    };
  }
  if (!path.startsWith("/")) {
    return { message: "has a path that does not begin with a slash", remedy: `write "${method} /${path}"` };
  }
  if (path === "/") return { method, path };
  if (path.endsWith("/")) {
    const remedy = `API Gateway has no such paths: write "${method} ${path.replace(/\/+$/, "") || "/"}"`;
    return { message: "has a path that ends with a slash", remedy };
  }
  const parts = path.slice(1).split("/");
  const wrong = parts.find((part) => !PART.test(part));
  if (wrong !== undefined) {
    const message = `has "${wrong}" as a part of its path`;
    return { message, remedy: "use letters, digits and . _ : - alone, or a variable in braces, like {id}" };
  }
  const greedy = parts.findIndex((part) => part.endsWith("+}"));
  if (greedy >= 0 && greedy < parts.length - 1) {
    return { message: `has more after "${parts[greedy]}"`, remedy: "that takes all of the rest: let it be the last" };
  }
  return { method, path };
}

type RouteEntry = CheckedEntry<typeof routeKeys>;

/** The routes as far as they are right, and what is wrong with their names, their backends and their addresses. */
export function checkRoutes(source: SourceFile, entries: readonly RouteEntry[], functions: readonly string[]) {
  const faults: Fault[] = [];
  const routes: RouteConfig[] = [];
  for (const { name: key, checked } of entries) {
    const parsed = parseRoute(key);
    if ("message" in parsed) faults.push(faultAt(source, ["routes", key], parsed));
    const path = "path" in parsed ? parsed.path : undefined;
    const problems = backendProblems(checked.values, functions, path);
    faults.push(
      ...problems.map(({ key: name, value, ...problem }) => faultAt(source, ["routes", key, name], problem, value)),
    );
    if ("message" in parsed) continue;
    const scopes = [...new Set(checked.values.scopes ?? [])].sort();
    const address = `${parsed.method}_${pathAddress(parsed.path)}`;
    routes.push({ key, address, ...parsed, scopes, backend: backendOf(checked.values) });
  }
  return { routes, faults: [...faults, ...addressFaults(source, routes)] };
}

function backendOf({ function: key, url }: RouteEntry["checked"]["values"]): Backend {
  if (key !== undefined) return { kind: "function", key };
  return url === undefined ? { kind: "answer" } : { kind: "url", url };
}

function backendProblems(
  { function: name, url }: RouteEntry["checked"]["values"],
  functions: readonly string[],
  path: string | undefined,
): (Problem & { readonly key: "function" | "url"; readonly value: string })[] {
  const problems: (Problem & { readonly key: "function" | "url"; readonly value: string })[] = [];
  if (name !== undefined && url !== undefined) {
    const message = "stands beside function, and a route has one backend";
    problems.push({ key: "url", value: url, message, remedy: "remove one of the two" });
  }
  if (name !== undefined && !functions.includes(name)) {
    const meant = nearest(name, functions);
    const known = functions.length === 0 ? "add it to functions" : `the functions are ${functions.join(", ")}`;
    const remedy = meant === undefined ? known : `did you mean "${meant}"?`;
    problems.push({ key: "function", value: name, message: "is not an entry of functions", remedy });
  }
  const problem = url === undefined ? undefined : urlProblem(url, path);
  if (url !== undefined && problem !== undefined) problems.push({ key: "url", value: url, ...problem });
  return problems;
}

function urlProblem(url: string, path: string | undefined): Problem | undefined {
  const variables = (text: string) => [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
  let parsed: URL;
  try {
    parsed = new URL(url.replace(/\{[^{}]*\}/g, "x"));
  } catch {
    return { message: "is not a URL", remedy: 'write it whole, like "https://books.example.com/v1"' };
  }
  if (parsed.protocol !== "https:") {
    return {
      message: "is not an https URL",
      remedy: "the request has the access token in it: pass it on by TLS alone",
    };
  }
  if (parsed.username !== "" || parsed.password !== "") {
    return { message: "holds a user or a password", remedy: "it would be in clear in the synthesised JSON: remove it" };
  }
  if (path === undefined) return undefined;
  const inPath = variables(path).map((name) => name.replace(/\+$/, ""));
  const unknown = variables(url).find((name) => !inPath.includes(name));
  if (unknown === undefined) return undefined;
  const meant = nearest(unknown, inPath);
  const remedy = meant === undefined ? "use variables of the route's path alone" : `did you mean {${meant}}?`;
  return { message: `has the variable {${unknown}}, which is not in the route's path`, remedy };
}

/** Paths that Terraform's addresses, or API Gateway, cannot tell apart. */
function addressFaults(source: SourceFile, routes: readonly RouteConfig[]): Fault[] {
  const byAddress = new Map<string, string>([["root", "/"]]);
  const variables = new Map<string, string>();
  const faults: Fault[] = [];
  for (const { key, path } of routes) {
    for (const each of pathsOf(path)) {
      const problem = sameAddress(byAddress, each) ?? otherVariable(variables, each);
      if (problem === undefined) continue;
      faults.push(faultAt(source, ["routes", key], problem));
      break;
    }
  }
  return faults;
}

function sameAddress(known: Map<string, string>, path: string): Problem | undefined {
  const address = pathAddress(path);
  const same = known.get(address);
  if (same === undefined) known.set(address, path);
  if (same === undefined || same === path) return undefined;
  const message = `gives ${path} the same Terraform address as ${same}, aws_api_gateway_resource.${address}`;
  return { message, remedy: "rename one: in addresses, slashes and other signs become _" };
}

/** API Gateway allows one variable in a place: `/book/{id}` and `/book/{isbn}/cover` would be two. */
function otherVariable(known: Map<string, string>, path: string): Problem | undefined {
  const cut = path.lastIndexOf("/");
  const [parent, part] = [path.slice(0, cut), path.slice(cut + 1)];
  if (!part.startsWith("{")) return undefined;
  const other = known.get(parent);
  if (other === undefined) known.set(parent, part);
  if (other === undefined || other === part) return undefined;
  const message = `has ${part} where another route has ${other}, and API Gateway allows one variable in a place`;
  return { message, remedy: `write ${other} in both` };
}
