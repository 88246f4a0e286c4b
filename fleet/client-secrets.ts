import {
  AddUserPoolClientSecretCommand,
  type CognitoIdentityProviderClient,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolDomainCommand,
  ListUserPoolClientSecretsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Deployment } from "../access/names";
import { userPoolDomain } from "../access/user-pool";
import { FleetError } from "./change";

/** A secret as Cognito lists it, without its value. */
export interface ListedSecret {
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

/** The secrets of the app clients in one environment's user pool: one each, and two during a rotation. */
export class ClientSecrets {
  private constructor(
    private readonly cognito: CognitoIdentityProviderClient,
    private readonly userPoolId: string,
  ) {}

  /** Finds the user pool by its domain. @throws {FleetError} where there is none. */
  static async of(cognito: CognitoIdentityProviderClient, deployment: Deployment, accountId: string) {
    const Domain = userPoolDomain(deployment, accountId);
    const { DomainDescription } = await cognito.send(new DescribeUserPoolDomainCommand({ Domain }));
    const id = DomainDescription?.UserPoolId;
    if (id) return new ClientSecrets(cognito, id);
    throw new FleetError(`no user pool has the domain ${Domain}: see whose credentials these are: npm run check-aws`);
  }

  /** The oldest first. */
  async list(clientId: string): Promise<ListedSecret[]> {
    const { ClientSecrets: found = [] } = await this.cognito.send(
      new ListUserPoolClientSecretsCommand({ UserPoolId: this.userPoolId, ClientId: clientId }),
    );
    const secrets = found.map(({ ClientSecretId: id, ClientSecretCreateDate: created }) => {
      if (id === undefined || created === undefined)
        throw new FleetError("Cognito lists a secret without its id or its time: look at it in the console");
      return { id, created: created.getTime() };
    });
    const ordered = secrets.sort((a, b) => a.created - b.created);
    return ordered.map(({ id, created }) => ({ id, createdAt: Math.floor(created / 1000) }));
  }

  /** Has Cognito make one more, and tells its value, which nobody can read again. */
  async add(clientId: string): Promise<{ readonly id: string; readonly value: string }> {
    const { ClientSecretDescriptor: added } = await this.cognito.send(
      new AddUserPoolClientSecretCommand({ UserPoolId: this.userPoolId, ClientId: clientId }),
    );
    const { ClientSecretId: id, ClientSecretValue: value } = added ?? {};
    if (id !== undefined && value !== undefined) return { id, value };
    throw new FleetError("Cognito made a secret and did not tell it: take it away with --cancel, and begin again");
  }

  /** One that is gone already is no fault. */
  async remove(clientId: string, id: string): Promise<void> {
    try {
      await this.cognito.send(
        new DeleteUserPoolClientSecretCommand({ UserPoolId: this.userPoolId, ClientId: clientId, ClientSecretId: id }),
      );
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }
}
