import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import {
  DeleteRolePolicyCommand,
  type IAMClient,
  NoSuchEntityException,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { type ClientActivity, ClientActivityError, parseClientActivityItem } from "../access/client-activity";
import {
  type ClientControl,
  ClientControlError,
  clientControlItem,
  noControl,
  parseClientControlItem,
} from "../access/client-control";
import { type ClientRole, parseClientRoleItem } from "../access/client-role";
import { clientTableName, type Deployment } from "../access/names";
import { policyJson } from "../access/policy";
import { REVOCATION_POLICY_NAME, revocationPolicy } from "../access/session-revocation";
import { FleetError } from "./change";

/** The servers of one environment, as the tables about clients have them. */
export class Fleet {
  private readonly roles: string;
  private readonly controls: string;
  private readonly activities: string;

  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly iam: IAMClient,
    deployment: Deployment,
  ) {
    this.roles = clientTableName(deployment, "roles");
    this.controls = clientTableName(deployment, "controls");
    this.activities = clientTableName(deployment, "activity");
  }

  /** Every server that is deployed, by name. */
  async servers(): Promise<Map<string, ClientRole>> {
    const servers = new Map<string, ClientRole>();
    for await (const { Items = [] } of paginateScan({ client: this.dynamodb }, { TableName: this.roles }))
      for (const item of Items) {
        const role = parseClientRoleItem(item);
        servers.set(role.serverName, role);
      }
    return servers;
  }

  /** Every control by client id; the fault instead of one that is malformed. */
  async allControls(): Promise<Map<string, ClientControl | FleetError>> {
    const scan = { TableName: this.controls, ConsistentRead: true };
    const controls = new Map<string, ClientControl | FleetError>();
    for await (const { Items = [] } of paginateScan({ client: this.dynamodb }, scan))
      for (const item of Items) {
        const clientId = item.client_id?.S ?? "";
        controls.set(clientId, parsed(item, clientId));
      }
    return controls;
  }

  /** When each client was last seen; the fault instead of an item that is malformed. */
  async activity(): Promise<Map<string, ClientActivity | FleetError>> {
    const activity = new Map<string, ClientActivity | FleetError>();
    for await (const { Items = [] } of paginateScan({ client: this.dynamodb }, { TableName: this.activities }))
      for (const item of Items) activity.set(item.client_id?.S ?? "", activityIn(item));
    return activity;
  }

  /** @throws {FleetError} where it is malformed. */
  async control(clientId: string): Promise<ClientControl> {
    const { Item } = await this.dynamodb.send(
      new GetItemCommand({ TableName: this.controls, Key: { client_id: { S: clientId } }, ConsistentRead: true }),
    );
    const control = Item === undefined ? noControl(clientId) : parsed(Item, clientId);
    if (control instanceof FleetError) throw control;
    return control;
  }

  /**
   * Writes a control where nobody has changed it since it was read.
   * @param read the version that was read.
   * @throws {FleetError} where somebody has.
   */
  async write(control: ClientControl, read: number): Promise<void> {
    const same = "#version = :read";
    try {
      await this.dynamodb.send(
        new PutItemCommand({
          TableName: this.controls,
          Item: { ...clientControlItem(control) } as never,
          // Of a client without an item, or with one that was written by hand, the version is 0.
          ConditionExpression: read === 0 ? `attribute_not_exists(#version) OR ${same}` : same,
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":read": { N: String(read) } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new FleetError("somebody else has changed it this moment: look at status, then run this again if need be");
    }
  }

  /** Ends the sessions that its control revokes. Of two operators at once, the later time is what stays. */
  async denySessions(server: ClientRole, before: number): Promise<void> {
    const { clientId, roleArn } = server;
    const policy = policyJson(revocationPolicy(clientId, before));
    await this.iam.send(new PutRolePolicyCommand({ ...revocationOf(roleArn), PolicyDocument: policy }));
    const { tokensNotBefore = 0 } = await this.control(clientId);
    if (tokensNotBefore > before) await this.denySessions(server, tokensNotBefore);
  }

  /**
   * Takes the denial away, whose sessions have all ended by `now`. One that is gone already is no fault, and one that
   * another operator has put there this moment is put back: its control was written before.
   */
  async forgetSessions(server: ClientRole, now: number): Promise<void> {
    try {
      await this.iam.send(new DeleteRolePolicyCommand(revocationOf(server.roleArn)));
    } catch (error) {
      if (!(error instanceof NoSuchEntityException)) throw error;
    }
    const { tokensNotBefore, sessionsDeniedUntil = 0 } = await this.control(server.clientId);
    if (tokensNotBefore !== undefined && sessionsDeniedUntil > now) await this.denySessions(server, tokensNotBefore);
  }
}

function revocationOf(roleArn: string): { RoleName: string; PolicyName: string } {
  return { RoleName: roleArn.slice(roleArn.lastIndexOf("/") + 1), PolicyName: REVOCATION_POLICY_NAME };
}

function parsed(item: Readonly<Record<string, unknown>>, clientId: string): ClientControl | FleetError {
  try {
    return parseClientControlItem(item);
  } catch (error) {
    if (!(error instanceof ClientControlError)) throw error;
    return new FleetError(
      `is refused by the vending API: ${error.message}. Correct the item ${clientId} by hand, or delete it: docs/operations.md`,
    );
  }
}

function activityIn(item: Readonly<Record<string, unknown>>): ClientActivity | FleetError {
  try {
    return parseClientActivityItem(item);
  } catch (error) {
    if (!(error instanceof ClientActivityError)) throw error;
    return new FleetError(`${error.message}: delete it, and the next vending writes it anew`);
  }
}
