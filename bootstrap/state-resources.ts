import type { BackendConfig, EnvironmentConfig } from "../config/schema/types";

/** A bucket or a lock table that backend files name; listed once, however many of them do. */
export interface StateResource {
  readonly kind: "bucket" | "table";
  readonly name: string;
  /** The environments whose state it serves. */
  readonly environments: readonly string[];
  /** The first backend that names it: how it is reached, and by whom. */
  readonly backend: BackendConfig;
  /** Of a bucket: the one KMS key that every backend names; undefined where they name none, or several. */
  readonly kmsKeyId?: string;
}

/** Everything that the backends of the environments need before Terraform can keep a state, buckets first. */
export function stateResources(environments: readonly EnvironmentConfig[]): StateResource[] {
  const named = environments.flatMap((environment) =>
    Object.values(environment.backends).map((backend) => ({ environment, backend })),
  );
  const group = (kind: StateResource["kind"], nameOf: (backend: BackendConfig) => unknown): StateResource[] => {
    const groups = new Map<string, typeof named>();
    for (const each of named) {
      const name = nameOf(each.backend);
      if (typeof name !== "string" || name === "") continue;
      // A bucket's name is one for all regions, a table's for one region of one endpoint.
      const place = kind === "bucket" ? "" : `${each.backend.region} ${endpointOf(each.backend, "dynamodb") ?? ""}`;
      const key = `${name} ${place}`;
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    return [...groups.values()].flatMap((members) => {
      const [first] = members;
      if (first === undefined) return [];
      const keys = new Set(members.map(({ backend }) => backend.kms_key_id));
      const [kmsKeyId] = keys;
      return {
        kind,
        name: String(nameOf(first.backend)),
        environments: [...new Set(members.map(({ environment }) => environment.name))],
        backend: first.backend,
        ...(kind === "bucket" && keys.size === 1 && typeof kmsKeyId === "string" ? { kmsKeyId } : {}),
      };
    });
  };
  return [...group("bucket", ({ bucket }) => bucket), ...group("table", ({ dynamodb_table }) => dynamodb_table)];
}

/** The environments whose state nothing locks: two deployments at once can lose it. */
export function unlockedEnvironments(environments: readonly EnvironmentConfig[]): string[] {
  const locked = (backend: BackendConfig) => Boolean(backend.dynamodb_table) || backend.use_lockfile === true;
  return environments.filter(({ backends }) => !Object.values(backends).every(locked)).map(({ name }) => name);
}

/** The address of a service that a backend names, in the form of any Terraform version. */
export function endpointOf(backend: BackendConfig, service: "s3" | "dynamodb" | "sts"): string | undefined {
  const { endpoints } = backend as { endpoints?: Readonly<Record<string, string>> };
  const old = { s3: backend.endpoint, dynamodb: backend.dynamodb_endpoint, sts: backend.sts_endpoint }[service];
  return endpoints?.[service] || (typeof old === "string" && old) || undefined;
}

/** Something about a state resource that is not as expected, and the remedy. */
export interface Deviation {
  readonly text: string;
  readonly remedy: string;
}

export interface Outcome {
  /** "would-make" is a dry run's "made". */
  readonly action: "made" | "would-make" | "exists";
  /** Its properties, in a few words. */
  readonly traits: readonly string[];
  readonly deviations: readonly Deviation[];
}
