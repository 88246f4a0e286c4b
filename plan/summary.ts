import type { PlanSubject } from "../layers";
import { grantFindings } from "./grant-words";
import { policyGrants, type Side } from "./grants";
import {
  type Finding,
  type LayerSummary,
  type Mark,
  type ResourceSummary,
  type ServerSummary,
  type SubjectSummary,
  widening,
} from "./report";
import {
  accessFindings,
  type ServerAddress,
  type ServerChanges,
  serverAccessView,
  serverAddress,
} from "./server-access";
import {
  CHANGE_KINDS,
  type ChangeKind,
  changedAttributes,
  changeKind,
  type ResourceChange,
  type TerraformPlan,
} from "./terraform-plan";

/**
 * What a layer's own rules say of a plan, by the addresses of resources. It takes the place of what is said of access in
 * every layer, and of what is lost where it says that too.
 */
export type LayerFindings = (plan: TerraformPlan) => ReadonlyMap<string, readonly Finding[]>;

/**
 * Describes what a plan does in words, by server or by another layer's subject. Equal plans give equal summaries, in a
 * stable order.
 */
export function summarise(plan: TerraformPlan, subject?: PlanSubject, layerFindings?: LayerFindings): LayerSummary {
  const ofLayer = layerFindings?.(plan);
  // Another layer may have addresses that look like a server's.
  const hasServers = subject === undefined || subject.noun === "server";
  const managed = plan.resourceChanges
    .filter(({ mode }) => mode === "managed")
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const shared: ResourceSummary[] = [];
  const ofServers = new Map<string, { part: ServerAddress["part"]; change: ResourceChange }[]>();
  const ofSubjects = new Map<string, ResourceSummary[]>();
  for (const change of managed) {
    const server = hasServers ? serverAddress(change.address) : undefined;
    const name = server === undefined ? subjectName(change.address, subject) : undefined;
    if (server !== undefined) {
      ofServers.set(server.key, [...(ofServers.get(server.key) ?? []), { part: server.part, change }]);
    } else {
      const findings = ofLayer?.get(change.address) ?? sharedAccessFindings(change);
      const isLost = findings.some(({ mark }) => mark === "stateful-resource");
      const summary = resourceSummary(change, isLost ? findings : [...findings, ...lossFindings(change)]);
      if (summary === undefined) continue;
      if (name === undefined) shared.push(summary);
      else ofSubjects.set(name, [...(ofSubjects.get(name) ?? []), summary]);
    }
  }
  const servers = withRenames(
    [...ofServers].map(([key, changes]) => ({ changes, summary: serverSummary(key, changes) })),
  ).sort((a, b) => (a.name < b.name ? -1 : 1));
  const subjects = subject === undefined ? [] : [...ofSubjects].map((each) => subjectSummary(subject, ...each));
  const resources = [...shared, ...[...servers, ...subjects].flatMap((each) => each.resources)];
  const findings = [...shared, ...servers, ...subjects].flatMap((each) => each.findings);
  const marked = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  return {
    counts: Object.fromEntries(
      CHANGE_KINDS.map((kind) => [
        kind,
        resources.filter((resource) => (kind === "imported" ? resource.imported : resource.kind === kind)).length,
      ]),
    ) as Record<ChangeKind, number>,
    servers,
    ...(subjects.length > 0 ? { subjects } : {}),
    shared,
    outputs: plan.outputChanges.filter(({ actions }) => !actions.includes("no-op")).map(({ name }) => name),
    marks: { "widens-access": marked("widens-access"), "stateful-resource": marked("stateful-resource") },
  };
}

/** The subject's name, as it stands in the addresses of its resources. */
function subjectName(address: string, subject: PlanSubject | undefined): string | undefined {
  const start = subject?.addresses.find((each) => address.startsWith(each));
  return start === undefined ? undefined : address.slice(start.length);
}

function subjectSummary({ noun }: PlanSubject, name: string, resources: readonly ResourceSummary[]): SubjectSummary {
  const kind = commonKind(resources.map((resource) => resource.kind)) ?? "changed";
  return { noun, name, kind, findings: resources.flatMap((resource) => resource.findings), resources };
}

function resourceSummary(change: ResourceChange, findings: readonly Finding[]): ResourceSummary | undefined {
  const kind = changeKind(change);
  if (kind === undefined) return undefined;
  const { address, previousAddress, imported } = change;
  const moved = previousAddress === undefined || previousAddress === address ? {} : { previousAddress };
  return {
    address,
    ...moved,
    kind,
    imported,
    attributes: kind === "changed" ? changedAttributes(change) : [],
    findings,
  };
}

function serverSummary(key: string, changes: ServerChanges): ServerSummary | undefined {
  const resources = changes.flatMap(({ change }) => resourceSummary(change, lossFindings(change)) ?? []);
  const kind = commonKind(resources.map((resource) => resource.kind));
  if (kind === undefined) return undefined;
  const [before, after] = [serverAccessView(changes, "before"), serverAccessView(changes, "after")];
  return {
    name: serverName(changes) ?? key,
    kind,
    findings: [
      ...(kind === "forgotten" || kind === "moved" ? [] : accessFindings(kind, before, after)),
      ...resources.flatMap((resource) => resource.findings),
    ],
    resources,
  };
}

/** The full name: an address has some of its characters replaced. */
function serverName(changes: ServerChanges): string | undefined {
  for (const side of ["after", "before"] as const) {
    const inMapping = serverAccessView(changes, side).mapping?.serverName;
    const role = changes.find(({ part }) => part === "role")?.change[side];
    const inTags = (role?.tags as Record<string, string> | null | undefined)?.Server;
    if (inMapping ?? inTags) return inMapping ?? inTags;
  }
  return undefined;
}

type Draft = { readonly changes: ServerChanges; readonly summary: ServerSummary | undefined };

/** A new server with the prefix of a removed one is most likely the same server under a new name. */
function withRenames(drafts: readonly Draft[]): ServerSummary[] {
  const formerNames = new Map<string, string>();
  for (const { changes, summary } of drafts) {
    const place = summary?.kind === "removed" ? placeOf(changes, "before") : undefined;
    if (summary !== undefined && place !== undefined) formerNames.set(place, summary.name);
  }
  return drafts.flatMap(({ changes, summary }) => {
    if (summary === undefined) return [];
    const former = summary.kind === "added" ? formerNames.get(placeOf(changes, "after") ?? "") : undefined;
    if (former === undefined) return [summary];
    const text = `has the prefix of ${former}, which goes: a rename gives a new client id and secret (docs/stateful-resources.md)`;
    return [{ ...summary, findings: [...summary.findings, { text }] }];
  });
}

/** Where the server's objects are. */
function placeOf(changes: ServerChanges, side: Side): string | undefined {
  return serverAccessView(changes, side).grants?.allowed.find(({ listed }) => listed === undefined)?.resource;
}

/** One kind for several resources that belong together: the one that most needs a reader's attention. */
function commonKind(kinds: readonly ChangeKind[]): ChangeKind | undefined {
  const [first] = kinds;
  if (kinds.every((kind) => kind === first)) return first;
  // A resource added to or removed from a server that stays is a change of that server.
  return kinds.includes("replaced") ? "replaced" : "changed";
}

/** What is lost with a resource that holds data or identity; Terraform can recreate every other one as it was. */
const HELD: Readonly<Record<string, string>> = {
  aws_cognito_user_pool: "every client id and secret of every server, and the keys that sign their tokens",
  aws_cognito_user_pool_domain: "the token endpoint's address, which is in every server's settings",
  aws_cognito_resource_server: "the scopes, which every client is allowed and every token carries",
  aws_cognito_user_pool_client: "its client id and secret, which stop working for good",
  aws_dynamodb_table: "which role each client has: no server gets credentials until it is filled again",
  aws_s3_bucket: "the uploaded objects",
  aws_s3_bucket_versioning: "the older versions of objects from now on",
  aws_api_gateway_rest_api: "the API's address, which is in every client's settings",
  aws_api_gateway_stage: "the API's address, which is in every client's settings",
  aws_apigatewayv2_api: "the vending API's address, which is in every server's settings",
  aws_cloudwatch_log_group: "the log events so far",
};

/** What would be lost with the resource, where the plan removes or replaces it. */
function lossFindings(change: ResourceChange): Finding[] {
  const kind = changeKind(change);
  if (kind === "replaced" && change.type === "aws_iam_role" && change.before?.path !== change.after?.path) {
    const text = `replaced with a new path: ${change.address} becomes a new role with another ARN, and servers get no credentials by it until both layers are deployed`;
    return [{ text, mark: "stateful-resource" }];
  }
  const held = HELD[change.type];
  if (held === undefined || (kind !== "removed" && kind !== "replaced")) return [];
  return [{ text: `${kind} with ${change.address}: ${held}`, mark: "stateful-resource" }];
}

const POLICY_ATTRIBUTES: Readonly<Record<string, string>> = {
  aws_iam_role: "assume_role_policy",
  aws_iam_role_policy: "policy",
  aws_s3_bucket_policy: "policy",
};
const PUBLIC_ACCESS = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

/** How access changes through a resource that belongs to no single server. */
function sharedAccessFindings(change: ResourceChange): Finding[] {
  const kind = changeKind(change);
  if (kind === undefined || kind === "moved" || kind === "imported" || kind === "forgotten") return [];
  const attribute = POLICY_ATTRIBUTES[change.type];
  if (attribute !== undefined) {
    return grantFindings(
      policyGrants(change, attribute, "before"),
      policyGrants(change, attribute, "after"),
      kind === "added",
    );
  }
  if (change.type === "aws_s3_bucket_public_access_block") {
    const opened = PUBLIC_ACCESS.filter((name) => change.before?.[name] === true && change.after?.[name] !== true);
    return opened.map((name) => widening(`${name} is off from now on: the bucket can be made public`));
  }
  if (kind === "removed") return [];
  if (change.type === "aws_iam_role_policy_attachment") {
    return [widening(`its role gets all of ${String(change.after?.policy_arn)}`)];
  }
  if (change.type === "aws_lambda_permission") {
    return [widening(`${String(change.after?.principal)} may call the function`)];
  }
  return [];
}
