import { uploadsBucketName } from "../../access/names";
import { scopesOf } from "../../access/permission-level";
import type { EnvironmentConfig, FoundationConfig, ServerConfig } from "../../config";
import type { PeopleAccessConfig, UsersConfig } from "../../config/schema/users-types";
import type { Power } from "../powers";
import { placeWords } from "../reach/places";
import type { Reach, Verb } from "../reach/reach";
import { verbWords } from "../reach/words";
import { described, OWN_IDENTITY } from "../stacks/people";
import type { Credentials, Principal } from "../stacks/roles";

/** What the environment's files say that somebody may do. */
export interface Grant {
  readonly who: Pick<Principal, "kind" | "name">;
  readonly bucket: string;
  readonly prefix: string;
  readonly verbs: readonly Verb[];
  readonly seconds?: number;
  readonly minutes?: number;
}

/** By the files, without a look at any policy; policies that users wrote themselves are {@link ownPolicies}. */
export function promisedBy({ foundation, servers, optional }: EnvironmentConfig): Grant[] {
  const users = optional.users as UsersConfig | undefined;
  const bucket = foundation && bucketOf(foundation);
  return [
    ...(bucket === undefined ? [] : (servers?.servers ?? []).map((server) => serverGrant(server, bucket))),
    ...(bucket === undefined
      ? []
      : [{ who: { kind: "operators" as const, name: "" }, bucket, prefix: "", verbs: ["list" as const] }]),
    ...(users === undefined ? [] : peopleGrants(users)),
  ];
}

/** The bucket that servers write to. */
export function bucketOf(foundation: FoundationConfig): string {
  return foundation.createS3Bucket ? uploadsBucketName(foundation) : foundation.existingBucketName;
}

function serverGrant(server: ServerConfig, bucket: string): Grant {
  return {
    who: { kind: "server", name: server.name },
    bucket,
    prefix: server.s3PathPrefix,
    verbs: scopesOf(server.s3Permissions),
    seconds: server.maxSessionDuration,
    minutes: server.accessTokenValidityMinutes,
  };
}

function peopleGrants(users: UsersConfig): Grant[] {
  if (users.identityPool === undefined) return [];
  const grants = (who: Grant["who"], seconds: number, ...access: PeopleAccessConfig[]): Grant[] =>
    access.flatMap(({ s3 }) => {
      if (s3 === undefined) return [];
      const prefix = s3.userSpecific ? `${s3.prefix}${OWN_IDENTITY}/` : s3.prefix;
      const minutes = users.idTokenValidityMinutes;
      return [{ who, bucket: s3.bucket, prefix, verbs: scopesOf(s3.permissions), seconds, minutes }];
    });
  return [
    ...grants({ kind: "signed in", name: "" }, users.sessionDurationSeconds, users.access),
    ...users.groups
      .filter(({ roleName }) => roleName !== undefined)
      .flatMap(({ key, access, sessionDurationSeconds: seconds }) =>
        grants({ kind: "group", name: key }, seconds, users.access, access),
      ),
  ];
}

/** Policies that users wrote themselves, by {@link described}: what is promised is what they say. */
export function ownPolicies({ optional }: EnvironmentConfig): ReadonlyMap<string, string> {
  const users = optional.users as UsersConfig | undefined;
  const guests = users?.identityPool?.guests;
  const groups = (users?.groups ?? []).flatMap(({ key, policyJson }) =>
    policyJson === undefined ? [] : ([[described({ kind: "group", name: key }), policyJson]] as const),
  );
  const ofGuests =
    guests === undefined ? [] : ([[described({ kind: "guests", name: "" }), guests.policyJson]] as const);
  return new Map([...groups, ...ofGuests]);
}

/** The ways to what servers reach that are meant, by {@link described}. */
function promisedPowers(
  vendingRole: string | undefined,
): ReadonlyMap<string, Readonly<Record<string, readonly string[]>>> {
  return new Map([
    [
      described({ kind: "vending function", name: vendingRole ?? "" }),
      {
        "takes the roles of servers": ["sts:AssumeRole"],
        "notes when servers were seen": ["dynamodb:UpdateItem"],
      },
    ],
    [
      described({ kind: "operators", name: "" }),
      {
        "changes what the roles of servers allow": ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
        "switches servers off and on": ["dynamodb:PutItem"],
        "has secrets of app clients": ["cognito-idp:AddUserPoolClientSecret"],
      },
    ],
  ]);
}

export interface Found {
  /** Without what policies that users wrote themselves allow. */
  readonly reach: readonly Reach[];
  /** What servers might do if their sessions were not narrowed. */
  readonly byRole: readonly Reach[];
  readonly powers: readonly Power[];
  readonly principals: readonly Principal[];
  readonly vendingRole: string | undefined;
}

/** Where what is found is more, or less, than what is promised: a line each. */
export function differences(promised: readonly Grant[], found: Found, tlsOnlyBucket: string | undefined): string[] {
  const grantsOf = byWhom(promised);
  const rowsOf = byWhom(found.reach);
  const credentials = new Map(found.principals.map((who) => [described(who), who.credentials]));
  const grantsFor = ({ who }: Reach) => grantsOf.get(described(who)) ?? [];
  const more = found.reach.flatMap((row) => moreThan(row, grantsFor(row), tlsOnlyBucket));
  const told = new Set(more);
  const wider = found.byRole
    .flatMap((row) => moreThan(row, grantsFor(row), undefined))
    .filter((line) => !told.has(line))
    .map((line) => `but for the session policy, ${line}`);
  const less = promised.flatMap((grant) => {
    const who = described(grant.who);
    const rows = (rowsOf.get(who) ?? []).filter(
      ({ bucket, prefix }) => bucket === grant.bucket && prefix === grant.prefix,
    );
    const missing = grant.verbs.filter((verb) => !rows.some(({ verbs }) => verbs.includes(verb)));
    const partly = rows.flatMap(({ others, limits, ...row }) => {
      const verbs = row.verbs.filter((verb) => grant.verbs.includes(verb) && limits.has(verb));
      return verbWords({ verbs, others: [], limits });
    });
    return [
      ...(missing.length === 0
        ? []
        : [`${who} may not ${missing.join(", ")} in ${placeText(grant)}, as the configuration promises`]),
      ...partly.map((words) => `${who} may ${words} in ${placeText(grant)}: the configuration promises all of it`),
    ];
  });
  const lives = [...grantsOf].flatMap(([who, [grant]]) => lifeDifferences(who, grant, credentials.get(who)));
  const powers = promisedPowers(found.vendingRole);
  const beyond = found.powers.flatMap(({ who, does, actions }) => {
    const meant = powers.get(described(who))?.[does] ?? [];
    const extra = actions.filter((action) => !meant.includes(action));
    return extra.length === 0 ? [] : [`${described(who)} ${does}, by ${extra.join(", ")}: not meant to`];
  });
  return [...more, ...wider, ...less, ...lives, ...beyond];
}

function placeText({ bucket, prefix }: Pick<Grant, "bucket" | "prefix">): string {
  return prefix === "" ? `${bucket} as a whole` : `${bucket}/${placeWords(prefix)}`;
}

function byWhom<T extends Pick<Grant, "who">>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const each of all) {
    const whose = described(each.who);
    const others = found.get(whose);
    if (others === undefined) found.set(whose, [each]);
    else others.push(each);
  }
  return found;
}

function moreThan(row: Reach, grants: readonly Grant[], tlsOnlyBucket: string | undefined): string[] {
  const { who, bucket, prefix, verbs, others, withoutTls } = row;
  const place = placeText(row);
  const meant = grants.filter((grant) => grant.bucket === bucket && prefix.startsWith(grant.prefix));
  const extra = verbs.filter((verb) => !meant.some((grant) => grant.verbs.includes(verb)));
  const told = [...extra, ...others];
  return [
    ...(told.length === 0
      ? []
      : [`${described(who)} may ${told.join(", ")} in ${place}: the configuration does not say so`]),
    ...(withoutTls && bucket === tlsOnlyBucket ? [`${described(who)} may reach ${place} without TLS`] : []),
  ];
}

function lifeDifferences(who: string, grant: Grant | undefined, credentials: Credentials | undefined): string[] {
  if (grant === undefined || credentials === undefined) return [];
  const { seconds, minutes } = grant;
  const { token } = credentials;
  return [
    ...(seconds === undefined || seconds === credentials.seconds
      ? []
      : [`${who}: credentials live ${credentials.seconds} s, and the configuration says ${seconds}`]),
    ...(minutes === undefined || minutes === token?.minutes
      ? []
      : [`${who}: ${token?.kind ?? "token"}s are valid ${token?.minutes} min, and the configuration says ${minutes}`]),
  ];
}
