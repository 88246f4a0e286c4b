import type { LayerSummary } from "./summary";

export const LAYERS = ["foundation", "servers"] as const;
export type Layer = (typeof LAYERS)[number];

/** What a layer's plan came to. `exitCode` is that of `terraform plan -detailed-exitcode`. */
export type LayerReport =
  | {
      readonly layer: Layer;
      readonly status: "planned";
      readonly exitCode: 0 | 2;
      readonly summary: LayerSummary;
      /** Terraform's own plan, as `terraform show` prints it; sensitive values are masked there. */
      readonly terraform: string;
    }
  | { readonly layer: Layer; readonly status: "failed"; readonly exitCode: 1; readonly reason: string }
  /** A layer that cannot be planned yet, which is no failure. */
  | { readonly layer: Layer; readonly status: "not-yet"; readonly exitCode: 2; readonly reason: string };

export interface PlanReport {
  readonly environment: string;
  /** What to know before any of it is deployed. */
  readonly notes: readonly string[];
  readonly layers: readonly LayerReport[];
}

/** 1 where a layer failed, else 2 where one has changes, else 0: as `terraform plan -detailed-exitcode` has it. */
export function exitCodeOf({ layers }: PlanReport): 0 | 1 | 2 {
  const codes = layers.map(({ exitCode }) => exitCode);
  if (codes.includes(1)) return 1;
  return codes.includes(2) ? 2 : 0;
}
