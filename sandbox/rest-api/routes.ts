/** A route's place in the API. */
export interface Route {
  /** Like `/book/{id}`; `{name+}` at the end stands for one or more segments. */
  readonly resourcePath: string;
  readonly httpMethod: string;
}

export interface FoundRoute<R> {
  readonly route: R;
  /** As they stand in the path, encoded or not. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Node<R> {
  readonly literal: Map<string, Node<R>>;
  variable: { readonly name: string; readonly node: Node<R> } | undefined;
  greedy: { readonly name: string; readonly node: Node<R> } | undefined;
  /** By HTTP method; of resources that have methods only. */
  readonly methods: Map<string, R>;
}

/**
 * Finds the method for a request by one map for each segment of the path, however many routes there are. A path is
 * compared as it was sent: what is spelled otherwise, with `%62` for `b` or a slash more, is another path.
 */
export class RouteTable<R extends Route> {
  private readonly root: Node<R> = newNode();

  constructor(routes: readonly R[]) {
    for (const route of routes) this.nodeOf(route.resourcePath).methods.set(route.httpMethod, route);
  }

  /** @param path of the request, without stage and query. */
  find(httpMethod: string, path: string): FoundRoute<R> | undefined {
    if (path === "/") return chosen(this.root, httpMethod, {});
    const segments = path.slice(1).split("/");
    if (!path.startsWith("/") || segments.some((segment) => segment === "" || isDots(segment))) return undefined;
    const found = resourceOf(this.root, segments, 0, {});
    return found && chosen(found.node, httpMethod, found.pathParameters);
  }

  private nodeOf(path: string): Node<R> {
    let node = this.root;
    for (const segment of path.split("/").filter(Boolean)) {
      const [, name = "", plus] = /^\{(.+?)(\+?)\}$/.exec(segment) ?? [];
      if (name === "") {
        const next = node.literal.get(segment) ?? newNode<R>();
        node.literal.set(segment, next);
        node = next;
      } else if (plus) {
        node.greedy ??= { name, node: newNode() };
        node = node.greedy.node;
      } else {
        node.variable ??= { name, node: newNode() };
        node = node.variable.node;
      }
    }
    return node;
  }
}

function newNode<R>(): Node<R> {
  return { literal: new Map(), variable: undefined, greedy: undefined, methods: new Map() };
}

/** What is spelled out goes before a variable, and a variable of one segment before one of several. */
function resourceOf<R>(
  node: Node<R>,
  segments: readonly string[],
  depth: number,
  pathParameters: Readonly<Record<string, string>>,
): { node: Node<R>; pathParameters: Readonly<Record<string, string>> } | undefined {
  const segment = segments[depth];
  if (segment === undefined) return node.methods.size > 0 ? { node, pathParameters } : undefined;
  const literal = node.literal.get(segment);
  const { variable, greedy } = node;
  return (
    (literal && resourceOf(literal, segments, depth + 1, pathParameters)) ??
    (variable && resourceOf(variable.node, segments, depth + 1, { ...pathParameters, [variable.name]: segment })) ??
    (greedy && greedy.node.methods.size > 0
      ? { node: greedy.node, pathParameters: { ...pathParameters, [greedy.name]: segments.slice(depth).join("/") } }
      : undefined)
  );
}

function chosen<R>({ methods }: Node<R>, httpMethod: string, pathParameters: Readonly<Record<string, string>>) {
  const route = methods.get(httpMethod) ?? methods.get("ANY");
  return route === undefined ? undefined : { route, pathParameters };
}

/** `.` and `..`, encoded or not: no backend must be reached above the place that the route names. */
function isDots(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment);
}
