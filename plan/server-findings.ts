import { MAX_SESSION_SECONDS } from "../access/client-role";
import { SCOPES } from "../access/permission-level";
import type { ChangeKind } from "./change-kind";
import { type Finding, widening } from "./finding";
import { grantChange } from "./grant-change";
import { grantFindings } from "./grant-findings";
import { conjunction, scopesInGrants } from "./grant-words";
import { NO_GRANTS } from "./grants";
import type { ServerAccessView } from "./server-access";

/** What of a server's access changes, in words; for a new server what it may do, for one that goes what it could. */
export function accessFindings(kind: ChangeKind, before: ServerAccessView, after: ServerAccessView): Finding[] {
  const fresh = kind === "added";
  if (kind === "removed") return grantFindings(before.grants, after.grants);
  return [
    ...grantFindings(before.grants ?? (fresh ? NO_GRANTS : undefined), after.grants, fresh),
    ...(fresh ? [] : [...trustFindings(before, after), ...boundaryFindings(before, after)]),
    ...(fresh ? [] : scopeFindings(before, after)),
    ...prefixFindings(before, after),
    ...lifetimeFindings(before, after, fresh),
  ];
}

function trustFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  return grantFindings(before.trust, after.trust).map(({ text, ...mark }) => ({ text: `its role: ${text}`, ...mark }));
}

function boundaryFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  const [was, is] = [before.permissionsBoundary, after.permissionsBoundary];
  if (was === is) return [];
  if (was === undefined) return [{ text: "its role gets a permissions boundary" }];
  return [
    widening(
      is === undefined ? "its role loses its permissions boundary" : "its role's permissions boundary is another",
    ),
  ];
}

/** Scopes that change without the role's policies doing the same; with them the policies' words say it all. */
function scopeFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  const change = grantChange(before.grants, after.grants);
  const [toldGained, toldLost] = [scopesInGrants(change.gained), scopesInGrants(change.lost)];
  const difference = (a: ServerAccessView, b: ServerAccessView, told: ReadonlySet<string>) => {
    const [inA, inB] = [allowedScopes(a), allowedScopes(b)];
    return inA === undefined || inB === undefined
      ? []
      : SCOPES.filter((scope) => inA.has(scope) && !inB.has(scope) && !told.has(scope));
  };
  const gained = difference(after, before, toldGained);
  const lost = difference(before, after, toldLost);
  return [
    ...(gained.length > 0 ? [widening(`its client may now also get the ${scopeWord(gained)}`)] : []),
    ...(lost.length > 0 ? [{ text: `its client may no longer get the ${scopeWord(lost)}` }] : []),
  ];
}

function scopeWord(scopes: readonly string[]): string {
  return `${scopes.length === 1 ? "scope" : "scopes"} ${conjunction(scopes)}`;
}

/** What the vending API would grant: the scopes that both the client and the table item allow. */
function allowedScopes({ clientScopes, mapping }: ServerAccessView): ReadonlySet<string> | undefined {
  if (clientScopes === undefined || mapping === undefined) return clientScopes;
  return new Set(mapping.allowedScopes.filter((scope) => clientScopes.has(scope)));
}

function prefixFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  const [was, is] = [before.mapping?.s3PathPrefix, after.mapping?.s3PathPrefix];
  if (was === undefined || is === undefined || was === is) return [];
  return [{ text: `its prefix was ${was} and becomes ${is}: objects stay where they are, its settings must follow` }];
}

function lifetimeFindings(before: ServerAccessView, after: ServerAccessView, fresh: boolean): Finding[] {
  const findings: Finding[] = [];
  const add = (what: string, unit: string, was: number | undefined, is: number | undefined) => {
    if (was === undefined || is === undefined || was === is) return;
    findings.push(widening(`${what} live at most ${is} ${unit} instead of ${was}`, is > was));
  };
  if (!fresh) {
    add("its credentials", "seconds", before.mapping?.maxSessionDuration, after.mapping?.maxSessionDuration);
    add("its access tokens", "minutes", before.accessTokenMinutes, after.accessTokenMinutes);
  } else if (after.mapping && after.mapping.maxSessionDuration !== MAX_SESSION_SECONDS) {
    findings.push({ text: `its credentials live at most ${after.mapping.maxSessionDuration} seconds` });
  }
  return findings;
}
