import { SCOPES, type Scope, scopesOf } from "../../access/permission-level";
import { prefixesOverlap } from "../../access/prefix";
import type { ServerConfig } from "../../config/schema/types";
import type { Cloud } from "../cloud/cloud";
import { type CheckRow, type Verdict, verdictOf } from "./check-row";
import { BucketTrials, OPERATIONS, type Operation, SCOPE_OF } from "./loop-objects";
import { OAuthError, requestCredentials, requestToken } from "./vending-client";

/** With hundreds of servers, trying every prefix with every server would take all day and prove no more. */
const MOST_OTHERS = 3;

/** Places beside a server's prefix that it must not reach: one that begins alike, and those of the next servers. */
export function placesOutside(server: ServerConfig, all: readonly ServerConfig[]): string[] {
  const own = server.s3PathPrefix;
  const position = all.indexOf(server);
  const next = [...all.slice(position + 1), ...all.slice(0, position)].map(({ s3PathPrefix }) => s3PathPrefix);
  const others = [...new Set(next)].filter((prefix) => !prefixesOverlap(prefix, own));
  return [`${own.slice(0, -1)}-beside/`, ...others.slice(0, MOST_OTHERS)];
}

/** What one server gets for its client id and secret, and what it must not get. */
export async function tokenRows(cloud: Cloud, server: ServerConfig): Promise<CheckRow[]> {
  const settings = cloud.settingsOf(server.name);
  const scopes = scopesOf(server.s3Permissions);
  const missing = SCOPES.find((scope) => !scopes.includes(scope));
  const wrongSecret = { ...settings, COGNITO_CLIENT_SECRET: `${settings.COGNITO_CLIENT_SECRET}x` };
  const row = (operation: string, where: string, mustBe: CheckRow["mustBe"], verdict: Verdict): CheckRow => ({
    subject: server.name,
    operation,
    where,
    mustBe,
    verdicts: [verdict],
  });
  const atTokenEndpoint = (attempt: () => Promise<unknown>, code: string) =>
    verdictOf("token endpoint", attempt, refusedWith(code));
  const vend = async () => {
    await requestCredentials(settings, await requestToken(settings), cloud.awsEndpoint);
  };
  return [
    row("token", "its own secret", "allowed", await atTokenEndpoint(() => requestToken(settings), "invalid_client")),
    row("token", "a wrong secret", "refused", await atTokenEndpoint(() => requestToken(wrongSecret), "invalid_client")),
    ...(missing === undefined
      ? []
      : [
          row(
            "token",
            `scope ${missing}`,
            "refused",
            await atTokenEndpoint(() => requestToken(settings, [missing]), "invalid_scope"),
          ),
        ]),
    row("credentials", "for its token", "allowed", await verdictOf("vending API", vend, refusedWith("unknown_client"))),
  ];
}

/** A token for reading alone gives credentials that cannot write, though the role could. */
export async function narrowedRows(cloud: Cloud, server: ServerConfig): Promise<CheckRow[]> {
  if (!scopesOf(server.s3Permissions).includes("read")) return [];
  const settings = cloud.settingsOf(server.name);
  const token = await requestToken(settings, ["read"]);
  const config = await requestCredentials(settings, token, cloud.awsEndpoint);
  const trials = new BucketTrials(config, cloud.foundation.bucket_name, "policy evaluation");
  const row = async (operation: Operation, mustBe: CheckRow["mustBe"]): Promise<CheckRow> => ({
    subject: server.name,
    operation,
    where: "inside, token for read alone",
    mustBe,
    verdicts: [await trials.try(operation, server.s3PathPrefix)],
  });
  const rows = [await row("get", "allowed"), await row("put", "refused")];
  trials.close();
  return rows;
}

/** Everything in and beside a server's prefix, as the authority decides it. */
export async function objectVerdicts(
  trials: BucketTrials,
  operations: readonly Operation[],
  server: ServerConfig,
  outside: readonly string[],
): Promise<Map<string, Verdict[]>> {
  const verdicts = new Map<string, Verdict[]>();
  for (const operation of operations) {
    verdicts.set(`${operation} inside`, [await trials.try(operation, server.s3PathPrefix)]);
    const beside: Verdict[] = [];
    for (const prefix of outside) beside.push(await trials.try(operation, prefix));
    verdicts.set(`${operation} outside`, beside);
  }
  return verdicts;
}

/** The rows of a server's operations, of all that was decided about each. */
export function objectRows(
  server: ServerConfig,
  outside: readonly string[],
  decided: readonly ReadonlyMap<string, readonly Verdict[]>[],
): CheckRow[] {
  const scopes: readonly Scope[] = scopesOf(server.s3Permissions);
  return (["inside", "outside"] as const).flatMap((place) =>
    OPERATIONS.map((operation) => ({
      subject: server.name,
      operation,
      where: place === "inside" ? `inside ${server.s3PathPrefix}` : `outside: ${outside.join(" ")}`,
      mustBe: place === "inside" && scopes.includes(SCOPE_OF[operation]) ? ("allowed" as const) : ("refused" as const),
      verdicts: decided.flatMap((verdicts) => verdicts.get(`${operation} ${place}`) ?? []),
    })),
  );
}

function refusedWith(code: string) {
  return (error: unknown): string | undefined =>
    error instanceof OAuthError && error.code === code ? `${error.status} ${code}` : undefined;
}
