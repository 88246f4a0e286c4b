import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** What `terraform show -json` says of one resource: https://developer.hashicorp.com/terraform/internals/json-format */
export interface ResourceChange {
  readonly address: string;
  /** The resource's earlier address, when a `moved` block or a changed `count` moves it. */
  readonly previousAddress?: string;
  /** Whether an `import` block takes the resource into the state. */
  readonly imported: boolean;
  readonly mode: string;
  readonly type: string;
  readonly actions: readonly string[];
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  /** `true`, or the attributes that are known only after the apply. */
  readonly afterUnknown: unknown;
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
}

interface OutputChange {
  readonly name: string;
  readonly actions: readonly string[];
}

export interface TerraformPlan {
  readonly resourceChanges: readonly ResourceChange[];
  readonly outputChanges: readonly OutputChange[];
  /** The names of the outputs in the state before this plan; empty where nothing is deployed. */
  readonly deployedOutputs: readonly string[];
  /** Which resource each attribute of a resource refers to first, by addresses: for what is known only after the apply. */
  readonly references: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A plan file's JSON in a form that this program does not read. */
export class TerraformPlanError extends Error {
  override readonly name = "TerraformPlanError";
}

const values = z.record(z.string(), z.unknown()).nullable();

/** Of an attribute's expression in the configuration; those of blocks have another form. */
const expression = z.object({ references: z.array(z.string()) });

const planSchema = z.object({
  format_version: z.string().regex(/^1\./, "only version 1 of the format is known"),
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        previous_address: z.string().optional(),
        mode: z.string(),
        type: z.string(),
        change: z.object({
          actions: z.array(z.string()),
          before: values.optional(),
          after: values.optional(),
          after_unknown: z.unknown().optional(),
          before_sensitive: z.unknown().optional(),
          after_sensitive: z.unknown().optional(),
          importing: z.unknown().optional(),
        }),
      }),
    )
    .default([]),
  output_changes: z.record(z.string(), z.object({ actions: z.array(z.string()) })).default({}),
  configuration: z
    .object({
      root_module: z
        .object({
          resources: z
            .array(z.object({ address: z.string(), expressions: z.record(z.string(), z.unknown()).default({}) }))
            .default([]),
        })
        .default({ resources: [] }),
    })
    .default({ root_module: { resources: [] } }),
  prior_state: z
    .object({ values: z.object({ outputs: z.record(z.string(), z.unknown()).default({}) }).optional() })
    .optional(),
});

/**
 * Reads the output of `terraform show -json PLANFILE`. It holds secrets in clear: nothing made from it may.
 * @throws {TerraformPlanError} where the text is not a plan in version 1 of Terraform's format.
 */
export function parseTerraformPlan(text: string): TerraformPlan {
  const parsed = planSchema.safeParse(json(text));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new TerraformPlanError(
      `the plan's JSON is not in the form that terraform show -json writes: ${first?.path.join(".")}: ${first?.message}`,
    );
  }
  const plan = parsed.data;
  return {
    resourceChanges: plan.resource_changes.map(({ address, previous_address, mode, type, change }) => ({
      address,
      ...(previous_address === undefined ? {} : { previousAddress: previous_address }),
      imported: change.importing !== undefined && change.importing !== null,
      mode,
      type,
      actions: change.actions,
      before: change.before ?? null,
      after: change.after ?? null,
      afterUnknown: change.after_unknown,
      beforeSensitive: change.before_sensitive,
      afterSensitive: change.after_sensitive,
    })),
    outputChanges: Object.entries(plan.output_changes)
      .map(([name, { actions }]) => ({ name, actions }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    deployedOutputs: Object.keys(plan.prior_state?.values?.outputs ?? {}).sort(),
    references: Object.fromEntries(
      plan.configuration.root_module.resources.map(({ address, expressions }) => [address, referencesIn(expressions)]),
    ),
  };
}

/** `aws_api_gateway_resource.book.id` is in the address `aws_api_gateway_resource.book`. */
function referencesIn(expressions: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(expressions).flatMap(([attribute, value]) => {
      const [first] = expression.safeParse(value).data?.references ?? [];
      return first === undefined ? [] : [[attribute, first.split(".").slice(0, 2).join(".")]];
    }),
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text holds secrets.
    throw new TerraformPlanError("the output of terraform show -json is not JSON");
  }
}

/** What a plan does with a resource or a server, in the order in which summaries count them. */
export const CHANGE_KINDS = ["imported", "added", "changed", "replaced", "moved", "removed", "forgotten"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What the plan does with a resource; undefined where it does nothing or only reads. */
export function changeKind({ actions, previousAddress, address, imported }: ResourceChange): ChangeKind | undefined {
  if (actions.includes("create")) return actions.includes("delete") ? "replaced" : "added";
  if (actions.includes("delete")) return "removed";
  if (actions.includes("forget")) return "forgotten";
  if (actions.includes("update")) return "changed";
  if (imported) return "imported";
  return previousAddress !== undefined && previousAddress !== address ? "moved" : undefined;
}

/** The attributes whose values differ and are known, by name and never by value: values may be secrets. */
export function changedAttributes({ before, after, afterUnknown }: ResourceChange): string[] {
  if (before === null || after === null) return [];
  const unknown = afterUnknown as Readonly<Record<string, unknown>> | null;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name] ?? null, after[name] ?? null) && unknown?.[name] !== true,
  );
  // tags_all repeats tags together with the provider's default tags.
  return names.filter((name) => name !== "tags_all" || !names.includes("tags")).sort();
}
