import { serversBucketName } from "../access/names";
import type { EnvironmentConfig } from "../config";
import { type Power, powersOf } from "./powers";
import { differences, lessThan, lifeDifferences, WITHOUT_SESSION_POLICY } from "./promise/differences";
import { doorFaults } from "./promise/doors";
import { livesPromisedBy, ownPolicies, promisedBy, usersOf } from "./promise/grants";
import { otherServiceDifferences } from "./promise/other-services";
import { isOpen, triggersOf } from "./promise/sign-in";
import { bucketWords } from "./reach/places";
import { type Reach, reachOf } from "./reach/reach";
import { ACCOUNT, type Deployment, type Resource } from "./stacks/deployment";
import { described, walkPeople } from "./stacks/people";
import { otherThanObjects, parsePolicy, type Statement } from "./stacks/policies";
import { type Principal, Roles } from "./stacks/roles";
import { type Vending, vendingOf, walkServers } from "./stacks/servers";

/** Who can reach what in an environment. */
export interface AccessReport {
  readonly environment: string;
  /** By bucket, prefix and principal. */
  readonly reach: readonly Reach[];
  readonly powers: readonly Power[];
  /** What else policies of others than servers say, as it is written. */
  readonly elsewhere: readonly { readonly who: Principal; readonly statement: Statement }[];
  /** What users' own policies deny of what the configuration grants. */
  readonly takenAway: readonly string[];
  /** Who decides about all this from outside of these policies. */
  readonly outside: readonly string[];
  /** What these stacks do not say, so that it is not in the report. */
  readonly unread: readonly string[];
  /** Where it is not as the configuration says. */
  readonly differences: readonly string[];
}

/** Asks every policy of the stacks, and holds the answers against what the environment's files say. */
export async function accessReport(config: EnvironmentConfig, deployment: Deployment): Promise<AccessReport> {
  const roles = new Roles(deployment);
  const everybody = await walk(deployment, roles);
  const { servers, notServers, walked } = everybody;
  const reach = await reachOf([...servers, ...notServers], deployment, promisedBy(config));
  const powers = await powersOf(notServers, { deployment, roles, ...everybody });
  const own = withoutOwnPolicies(config, notServers);
  const withoutOwn = await reachOf(own.principals, deployment, promisedBy(config));
  const compared = await compare(config, deployment, { roles, everybody, reach, powers, own, withoutOwn });
  return {
    environment: config.name,
    reach: [...reach].sort(byPlace),
    powers,
    elsewhere: notServers.flatMap((who) => statementsOf(who).map((statement) => ({ who, statement }))),
    takenAway: takenAway(config, own.names, reach, withoutOwn),
    outside: outside(config, deployment),
    unread: [...roles.unread, ...unreadBuckets(reach, deployment), ...guestsPolicy(notServers)],
    differences: [
      ...everybody.faults,
      ...own.faults,
      ...doorFaults({ config, deployment, roles, walked }),
      ...compared,
    ],
  };
}

interface Everybody {
  readonly servers: readonly Principal[];
  readonly notServers: readonly Principal[];
  /** The roles of servers and people. */
  readonly walked: readonly Resource[];
  readonly peopleRoles: readonly Resource[];
  readonly vending: Vending | undefined;
  readonly faults: readonly string[];
}

/** Everybody who may have credentials, by the ways that lead to them. */
async function walk(deployment: Deployment, roles: Roles): Promise<Everybody> {
  const vending = vendingOf(deployment, roles);
  const servers = vending === undefined ? NOBODY : await walkServers(deployment, roles, vending);
  const people = await walkPeople(deployment, roles);
  const walked = [...servers.roles, ...people.roles];
  const others = roles
    .all()
    .filter((role) => !walked.includes(role))
    .map((role) => roles.principal(role, role === vending?.role ? "vending function" : "role"));
  return {
    servers: servers.principals,
    notServers: [...people.principals, ...others, ...operators(deployment)],
    walked,
    peopleRoles: people.roles,
    vending,
    faults: [...twice(servers.principals), ...servers.faults, ...people.faults],
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

/** A server has one app client. */
function twice(servers: readonly Principal[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of servers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const again = [...counts].flatMap(([name, count]) => (count > 1 ? [name] : []));
  return again.map((name) => `server ${name}: more than one app client has its role`);
}

interface WithoutOwn {
  /** Those who have a policy that users wrote, without it. */
  readonly principals: readonly Principal[];
  /** Theirs, by {@link described}. */
  readonly names: ReadonlySet<string>;
  /** Where no policy of theirs is that one. */
  readonly faults: readonly string[];
}

/** What users wrote is promised as it stands, and so is only compared as a text. */
function withoutOwnPolicies(config: EnvironmentConfig, all: readonly Principal[]): WithoutOwn {
  const own = ownPolicies(config);
  const faults: string[] = [];
  const principals = all.flatMap((who) => {
    const json = own.get(described(who));
    if (json === undefined) return [];
    const written = JSON.stringify(parsePolicy("", json).document);
    // One alone: what the configuration grants may have the very same text.
    const theirs = who.policies.find(({ document }) => JSON.stringify(document) === written);
    const policies = who.policies.filter((each) => each !== theirs);
    if (theirs === undefined)
      faults.push(`${described(who)}: no policy of the role is the one that the configuration names`);
    return [{ ...who, policies }];
  });
  return { principals, names: new Set(own.keys()), faults };
}

interface Compared {
  readonly roles: Roles;
  readonly everybody: Everybody;
  readonly reach: readonly Reach[];
  readonly powers: readonly Power[];
  readonly own: WithoutOwn;
  readonly withoutOwn: readonly Reach[];
}

async function compare(config: EnvironmentConfig, deployment: Deployment, compared: Compared): Promise<string[]> {
  const { roles, everybody, reach, powers, own, withoutOwn } = compared;
  const { servers, notServers, vending } = everybody;
  const isOthers = ({ who }: { readonly who: Principal }) => !own.names.has(described(who));
  const promised = promisedBy(config);
  // Session policies are the first wall, and the roles by themselves the second.
  const byRole = servers.map(({ sessionPolicy, ...who }) => who);
  const { foundation } = config;
  const tlsOnly = foundation?.createS3Bucket && foundation.bucketTlsOnly ? serversBucketName(foundation) : undefined;
  const found = {
    reach: [...reach.filter(isOthers), ...withoutOwn],
    byRole: await reachOf(byRole, deployment, promised),
    powers: [
      ...powers.filter(isOthers),
      ...(await powersOf(own.principals, { deployment, roles, vending, peopleRoles: everybody.peopleRoles })),
    ],
    vendingRole: vending && roles.nameOf(vending.role),
  };
  const others = [...notServers.filter((who) => isOthers({ who })), ...own.principals];
  return [
    ...differences(promised, found, tlsOnly),
    ...lifeDifferences([...servers, ...notServers], livesPromisedBy(config)),
    ...otherServiceDifferences(others, { config, deployment, roles }),
    ...otherServiceDifferences(byRole, { config, deployment, roles }).map((line) => WITHOUT_SESSION_POLICY + line),
  ];
}

function takenAway(
  config: EnvironmentConfig,
  names: ReadonlySet<string>,
  reach: readonly Reach[],
  withoutOwn: readonly Reach[],
): string[] {
  const grants = promisedBy(config).filter(({ who }) => names.has(described(who)));
  const anyway = new Set(lessThan(grants, withoutOwn));
  return lessThan(grants, reach).filter((line) => !anyway.has(line));
}

function statementsOf({ policies }: Principal): Statement[] {
  return policies.flatMap(({ document }) => document.Statement.flatMap(otherThanObjects));
}

function unreadBuckets(reach: readonly Reach[], deployment: Deployment): string[] {
  const made = new Set(deployment.resources("aws_s3_bucket").map((each) => deployment.text(each, "bucket")));
  const others = new Set(reach.map(({ bucket }) => bucket).filter((bucket) => !made.has(bucket)));
  return [...others].map((bucket) =>
    /[*?]/.test(bucket)
      ? `the policies of buckets that no layer makes (${bucketWords(bucket)})`
      : `the policy of the bucket ${bucket}, which no layer makes`,
  );
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html */
function guestsPolicy(people: readonly Principal[]): string[] {
  const guests = people.some(({ kind }) => kind === "guests");
  return guests ? ["what AWS denies guests besides: it narrows their sessions by a policy of its own"] : [];
}

function outside(config: EnvironmentConfig, deployment: Deployment): string[] {
  const pools = deployment.resources("aws_cognito_user_pool").filter(({ layer }) => layer === "users");
  return [
    "administrators of the AWS account, and of its organisation: every policy here is theirs to change",
    ...Object.entries(config.backends).map(
      ([layer, { bucket, key }]) =>
        `whoever may write the state of the layer ${layer}, s3://${bucket}/${key}: the next deployment follows it; whoever may read it has the secrets in it`,
    ),
    "whoever deploys, and whoever may change the files of the environment",
    ...(usersOf(config) === undefined
      ? []
      : ["administrators of the user pool of people: they put whom they like into a group"]),
    ...pools.filter(isOpen).map((pool) => `anybody, by signing up in the user pool ${deployment.text(pool, "name")}`),
    ...pools.flatMap((pool) =>
      triggersOf(deployment, pool).map(
        ([trigger, arn]) => `the function ${arn}, which the user pool of people calls at ${trigger}`,
      ),
    ),
  ];
}

function byPlace(a: Reach, b: Reach): number {
  return order(a.bucket, b.bucket) || order(a.prefix, b.prefix) || order(described(a.who), described(b.who));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
