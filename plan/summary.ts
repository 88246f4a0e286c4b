import { CHANGE_KINDS, type ChangeKind, changedAttributes, changeKind, commonKind } from "./change-kind";
import type { Finding, Mark } from "./finding";
import { lossFindings, sharedAccessFindings } from "./resource-findings";
import { type ServerChanges, type Side, serverAccessView } from "./server-access";
import { type ServerAddress, serverAddress } from "./server-address";
import { accessFindings } from "./server-findings";
import type { ResourceChange, TerraformPlan } from "./terraform-plan";

export interface ResourceSummary {
  readonly address: string;
  readonly previousAddress?: string;
  readonly kind: ChangeKind;
  /** Whether it comes into the state with this plan, without being made by it. */
  readonly imported: boolean;
  /** The attributes that change, by name. */
  readonly attributes: readonly string[];
  readonly findings: readonly Finding[];
}

export interface ServerSummary {
  readonly name: string;
  readonly kind: ChangeKind;
  readonly findings: readonly Finding[];
  readonly resources: readonly ResourceSummary[];
}

export interface LayerSummary {
  readonly counts: Readonly<Record<ChangeKind, number>>;
  readonly servers: readonly ServerSummary[];
  /** Resources that are no server's own. */
  readonly shared: readonly ResourceSummary[];
  /** The names of outputs whose values change. */
  readonly outputs: readonly string[];
  readonly marks: Readonly<Record<Mark, number>>;
}

/** What a plan does, by server and in words. Equal plans give equal summaries, in a stable order. */
export function summarise(plan: TerraformPlan): LayerSummary {
  const managed = plan.resourceChanges
    .filter(({ mode }) => mode === "managed")
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const shared: ResourceSummary[] = [];
  const ofServers = new Map<string, { part: ServerAddress["part"]; change: ResourceChange }[]>();
  for (const change of managed) {
    const server = serverAddress(change.address);
    if (server !== undefined) {
      ofServers.set(server.key, [...(ofServers.get(server.key) ?? []), { part: server.part, change }]);
    } else {
      const summary = resourceSummary(change, [...lossFindings(change), ...sharedAccessFindings(change)]);
      if (summary !== undefined) shared.push(summary);
    }
  }
  const servers = withRenames(
    [...ofServers].map(([key, changes]) => ({ changes, summary: serverSummary(key, changes) })),
  ).sort((a, b) => (a.name < b.name ? -1 : 1));
  const resources = [...shared, ...servers.flatMap((server) => server.resources)];
  const findings = [...shared, ...servers].flatMap((each) => each.findings);
  const marked = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  return {
    counts: Object.fromEntries(
      CHANGE_KINDS.map((kind) => [
        kind,
        resources.filter((resource) => (kind === "imported" ? resource.imported : resource.kind === kind)).length,
      ]),
    ) as Record<ChangeKind, number>,
    servers,
    shared,
    outputs: plan.outputChanges.filter(({ actions }) => !actions.includes("no-op")).map(({ name }) => name),
    marks: { "widens-access": marked("widens-access"), "stateful-resource": marked("stateful-resource") },
  };
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

/** The name in full: an address has some of its characters replaced. */
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

/** A server that comes with the prefix of one that goes is most likely the same server under a new name. */
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
