import { serversBucketName } from "../../access/names";
import { scopesOf } from "../../access/permission-level";
import type { EnvironmentConfig, ServerConfig } from "../../config";
import type { PeopleAccessConfig, UsersConfig } from "../../config/schema/users-types";
import type { Verb } from "../reach/reach";
import { described, OWN_IDENTITY } from "../stacks/people";
import type { Principal } from "../stacks/roles";

// What the environment's files say, without a look at any policy.

/** That somebody may do something under a prefix. */
export interface Grant {
  readonly who: Pick<Principal, "kind" | "name">;
  readonly bucket: string;
  readonly prefix: string;
  readonly verbs: readonly Verb[];
}

/** Of S3; policies that users wrote themselves are {@link ownPolicies}. */
export function promisedBy({ foundation, servers, optional }: EnvironmentConfig): Grant[] {
  const users = usersOf({ optional });
  const bucket = foundation && serversBucketName(foundation);
  return [
    ...(bucket === undefined ? [] : (servers?.servers ?? []).map((server) => serverGrant(server, bucket))),
    ...(bucket === undefined ? [] : [{ who: OPERATORS, bucket, prefix: "", verbs: ["list" as const] }]),
    ...(users === undefined ? [] : peopleGrants(users)),
  ];
}

/** The configuration of people, where the environment has that layer. */
export function usersOf({ optional }: Pick<EnvironmentConfig, "optional">): UsersConfig | undefined {
  return optional.users as UsersConfig | undefined;
}

const OPERATORS = { kind: "operators", name: "" } as const;
const SIGNED_IN = { kind: "signed in", name: "" } as const;
const GUESTS = { kind: "guests", name: "" } as const;

function serverGrant(server: ServerConfig, bucket: string): Grant {
  const who = { kind: "server" as const, name: server.name };
  return { who, bucket, prefix: server.s3PathPrefix, verbs: scopesOf(server.s3Permissions) };
}

function peopleGrants(users: UsersConfig): Grant[] {
  return peopleAccess(users).flatMap(({ who, access }) =>
    access.flatMap(({ s3 }) => {
      if (s3 === undefined) return [];
      const prefix = s3.userSpecific ? `${s3.prefix}${OWN_IDENTITY}/` : s3.prefix;
      return [{ who, bucket: s3.bucket, prefix, verbs: scopesOf(s3.permissions) }];
    }),
  );
}

interface PeopleAccess {
  readonly who: Grant["who"];
  /** Everything of all of these. */
  readonly access: readonly PeopleAccessConfig[];
  readonly seconds: number;
}

/** Everybody who gets AWS credentials from the identity pool, guests excepted, with what they are granted. */
export function peopleAccess({ identityPool, access, sessionDurationSeconds, groups }: UsersConfig): PeopleAccess[] {
  if (identityPool === undefined) return [];
  return [
    { who: SIGNED_IN, access: [access], seconds: sessionDurationSeconds },
    ...groups
      .filter(({ roleName }) => roleName !== undefined)
      .map(({ key, access: more, sessionDurationSeconds: seconds }) => ({
        who: { kind: "group" as const, name: key },
        access: [access, more],
        seconds,
      })),
  ];
}

/** How long credentials and tokens live. */
export interface Life {
  readonly who: Grant["who"];
  readonly seconds: number;
  /** Missing where no token is needed. */
  readonly tokenMinutes?: number;
  /** For how long new tokens are had without signing in again. */
  readonly refreshDays?: number;
}

/** Of everybody who is meant to get credentials. */
export function livesPromisedBy({ servers, optional }: EnvironmentConfig): Life[] {
  const users = usersOf({ optional });
  const ofServers = (servers?.servers ?? []).map(({ name, maxSessionDuration: seconds, ...server }) => ({
    who: { kind: "server" as const, name },
    seconds,
    tokenMinutes: server.accessTokenValidityMinutes,
  }));
  if (users?.identityPool === undefined) return ofServers;
  const { idTokenValidityMinutes: tokenMinutes, refreshTokenValidityDays, authFlows } = users;
  const refresh = authFlows.includes("refresh") ? { refreshDays: refreshTokenValidityDays } : {};
  return [
    ...ofServers,
    ...peopleAccess(users).map(({ who, seconds }) => ({ who, seconds, tokenMinutes, ...refresh })),
    ...(users.identityPool.guests === undefined ? [] : [{ who: GUESTS, seconds: 3600 }]),
  ];
}

/** Policies that users wrote themselves, by {@link described}: what is promised is what they say. */
export function ownPolicies(config: EnvironmentConfig): ReadonlyMap<string, string> {
  const users = usersOf(config);
  const guests = users?.identityPool?.guests;
  const groups = (users?.groups ?? []).flatMap(({ key, policyJson }) =>
    policyJson === undefined ? [] : ([[described({ kind: "group", name: key }), policyJson]] as const),
  );
  const ofGuests = guests === undefined ? [] : ([[described(GUESTS), guests.policyJson]] as const);
  return new Map([...groups, ...ofGuests]);
}
