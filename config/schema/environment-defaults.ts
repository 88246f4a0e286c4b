/**
 * The defaults that the documented layout gives by the environment's name; `otherwise` holds for every other name.
 * This is the only place where an environment's name changes what is deployed.
 */
export const ENVIRONMENT_DEFAULTS = {
  bucket_versioning: { prod: true, otherwise: false },
  bucket_expiration_days: { dev: 10, otherwise: 0 },
  point_in_time_recovery: { prod: true, otherwise: false },
  deletion_protection: { prod: true, otherwise: false },
} as const satisfies Record<string, { readonly otherwise: boolean | number } & Readonly<Record<string, unknown>>>;

export type EnvironmentDefaults = {
  readonly bucket_versioning: boolean;
  readonly bucket_expiration_days: number;
  readonly point_in_time_recovery: boolean;
  readonly deletion_protection: boolean;
};

/** The defaults of one environment. */
export function environmentDefaults(environment: string): EnvironmentDefaults {
  return Object.fromEntries(
    Object.entries(ENVIRONMENT_DEFAULTS).map(([key, byName]) => [
      key,
      Object.hasOwn(byName, environment) ? (byName as Record<string, unknown>)[environment] : byName.otherwise,
    ]),
  ) as EnvironmentDefaults;
}
