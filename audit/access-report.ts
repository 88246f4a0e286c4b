import type { EnvironmentConfig } from "../config";
import { type Power, powersOf } from "./powers";
import { bucketOf, differences, ownPolicies, promisedBy } from "./promise/promise";
import { S3 } from "./reach/places";
import { type Reach, reachOf } from "./reach/reach";
import { ACCOUNT, type Deployment } from "./stacks/deployment";
import { described, walkPeople } from "./stacks/people";
import { conditionText, listed, type Policy, parsePolicy } from "./stacks/policies";
import { type Principal, Roles } from "./stacks/roles";
import { vendingOf, walkServers } from "./stacks/servers";

/** Who can reach what in an environment. */
export interface AccessReport {
  readonly environment: string;
  /** By bucket, prefix and principal. */
  readonly reach: readonly Reach[];
  readonly powers: readonly Power[];
  /** What else policies of others than servers allow, as they are written. */
  readonly elsewhere: readonly {
    readonly who: Principal;
    readonly actions: string;
    readonly on: string;
    readonly where: readonly string[];
  }[];
  /** Who decides about all this from outside of these policies. */
  readonly outside: readonly string[];
  /** What these stacks do not say, so that it is not in the report. */
  readonly unread: readonly string[];
  /** Where it is not as the configuration promises. */
  readonly differences: readonly string[];
}

/** Asks every policy of the stacks, and holds the answers against what the environment's files promise. */
export async function accessReport(config: EnvironmentConfig, deployment: Deployment): Promise<AccessReport> {
  const roles = new Roles(deployment);
  const vending = vendingOf(deployment, roles);
  const servers = vending === undefined ? NOBODY : await walkServers(deployment, roles, vending);
  const people = await walkPeople(deployment, roles);
  const known = new Set([...servers.roles, ...people.roles]);
  const others = [
    ...roles
      .all()
      .filter((role) => !known.has(role))
      .map((role) => roles.principal(role, role === vending?.role ? "vending function" : "role")),
    ...operators(deployment),
  ];
  const principals = [...servers.principals, ...people.principals, ...others];
  const promises = promisedBy(config);
  const reach = await reachOf(principals, deployment, promises);
  const notServers = [...people.principals, ...others];
  const powersBy = (who: readonly Principal[]) =>
    vending === undefined ? [] : powersOf(who, { deployment, roles, vending });
  const powers = await powersBy(notServers);

  const own = ownPolicies(config);
  const withOwn = notServers.filter((who) => own.has(described(who)));
  const without = withOwn.map((who) => withoutPolicy(who, own.get(described(who)) ?? ""));
  const withoutOwn = await reachOf(
    without.map(({ who }) => who),
    deployment,
    promises,
  );
  // Session policies are the first wall, and the roles by themselves the second.
  const byRole = await reachOf(
    servers.principals.map(({ sessionPolicy, ...who }) => who),
    deployment,
    promises,
  );
  const rest = reach.filter(({ who }) => !own.has(described(who)));
  const bucket = config.foundation && bucketOf(config.foundation);
  return {
    environment: config.name,
    reach: [...reach].sort(byPlace),
    powers,
    elsewhere: notServers.flatMap(elsewhere),
    outside: outside(config),
    unread: [...roles.unread, ...unreadBuckets(reach, deployment), ...guestsPolicy(people.principals)],
    differences: [
      ...attachmentFaults(deployment, vending && roles.nameOf(vending.role)),
      ...twice(servers.principals),
      ...servers.faults,
      ...people.faults,
      ...without.flatMap(({ fault }) => fault ?? []),
      ...bucketPolicyFaults(deployment),
      ...differences(
        promises,
        {
          reach: [...rest, ...withoutOwn],
          byRole,
          powers: [
            ...powers.filter(({ who }) => !own.has(described(who))),
            ...(await powersBy(without.map(({ who }) => who))),
          ],
          principals,
          vendingRole: vending && roles.nameOf(vending.role),
        },
        config.foundation?.createS3Bucket && config.foundation.bucketTlsOnly ? bucket : undefined,
      ),
    ],
  };
}

const NOBODY = { principals: [], faults: [], roles: [] };

/** Whoever is given the policy that the foundation puts out for them. */
function operators(deployment: Deployment): Principal[] {
  const text = deployment.output("foundation", "fleet_operator_policy");
  if (text === undefined) return [];
  const arn = `arn:aws:iam::${ACCOUNT}:user/operator`;
  const policies = [parsePolicy("fleet_operator_policy", text)];
  return [{ kind: "operators", name: "", arn, policies, context: {} }];
}

/** A principal without the policy that users wrote; a fault where no policy of his is that one. */
function withoutPolicy(who: Principal, json: string): { readonly who: Principal; readonly fault?: string } {
  const written = JSON.stringify(parsePolicy("", json).document);
  const policies = who.policies.filter(({ document }) => JSON.stringify(document) !== written);
  if (policies.length < who.policies.length) return { who: { ...who, policies } };
  return { who, fault: `${described(who)}: no policy of the role is the one that the configuration names` };
}

/** What functions need for their log; any other attached policy has a text that is not known here. */
const LOG_POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

function attachmentFaults(deployment: Deployment, vendingRole: string | undefined): string[] {
  const attached = deployment.resources("aws_iam_role_policy_attachment").flatMap((each) => {
    const [role, arn] = [deployment.text(each, "role"), deployment.text(each, "policy_arn")];
    return role === vendingRole && arn === LOG_POLICY ? [] : [`role ${role}: ${arn} is attached, and not meant to be`];
  });
  const within = deployment
    .resources("aws_iam_role")
    .flatMap(({ name, attributes }) =>
      ["managed_policy_arns", "inline_policy"]
        .filter((attribute) => attributes[attribute] !== undefined)
        .map((attribute) => `role ${name}: ${attribute} is set, and not read here`),
    );
  return [...attached, ...within];
}

/** A server has one app client. */
function twice(servers: readonly Principal[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of servers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const again = [...counts].flatMap(([name, count]) => (count > 1 ? [name] : []));
  return again.map((name) => `server ${name}: more than one app client has its role`);
}

/** Only denials are meant to be in a bucket's policy. */
function bucketPolicyFaults(deployment: Deployment): string[] {
  return deployment.resources("aws_s3_bucket_policy").flatMap((each) => {
    const { document } = parsePolicy(each.name, deployment.text(each, "policy") ?? "");
    const allowing = document.Statement.filter(({ Effect }) => Effect === "Allow");
    return allowing.map(
      ({ Principal, Action }) =>
        `the policy of the bucket ${deployment.text(each, "bucket")} allows ${JSON.stringify(Principal)} ${listed(Action).join(", ")}`,
    );
  });
}

function unreadBuckets(reach: readonly Reach[], deployment: Deployment): string[] {
  const made = new Set(deployment.resources("aws_s3_bucket").map((each) => deployment.text(each, "bucket")));
  const others = new Set(reach.map(({ bucket }) => bucket).filter((bucket) => !made.has(bucket)));
  return [...others].map((bucket) => `the policy of the bucket ${bucket}, which no layer makes`);
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html */
function guestsPolicy(people: readonly Principal[]): string[] {
  const guests = people.some(({ kind }) => kind === "guests");
  return guests ? ["what AWS denies guests besides: it narrows their sessions by a policy of its own"] : [];
}

function elsewhere(who: Principal): AccessReport["elsewhere"] {
  const statements = who.policies.flatMap(({ document }: Policy) => document.Statement);
  return statements.flatMap(({ Effect, Action, NotAction, Resource, NotResource, Condition = {} }) => {
    const isOfBuckets = NotResource === undefined && listed(Resource).every((resource) => resource.startsWith(S3));
    const actions = listed(Action).filter((action) => !isOfBuckets || !/^s3:/i.test(action));
    if (Effect !== "Allow" || (actions.length === 0 && NotAction === undefined)) return [];
    const named = NotAction === undefined ? actions.join(", ") : `all but ${listed(NotAction).join(", ")}`;
    const on = NotResource === undefined ? listed(Resource).join(", ") : `all but ${listed(NotResource).join(", ")}`;
    const where = Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => conditionText(operator, key, values)),
    );
    return [{ who, actions: named, on, where }];
  });
}

function outside({ backends, optional }: EnvironmentConfig): string[] {
  return [
    "administrators of the AWS account, and of its organisation: every policy here is theirs to change",
    ...Object.entries(backends).map(
      ([layer, { bucket, key }]) =>
        `whoever may write the state of the layer ${layer}, s3://${bucket}/${key}: the next deployment follows it; whoever may read it has the secrets in it`,
    ),
    "whoever deploys, and whoever may change the files of the environment",
    ...(optional.users === undefined
      ? []
      : ["administrators of the user pool of people: they put whom they like into a group"]),
  ];
}

function byPlace(a: Reach, b: Reach): number {
  return order(a.bucket, b.bucket) || order(a.prefix, b.prefix) || order(described(a.who), described(b.who));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
