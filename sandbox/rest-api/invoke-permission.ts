interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | { readonly Service?: string | readonly string[] };
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const API_GATEWAY = "apigateway.amazonaws.com";

/**
 * Whether a function's resource policy lets API Gateway invoke it for a method. It knows what `AddPermission` writes:
 * a service, an action, and the ARN that calls; a statement with anything else allows nothing.
 */
export function mayInvoke(policy: string | undefined, functionArn: string, sourceArn: string): boolean {
  if (policy === undefined) return false;
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: readonly Statement[] };
  return statements.some((statement) => {
    const { Effect, Principal, Action, Resource, Condition = {} } = statement;
    const service = typeof Principal === "string" ? Principal : Principal?.Service;
    return (
      Effect === "Allow" &&
      listed(service).includes(API_GATEWAY) &&
      listed(Action).some((action) => action === "lambda:InvokeFunction" || action === "lambda:*") &&
      listed(Resource).some((resource) => matches(resource, functionArn)) &&
      Object.entries(Condition).every(([operator, conditions]) => holds(operator, conditions, sourceArn))
    );
  });
}

function holds(operator: string, conditions: Readonly<Record<string, string | readonly string[]>>, sourceArn: string) {
  if (!["ArnLike", "ArnEquals", "StringLike"].includes(operator)) return false;
  return Object.entries(conditions).every(
    ([key, patterns]) =>
      key.toLowerCase() === "aws:sourcearn" && listed(patterns).some((pattern) => matches(pattern, sourceArn)),
  );
}

function listed(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

/** `*` stands for any characters, `?` for one. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "s").test(text);
}
