import { setTimeout as sleep } from "node:timers/promises";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { LONGEST_VENDING_SECONDS } from "../../access/client-control";
import { clientTableName, serverRoleName } from "../../access/names";
import { scopesOf } from "../../access/permission-level";
import { REVOCATION_POLICY_NAME } from "../../access/session-revocation";
import type { ServerConfig } from "../../config/schema/types";
import { parseArguments } from "../../fleet/arguments";
import { type Request, runFleet } from "../../fleet/command";
import { Fleet } from "../../fleet/fleet";
import { identify } from "../../fleet/main";
import type { Cloud } from "../cloud/cloud";
import type { ClientConfig } from "../process/administrator";
import { type CheckRow, type Verdict, verdictOf } from "./checks";
import { BucketTrials, type Operation } from "./object-checks";
import { refusedWith, requestCredentials, requestToken } from "./token-checks";

/** Milliseconds by which what the command does is in force. */
const IN_FORCE_WITHIN_MS = 5_000;
const WHY = ["--reason", "the sandbox shows it"];

/** The server that may do most, since most can be taken from it. */
export function serverToControl(servers: readonly ServerConfig[]): ServerConfig | undefined {
  return [...servers].sort((a, b) => scopesOf(b.s3Permissions).length - scopesOf(a.s3Permissions).length)[0];
}

/**
 * An operator switches one server off and on, lets it write only, and ends what it holds, by `npm run fleet`, with no
 * deployment; the server tries each time what it still gets. In the end it is under no control, as before.
 */
export async function runFleetScenario(
  cloud: Cloud,
  server: ServerConfig,
  { progress, signal }: { readonly progress: (line: string) => void; readonly signal: AbortSignal },
): Promise<CheckRow[]> {
  progress(`${server.name} is switched off and on, may write only, and loses what it holds, without a deployment`);
  const controlled = new ControlledServer(cloud, server);
  try {
    await controlled.isSwitchedOff();
    const session = await controlled.isSwitchedOn();
    await controlled.isQuarantined();
    await controlled.isRevoked(session, signal);
    return controlled.rows;
  } finally {
    await controlled.forget();
  }
}

class ControlledServer {
  readonly rows: CheckRow[] = [];
  private readonly dynamodb: DynamoDBClient;
  private readonly iam: IAMClient;
  private readonly settings: Readonly<Record<string, string>>;

  constructor(
    private readonly cloud: Cloud,
    private readonly server: ServerConfig,
  ) {
    this.dynamodb = new DynamoDBClient(cloud.clientConfig);
    this.iam = new IAMClient(cloud.clientConfig);
    this.settings = cloud.settingsOf(server.name);
  }

  async isSwitchedOff(): Promise<void> {
    const start = performance.now();
    await this.command("disable", ...WHY);
    const refused = await this.vend("client_disabled");
    const elapsed = performance.now() - start;
    const late = { by: "vending API", outcome: "failed", why: `after ${Math.round(elapsed / 1000)} s` } as const;
    this.add("credentials", "once it is disabled", "refused", elapsed > IN_FORCE_WITHIN_MS ? late : refused.verdict);
  }

  /** @returns what it holds from now on. */
  async isSwitchedOn(): Promise<{ readonly token: string; readonly config: ClientConfig }> {
    await this.command("enable");
    const vended = await this.vend("client_disabled");
    this.add("credentials", "once it is enabled again", "allowed", vended.verdict);
    if (vended.config === undefined) throw new Error(`${this.server.name} has no credentials: ${vended.verdict.why}`);
    return { token: vended.token, config: vended.config };
  }

  async isQuarantined(): Promise<void> {
    const scopes = scopesOf(this.server.s3Permissions);
    if (!scopes.includes("write") || !scopes.includes("read")) return;
    await this.command("quarantine", ...WHY);
    const { config } = await this.vend("client_disabled");
    this.add("put", "in quarantine", "allowed", await this.trial("put", config));
    this.add("get", "in quarantine", "refused", await this.trial("get", config));
    await this.command("enable");
  }

  async isRevoked(
    { token, config }: { readonly token: string; readonly config: ClientConfig },
    signal: AbortSignal,
  ): Promise<void> {
    await this.command("revoke", ...WHY);
    const after = sleep((LONGEST_VENDING_SECONDS + 1) * 1000, undefined, { signal });
    const operation = scopesOf(this.server.s3Permissions).includes("write") ? "put" : "get";
    this.add(operation, "by a session that was revoked", "refused", await this.trialUntilRefused(operation, config));
    const replayed = await verdictOf(
      "vending API",
      () => requestCredentials(this.settings, token, this.cloud.awsEndpoint),
      refusedWith("invalid_token"),
    );
    this.add("credentials", "for a token that was revoked", "refused", replayed);
    await after;
    const vended = await this.vend("invalid_token");
    this.add("credentials", "for a new token, by its secret", "allowed", vended.verdict);
    this.add(operation, "by a new session", "allowed", await this.trial(operation, vended.config));
  }

  /** The emulator's own IAM knows no conditions, and would take the denial of old sessions for one of all. */
  async forget(): Promise<void> {
    const { foundation } = this.cloud.config;
    await this.iam
      .send(
        new DeleteRolePolicyCommand({
          RoleName: serverRoleName(foundation, this.server.name),
          PolicyName: REVOCATION_POLICY_NAME,
        }),
      )
      .catch((error: Error) => {
        if (error.name !== "NoSuchEntityException") throw error;
      });
    const Key = { client_id: { S: this.settings.COGNITO_CLIENT_ID ?? "" } };
    await this.dynamodb.send(new DeleteItemCommand({ TableName: clientTableName(foundation, "controls"), Key }));
    this.dynamodb.destroy();
    this.iam.destroy();
  }

  private async command(action: string, ...options: readonly string[]): Promise<void> {
    const { config, clientConfig } = this.cloud;
    const said: string[] = [];
    const right = await runFleet(parseArguments([config.name, action, this.server.name, ...options]) as Request, {
      fleet: new Fleet(this.dynamodb, this.iam, config.foundation),
      identify: () => identify(new STSClient(clientConfig)),
      print: (line) => said.push(line),
    });
    if (!right) throw new Error(`npm run fleet -- ${config.name} ${action} ${this.server.name}:\n${said.join("\n")}`);
  }

  private async vend(refusal: string) {
    const token = await requestToken(this.settings);
    let config: ClientConfig | undefined;
    const attempt = async () => {
      config = await requestCredentials(this.settings, token, this.cloud.awsEndpoint);
    };
    return { verdict: await verdictOf("vending API", attempt, refusedWith(refusal)), token, config };
  }

  private async trial(operation: Operation, config: ClientConfig | undefined): Promise<Verdict> {
    const by = "policy evaluation";
    if (config === undefined) return { by, outcome: "failed", why: "it has no credentials" };
    const trials = new BucketTrials(config, this.cloud.foundation.bucket_name, by);
    const verdict = await trials.try(operation, this.server.s3PathPrefix);
    trials.close();
    return verdict;
  }

  /** A policy on a role is not in force at once, neither at AWS nor here. */
  private async trialUntilRefused(operation: Operation, config: ClientConfig): Promise<Verdict> {
    const end = performance.now() + IN_FORCE_WITHIN_MS;
    for (;;) {
      const verdict = await this.trial(operation, config);
      if (verdict.outcome !== "allowed" || performance.now() > end) return verdict;
      await sleep(250);
    }
  }

  private add(operation: string, where: string, expected: CheckRow["expected"], verdict: Verdict): void {
    this.rows.push({ subject: this.server.name, operation, where, expected, verdicts: [verdict] });
  }
}
