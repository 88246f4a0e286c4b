import { serverRoleName } from "../../access/names";
import { prefixFaults } from "../../access/prefix";
import {
  type CheckedLayer,
  type LayerConfiguration,
  type LayerContext,
  type LayerFacts,
  type ServerPrefix,
  wrongEnvironment,
} from "../layer";
import {
  type CheckedEntry,
  type CheckedKeys,
  camelKeys,
  checkEntries,
  checkKeys,
  type Values,
} from "../schema/check-keys";
import { serverKeys, serversKeys } from "../schema/servers-keys";
import type { ServerConfig, ServersConfig } from "../schema/types";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { serverNameFaults } from "./server-names";
import { prefixOverlaps, prefixProblems, SHARE_REMEDY } from "./server-prefixes";
import { BUILT_IN_TAGS, tagFaults } from "./server-tags";

type ServersValues = Values<typeof serversKeys>;
type ServerValues = Values<typeof serverKeys>;

/** The layer that changes with every onboarding. */
export const serversConfiguration: LayerConfiguration<ServersConfig> = {
  name: "servers",
  contents: "its servers: one entry each",
  backendFile: "servers-backend.hcl",
  variablesFile: "servers.tfvars",
  optional: false,
  reads: [
    {
      layer: "foundation",
      outputs: [
        "bucket_arn",
        "client_roles_table_name",
        "cognito_user_pool_id",
        "credential_vending_lambda_role_arn",
        "resource_server_identifier",
      ],
    },
  ],
  keys: serversKeys,
  entries: { servers: serverKeys },
  check: checkServers,
};

/** Each server by itself, and all together. */
function checkServers(source: SourceFile, context: LayerContext): CheckedLayer<ServersConfig> {
  const { environment, hint } = context;
  const foundation = context.facts.foundation ?? {};
  const { projectName } = foundation;
  const { values, faults: keyFaults } = checkKeys(serversKeys, source, [], source.values, hint);
  const remedy = 'write the server\'s keys in braces: { s3_path_prefix = "…/" }';
  const servers = checkEntries(serverKeys, source, "servers", values.servers ?? {}, hint, remedy);
  const names = servers.map(({ name }) => name);
  const faults = [
    ...keyFaults,
    ...wrongEnvironment(source, values.environment, environment),
    ...differingFaults(source, values, foundation),
    ...serverNameFaults(source, names, { environment, projectName }),
    ...servers.flatMap(({ checked }) => checked.faults),
    ...servers.flatMap(({ name, checked }) => prefixFaultsOf(source, name, checked, foundation)),
    ...overlapFaults(source, servers),
    ...tagFaults(
      source,
      environment,
      [...BUILT_IN_TAGS, ...Object.keys(foundation.commonTags ?? {})],
      values.common_tags ?? {},
      servers.map(({ name, checked }) => ({ name, tags: checked.values.tags ?? {} })),
    ),
  ];
  const roles =
    projectName === undefined
      ? []
      : names.map((name) => ({ name: serverRoleName({ projectName, environment }, name), path: ["servers", name] }));
  return {
    faults,
    roles,
    prefixes: placedPrefixes(servers, foundation),
    config: faults.length === 0 ? complete(values as ServersValues, servers) : undefined,
  };
}

type NamedServer = CheckedEntry<typeof serverKeys>;

function prefixFaultsOf(
  source: SourceFile,
  name: string,
  { values }: CheckedKeys<typeof serverKeys>,
  { bucketName }: LayerFacts,
): Fault[] {
  const prefix = values.s3_path_prefix;
  if (prefix === undefined) return [];
  return prefixProblems(prefix, values.s3_permissions, bucketName).map((problem) =>
    faultAt(source, ["servers", name, "s3_path_prefix"], problem, prefix),
  );
}

function prefixesOf(servers: readonly NamedServer[]): ServerPrefix[] {
  return servers.flatMap(({ name, checked: { values } }) =>
    // An empty prefix is a fault already, and would overlap with every other.
    values.s3_path_prefix ? [{ name, prefix: values.s3_path_prefix, shared: values.shared_prefix === true }] : [],
  );
}

/** For the check across environments, where a prefix that is wrong by itself would only be in the way. */
function placedPrefixes(servers: readonly NamedServer[], { bucketName: bucket }: LayerFacts) {
  if (bucket === undefined) return [];
  return prefixesOf(servers)
    .filter(({ prefix }) => prefixFaults(prefix).length === 0)
    .map((server) => ({ ...server, bucket, path: ["servers", server.name, "s3_path_prefix"] }));
}

function overlapFaults(source: SourceFile, servers: readonly NamedServer[]): Fault[] {
  return prefixOverlaps(prefixesOf(servers)).map(({ inner, outer }) =>
    faultAt(
      source,
      ["servers", inner.name, "s3_path_prefix"],
      {
        message:
          inner.prefix === outer.prefix
            ? `is the prefix of the server "${outer.name}" too`
            : `lies under the prefix "${outer.prefix}" of the server "${outer.name}"`,
        remedy: SHARE_REMEDY,
      },
      inner.prefix,
    ),
  );
}

function differingFaults(
  source: SourceFile,
  values: Partial<ServersValues>,
  { awsRegion, stateBucket }: LayerFacts,
): Fault[] {
  const differs = (key: "aws_region" | "tfstate_bucket", expected: string | undefined, where: string, why: string) => {
    const found = values[key];
    if (found === undefined || expected === undefined || found === expected) return [];
    const problem = { message: `is not "${expected}", as in ${where}`, remedy: `${why}: make them equal` };
    return [faultAt(source, [key], problem, found)];
  };
  return [
    ...differs("aws_region", awsRegion, "foundation.tfvars", "the servers join the user pool of that region"),
    ...differs("tfstate_bucket", stateBucket, "backend.hcl", "the foundation's state is in that bucket"),
  ];
}

function complete(values: ServersValues, servers: readonly NamedServer[]): ServersConfig {
  return {
    environment: values.environment,
    awsRegion: values.aws_region,
    adoptModuleState: values.adopt_module_state,
    commonTags: values.common_tags,
    servers: servers
      .map(({ name, checked }): ServerConfig => ({ name, ...camelKeys(checked.values as ServerValues) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
