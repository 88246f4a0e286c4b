import { existsSync } from "node:fs";
import type { ClientActivity } from "../access/client-activity";
import type { ClientRole } from "../access/client-role";
import { secretFingerprint } from "../terminal/secret-fingerprint";
import { FleetError, iso } from "./change";
import type { ClientSecrets, ListedSecret } from "./client-secrets";
import { faultOf, type Operator, serverOf } from "./command";
import { HandoverFile } from "./handover-file";

/** What `rotate` is asked for; without `to`, `finish` and `cancel` it says where the rotation is. */
export interface RotationRequest {
  readonly environment: string;
  readonly action: "rotate";
  readonly name: string;
  /** The file for the new secret. */
  readonly to?: string | undefined;
  /** The fingerprint that the server must have said; empty for one that says none. */
  readonly finish?: string | undefined;
  readonly cancel: boolean;
  readonly yes: boolean;
}

export interface RotationOperator extends Operator {
  /** @param accountId the AWS account of who asks. */
  secrets(accountId: string): Promise<ClientSecrets>;
}

/**
 * One step of changing a server's secret. How far it is, is what Cognito lists: one secret is before or after, two are
 * in between, and the older is the old one.
 * @throws {FleetError} where the step cannot be made; nothing is lost by it.
 */
export async function rotate(request: RotationRequest, operator: RotationOperator): Promise<void> {
  const { fleet, print } = operator;
  const { arn } = await operator.identify();
  const server = serverOf(request.name, await fleet.servers());
  const secrets = await operator.secrets(arn.split(":")[4] ?? "");
  const [old, added, ...more] = await secrets.list(server.clientId);
  if (old === undefined || more.length > 0)
    throw new FleetError(`${request.name} has ${more.length + (old ? 2 : 0)} secrets, not one or two: look in Cognito`);
  if (added === undefined) {
    if (request.to !== undefined && request.finish === undefined && !request.cancel)
      return begin(request.to, server, secrets, print);
    print(`${request.name}: one secret, made ${iso(old.createdAt)}; no rotation is under way`);
    if (request.finish === undefined && !request.cancel) print("  begin one with --to FILE");
    return;
  }
  const between = { server, secrets, old, added, seen: await activityOf(server, operator) };
  if (request.finish !== undefined || request.cancel) return end(request, between, operator);
  describe(between, print);
  if (request.to === undefined || existsSync(request.to)) return;
  throw new FleetError(
    `${request.to} was not written: the value of a secret is told once, when it is made. If it is lost, take the new secret away with --cancel and begin again`,
  );
}

/** A server that has two secrets. */
interface Between {
  readonly server: ClientRole;
  readonly secrets: ClientSecrets;
  readonly old: ListedSecret;
  readonly added: ListedSecret;
  /** Undefined for never. */
  readonly seen: ClientActivity | undefined;
}

async function begin(
  to: string,
  { serverName, clientId }: ClientRole,
  secrets: ClientSecrets,
  print: (line: string) => void,
): Promise<void> {
  const file = new HandoverFile(to);
  try {
    const added = await secrets.add(clientId);
    const fingerprint = await secretFingerprint(added.value);
    try {
      file.write(handoverText(serverName, added.value, fingerprint));
    } catch (error) {
      await takeBack(secrets, clientId, added.id, error);
    }
    print(`${serverName}: a second secret, fingerprint ${fingerprint}, is in ${to}; both work from now on`);
    print("  1. put its line in the place of COGNITO_CLIENT_SECRET in the server's settings, and remove the file");
    print(`  2. on the server, oidc-s3 doctor must show the fingerprint ${fingerprint} and pass`);
    print(`  3. then: rotate ${serverName} --finish ${fingerprint}. To go back instead: rotate ${serverName} --cancel`);
  } finally {
    file.close();
  }
}

/** A secret that nobody knows must not stay. */
async function takeBack(secrets: ClientSecrets, clientId: string, id: string, cause: unknown): Promise<never> {
  const why = `the new secret could not be handed over: ${faultOf(cause)}`;
  try {
    await secrets.remove(clientId, id);
  } catch (error) {
    throw new FleetError(`${why}; nor could it be taken away again: ${faultOf(error)}. Do so with --cancel`);
  }
  throw new FleetError(`${why}; it was taken away again, and the old one works as before`);
}

function handoverText(serverName: string, value: string, fingerprint: string): string {
  if (!/^[\w+]+$/.test(value)) throw new FleetError("Cognito made a secret with characters that it says it never uses");
  return [
    `# The new client secret of ${serverName}, fingerprint ${fingerprint}. Put this line in the place of the old one in`,
    "# /etc/oidc-s3/config.env, run oidc-s3 doctor, and remove this file.",
    `COGNITO_CLIENT_SECRET="${value}"`,
    "",
  ].join("\n");
}

function describe({ server, old, added, seen }: Between, print: (line: string) => void): void {
  print(
    `${server.serverName}: two secrets: the old one, made ${iso(old.createdAt)}, and the new one, ${iso(added.createdAt)}`,
  );
  print(`  ${seenSince(added.createdAt, seen)}`);
  print("  --finish FINGERPRINT, of the new one, takes the old one away; --cancel takes the new one away");
}

/** When the server was seen, by which secret: at once where it says another one than before, else every six hours. */
function seenSince(madeAt: number, seen: ClientActivity | undefined): string {
  if (seen === undefined) return "the server was never given credentials";
  const { lastSeen, secretFingerprint } = seen;
  const by =
    secretFingerprint === undefined
      ? "and did not say by which secret: oidc-s3 doctor on the server shows its fingerprint"
      : `by the secret with the fingerprint ${secretFingerprint}`;
  return lastSeen >= madeAt
    ? `the server was given credentials since, noted last at ${iso(lastSeen)}, ${by}`
    : `the server is not known to have been given credentials since: noted last at ${iso(lastSeen)}, ${by}`;
}

/** @throws {FleetError} where the server has not said, since the new secret was made, that it is the one it uses. */
function requireInUse({ server, added, seen }: Between, fingerprint: string): void {
  if (seen?.secretFingerprint === fingerprint && seen.lastSeen >= added.createdAt) return;
  throw new FleetError(
    `nothing was done: the new secret, ${fingerprint}, is not known to be in use by ${server.serverName}. ` +
      "Run oidc-s3 doctor on the server, or wait for its next renewal, then run this again; " +
      "where its client says no fingerprint, compare that of oidc-s3 doctor and leave it out here",
  );
}

async function end(
  { finish, yes }: RotationRequest,
  between: Between,
  { ask, print }: RotationOperator,
): Promise<void> {
  const { server, secrets, old, added } = between;
  const finishes = finish !== undefined;
  const [kept, gone] = finishes ? [added, old] : [old, added];
  describe(between, print);
  if (finish) requireInUse(between, finish);
  const question = `take the ${finishes ? "old" : "new"} secret of ${server.serverName} away for ever, made ${iso(gone.createdAt)}? A server that still has it gets no tokens any more.`;
  if (!yes) {
    if (ask === undefined) throw new FleetError(`${question} Nobody can be asked here: add --yes`);
    if (!(await ask(question))) throw new FleetError("nothing was done");
  }
  await secrets.remove(server.clientId, gone.id);
  print(`${server.serverName}: the ${finishes ? "new" : "old"} secret is the only one, made ${iso(kept.createdAt)}`);
  if (finishes) print("  server_secrets of Terraform does not have it: docs/operations.md#rotation-without-downtime");
}

async function activityOf({ clientId }: ClientRole, { fleet }: Operator): Promise<ClientActivity | undefined> {
  const seen = (await fleet.activity()).get(clientId);
  if (seen instanceof FleetError) throw seen;
  return seen;
}
