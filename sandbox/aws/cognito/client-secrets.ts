import { randomBytes } from "node:crypto";
import { CognitoFault, type Json } from "./fault";

interface ClientSecret {
  readonly id: string;
  readonly value: string;
  /** Seconds since 1970, as Cognito's JSON has times. */
  readonly created: number;
}

/** Cognito's own limit: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html */
const MOST_SECRETS = 2;

/**
 * The secrets of app clients that have ever had a second one, which the emulator does not know. What `DescribeUserPoolClient`
 * says once the first is deleted has not been seen of Cognito: here it then has no secret.
 */
export class ClientSecrets {
  private readonly clients = new Map<string, readonly ClientSecret[]>();

  private readonly startedAt: number;

  constructor(private readonly now: () => number = Date.now) {
    this.startedAt = Math.floor(now() / 1000);
  }

  /** The secrets that a client may prove itself by. @param first the one that the emulator made with the client. */
  accepted(clientId: string, first: string | undefined): readonly string[] {
    const known = this.clients.get(clientId)?.map(({ value }) => value);
    return known ?? (first === undefined ? [] : [first]);
  }

  /** A client as Cognito describes it. @param client the emulator's description. */
  described(client: Json): Json {
    const { ClientSecret: first, ...rest } = client;
    const known = this.clients.get(String(client.ClientId));
    return known === undefined || known.some(({ value }) => value === first) ? client : rest;
  }

  /** @param client the emulator's description. @throws {CognitoFault} as Cognito refuses. */
  add(client: Json, wanted: unknown): Json {
    const clientId = String(client.ClientId);
    const secrets = this.of(client);
    if (secrets.length === 0) throw refused(`Client ${clientId} has no secret`);
    if (secrets.length >= MOST_SECRETS) {
      throw new CognitoFault("LimitExceededException", `Client ${clientId} has ${MOST_SECRETS} secrets already`);
    }
    const milliseconds = this.now();
    const value = typeof wanted === "string" ? wanted : randomBytes(26).toString("hex").slice(0, 51);
    const added = { id: `${clientId}--${milliseconds}`, value, created: milliseconds / 1000 };
    this.clients.set(clientId, [...secrets, added]);
    return {
      ClientSecretDescriptor: { ...listed(added), ...(wanted === undefined ? { ClientSecretValue: value } : {}) },
    };
  }

  /** @param client the emulator's description. */
  list(client: Json): Json {
    return { ClientSecrets: this.of(client).map(listed) };
  }

  /** @param client the emulator's description. @throws {CognitoFault} as Cognito refuses. */
  delete(client: Json, id: unknown): Json {
    const secrets = this.of(client);
    const others = secrets.filter((secret) => secret.id !== id);
    if (others.length === secrets.length) {
      throw new CognitoFault("ResourceNotFoundException", `Client secret ${id} does not exist`);
    }
    if (others.length === 0) throw refused("The last secret of a client cannot be deleted");
    this.clients.set(String(client.ClientId), others);
    return {};
  }

  private of({ ClientId, ClientSecret, CreationDate }: Json): readonly ClientSecret[] {
    const known = this.clients.get(String(ClientId));
    if (known !== undefined) return known;
    if (typeof ClientSecret !== "string") return [];
    // The emulator forgets when it made a client.
    const created = typeof CreationDate === "number" ? CreationDate : this.startedAt;
    return [{ id: `${ClientId}--${Math.round(created * 1000)}`, value: ClientSecret, created }];
  }
}

function listed({ id, created }: ClientSecret): Json {
  return { ClientSecretId: id, ClientSecretCreateDate: created };
}

function refused(message: string): CognitoFault {
  return new CognitoFault("InvalidParameterException", message);
}
