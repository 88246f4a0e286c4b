import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Accounts, srpIdentity } from "./accounts";
import type { Finish } from "./challenge-sessions";
import type { Challenges } from "./challenges";
import { type Directory, type DirectoryUser, type PoolClient, poolName } from "./directory";
import type { Lockout } from "./lockout";
import type { Verifier } from "./passwords";
import { checkSecretHash } from "./secret-hash";
import { incorrect, invalidParameter, type Json, notAuthorized, object, ServiceError, text } from "./service-error";
import { COGNITO_GROUP, fromBytes, passwordClaim, type ServerKeys, serverKeys, sharedKey } from "./srp";
import type { TokenCalls } from "./token-calls";

const FLOWS: Readonly<Record<string, { readonly permission: string; readonly refusal: string }>> = {
  USER_SRP_AUTH: { permission: "ALLOW_USER_SRP_AUTH", refusal: "USER_SRP_AUTH is not enabled for the client." },
  USER_PASSWORD_AUTH: {
    permission: "ALLOW_USER_PASSWORD_AUTH",
    refusal: "USER_PASSWORD_AUTH flow not enabled for this client",
  },
  ADMIN_USER_PASSWORD_AUTH: {
    permission: "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    refusal: "Auth flow not enabled for this client",
  },
  REFRESH_TOKEN_AUTH: { permission: "ALLOW_REFRESH_TOKEN_AUTH", refusal: "Auth flow not enabled for this client" },
};

interface Exchange {
  readonly client: PoolClient;
  /** Undefined for a name that nobody has: the exchange goes on all the same. */
  readonly user: DirectoryUser | undefined;
  readonly name: string;
  readonly identity: string;
  readonly verifier: Verifier;
  readonly A: bigint;
  readonly keys: ServerKeys;
  readonly until: number;
}

export interface SignInParts {
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly lockout: Lockout;
  readonly challenges: Challenges;
  readonly tokenCalls: TokenCalls;
  readonly now: () => number;
}

/** How people prove their password: InitiateAuth, and the answer to PASSWORD_VERIFIER. */
export class PasswordSignIn {
  /** By SECRET_BLOCK; a block can be answered once. */
  private readonly exchanges = new Map<string, Exchange>();

  constructor(private readonly parts: SignInParts) {}

  async initiate(input: Json, client: PoolClient, isAdministrator: boolean): Promise<Json> {
    const flow = text(input, "AuthFlow").replace(/^ADMIN_NO_SRP_AUTH$/, "ADMIN_USER_PASSWORD_AUTH");
    const known = FLOWS[flow === "REFRESH_TOKEN" ? "REFRESH_TOKEN_AUTH" : flow];
    if (known === undefined) throw invalidParameter(`Unsupported auth flow ${flow}`);
    if (flow.startsWith("ADMIN_") && !isAdministrator) throw invalidParameter("Initiate Auth method not supported.");
    if (!client.authFlows.includes(known.permission)) throw invalidParameter(known.refusal);
    const parameters = object(input, "AuthParameters");
    if (flow.startsWith("REFRESH_")) return this.parts.tokenCalls.refreshByFlow(parameters, client);
    const name = text(parameters, "USERNAME");
    checkSecretHash(client, parameters, name);
    return flow === "USER_SRP_AUTH"
      ? this.startSrp(client, name, text(parameters, "SRP_A"))
      : this.byPassword(client, name, text(parameters, "PASSWORD"), this.parts.tokenCalls.finish);
  }

  /** RespondToAuthChallenge for PASSWORD_VERIFIER. */
  async verify(responses: Json, client: PoolClient): Promise<Json> {
    const { lockout, challenges, tokenCalls, now } = this.parts;
    const block = text(responses, "PASSWORD_CLAIM_SECRET_BLOCK");
    const claim = Buffer.from(text(responses, "PASSWORD_CLAIM_SIGNATURE"), "base64");
    const timestamp = text(responses, "TIMESTAMP");
    if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [1-9]\d? \d\d:\d\d:\d\d UTC \d{4}$/.test(timestamp)) {
      throw invalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.");
    }
    const exchange = this.exchanges.get(block);
    this.exchanges.delete(block);
    if (exchange === undefined || exchange.client.clientId !== client.clientId || exchange.until <= now()) {
      throw incorrect();
    }
    checkSecretHash(client, responses, text(responses, "USERNAME"), exchange.name);
    const { user, name, A, keys, verifier, identity } = exchange;
    const locked = user?.username ?? name;
    lockout.check(client.poolId, locked);
    const key = sharedKey(A, verifier.v, keys);
    const expected = passwordClaim(key ?? randomBytes(16), identity, block, timestamp);
    const isProved = claim.length === expected.length && timingSafeEqual(claim, expected);
    if (!isProved || key === undefined || user === undefined) {
      lockout.failed(client.poolId, locked);
      throw incorrect();
    }
    lockout.succeeded(client.poolId, locked);
    return challenges.afterPassword(client, user, tokenCalls.finish);
  }

  /** The password itself: for clients that may send it, and for the login page. */
  async byPassword(client: PoolClient, name: string, password: string, finish: Finish): Promise<Json> {
    const { accounts, lockout, challenges } = this.parts;
    const user = await this.find(client, name);
    const locked = user?.username ?? name;
    lockout.check(client.poolId, locked);
    // A name that nobody has takes as long.
    if (user === undefined) accounts.fake(client.poolId, name);
    if (user === undefined || !accounts.isPassword(user, password)) {
      lockout.failed(client.poolId, locked);
      throw incorrect();
    }
    lockout.succeeded(client.poolId, locked);
    return challenges.afterPassword(client, user, finish);
  }

  private async startSrp(client: PoolClient, name: string, hexA: string): Promise<Json> {
    const { accounts, lockout, now } = this.parts;
    if (!/^[0-9a-fA-F]{1,1024}$/.test(hexA)) throw invalidParameter("Invalid SRP_A");
    const A = fromBytes(Buffer.from(hexA.padStart(1024, "0"), "hex"));
    // Otherwise S would be zero, whatever the password. The sentence is not AWS's.
    if (A % COGNITO_GROUP.N === 0n) throw notAuthorized("Invalid SRP_A");
    const user = await this.find(client, name);
    lockout.check(client.poolId, user?.username ?? name);
    const fake = accounts.fake(client.poolId, name);
    const { verifier = fake.verifier } = user === undefined ? {} : accounts.of(user);
    const username = user?.username ?? fake.username;
    const keys = serverKeys(verifier.v);
    const block = randomBytes(640).toString("base64");
    const identity = user === undefined ? `${poolName(client.poolId)}${username}` : srpIdentity(user);
    const until = now() + client.challengeSeconds * 1000;
    for (const [key, { until: old }] of this.exchanges) if (old <= now()) this.exchanges.delete(key);
    this.exchanges.set(block, { client, user, name, identity, verifier, A, keys, until });
    return {
      ChallengeName: "PASSWORD_VERIFIER",
      ChallengeParameters: {
        SALT: verifier.salt.toString("hex"),
        SECRET_BLOCK: block,
        SRP_B: keys.shared.toString(16),
        USERNAME: username,
        USER_ID_FOR_SRP: username,
      },
    };
  }

  /** @throws {ServiceError} for a name that nobody has, where the client does not hide that. */
  private async find(client: PoolClient, name: string): Promise<DirectoryUser | undefined> {
    const user = await this.parts.directory.user(client.poolId, name);
    if (user === undefined && !client.hidesUserExistence) {
      throw new ServiceError("UserNotFoundException", "User does not exist.");
    }
    return user;
  }
}
