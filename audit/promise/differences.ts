import type { Power } from "../powers";
import { placeWords } from "../reach/places";
import type { Reach } from "../reach/reach";
import { verbWords } from "../reach/words";
import { described } from "../stacks/people";
import type { Credentials, Principal } from "../stacks/roles";
import type { Grant, Life } from "./grants";

/** How a line begins of what the vending function's session policy still keeps from a server. */
export const WITHOUT_SESSION_POLICY = "without the session policy, ";

/** The ways to what servers reach that are meant, by {@link described}. */
function promisedPowers(
  vendingRole: string | undefined,
): ReadonlyMap<string, Readonly<Record<string, readonly string[]>>> {
  return new Map([
    [
      described({ kind: "vending function", name: vendingRole ?? "" }),
      {
        "assume the roles of servers": ["sts:AssumeRole"],
        "note when servers were seen": ["dynamodb:UpdateItem"],
      },
    ],
    [
      described({ kind: "operators", name: "" }),
      {
        "change what the roles of servers allow": ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
        "switch servers off and on": ["dynamodb:PutItem"],
        "obtain or create secrets of app clients": [
          "cognito-idp:AddUserPoolClientSecret",
          "cognito-idp:ListUserPoolClientSecrets",
        ],
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
  readonly vendingRole: string | undefined;
}

/** Where what is found is more, or less, than what is promised: a line each. */
export function differences(promised: readonly Grant[], found: Found, tlsOnlyBucket: string | undefined): string[] {
  const grantsOf = byWhom(promised);
  const grantsFor = ({ who }: Reach) => grantsOf.get(described(who)) ?? [];
  const more = found.reach.flatMap((row) => moreThan(row, grantsFor(row), tlsOnlyBucket));
  const told = new Set(more);
  const wider = found.byRole
    .flatMap((row) => moreThan(row, grantsFor(row), undefined))
    .filter((line) => !told.has(line))
    .map((line) => `${WITHOUT_SESSION_POLICY}${line}`);
  const less = lessThan(promised, found.reach);
  const powers = promisedPowers(found.vendingRole);
  const beyond = found.powers.flatMap(({ who, does, actions }) => {
    const meant = powers.get(described(who))?.[does] ?? [];
    const extra = actions.filter((action) => !meant.includes(action));
    return extra.length === 0 ? [] : [`${described(who)} can ${does} (${extra.join(", ")}), which is not intended`];
  });
  return [...more, ...wider, ...less, ...beyond];
}

/** What of the grants is not to be had, or in part alone. */
export function lessThan(promised: readonly Grant[], reach: readonly Reach[]): string[] {
  const rowsOf = byWhom(reach);
  return promised.flatMap((grant) => {
    const who = described(grant.who);
    const rows = (rowsOf.get(who) ?? []).filter(
      ({ bucket, prefix }) => bucket === grant.bucket && prefix === grant.prefix,
    );
    const missing = grant.verbs.filter((verb) => !rows.some(({ verbs }) => verbs.includes(verb)));
    const partly = rows.flatMap(({ others, limits, ...row }) => {
      const verbs = row.verbs.filter((verb) => grant.verbs.includes(verb) && limits.has(verb));
      return verbWords({ verbs, others: [], limits });
    });
    const place = placeText(grant);
    return [
      ...(missing.length === 0
        ? []
        : [`${who} may not ${missing.join(", ")} in ${place}, though the configuration grants it`]),
      ...partly.map((words) => `${who} may ${words} in ${place}, though the configuration grants all of it`),
    ];
  });
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
      : [`${described(who)} may ${told.join(", ")} in ${place}, which the configuration does not grant`]),
    ...(withoutTls && bucket === tlsOnlyBucket ? [`${described(who)} may reach ${place} without TLS`] : []),
  ];
}

/** Where credentials and tokens live longer or shorter, and who has some that nobody is meant to have. */
export function lifeDifferences(principals: readonly Principal[], promised: readonly Life[]): string[] {
  const lives = new Map(promised.map((life) => [described(life.who), life]));
  return principals.flatMap((principal) => {
    const who = described(principal);
    const { credentials } = principal;
    if (credentials === undefined) return [];
    const life = lives.get(who);
    return life === undefined
      ? [`${who} can get credentials, which the configuration does not grant`]
      : lifeFaults(life, credentials).map((fault) => `${who}: ${fault}`);
  });
}

function lifeFaults({ seconds, tokenMinutes, refreshDays }: Life, { seconds: found, token }: Credentials): string[] {
  const kind = token?.kind ?? "token";
  const words = (value: number | undefined, unit: string) => (value === undefined ? "not at all" : `${value} ${unit}`);
  return [
    ...(seconds === found ? [] : [`credentials live ${found} s; the configuration says ${seconds}`]),
    ...(tokenMinutes === token?.minutes
      ? []
      : [`${kind}s are valid ${words(token?.minutes, "min")}; the configuration says ${words(tokenMinutes, "min")}`]),
    ...(refreshDays === token?.refreshDays
      ? []
      : [
          `${kind}s are renewed for ${words(token?.refreshDays, "days")}; the configuration says ${words(refreshDays, "days")}`,
        ]),
  ];
}
