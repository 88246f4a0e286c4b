import { SigningKeys } from "../cognito/signing-key";
import { Accounts } from "./accounts";
import { Administration, type Forward } from "./administration";
import { ChallengeSessions } from "./challenge-sessions";
import { Challenges } from "./challenges";
import { CodeSender } from "./code-sender";
import type { Directory, PoolClient } from "./directory";
import { Lockout } from "./lockout";
import { Outbox } from "./outbox";
import { OwnAccount } from "./own-account";
import { PasswordChanges } from "./password-changes";
import { RefreshTokens } from "./refresh-tokens";
import { checkSecretHash } from "./secret-hash";
import { invalidParameter, type Json, notAuthorized, object, optionalText, ServiceError, text } from "./service-error";
import { PasswordSignIn } from "./sign-in";
import { TokenCalls } from "./token-calls";
import { Tokens } from "./tokens";

export interface PeopleOptions {
  readonly directory: Directory;
  readonly outbox?: Outbox;
  readonly keys?: SigningKeys;
  readonly now?: () => number;
}

type PublicCall = (input: Json) => Promise<Json> | Json;

/** The user pools' side of people: sign-in, tokens and accounts, behind the names of Cognito's operations. */
export class People {
  readonly outbox: Outbox;
  readonly keys: SigningKeys;
  readonly tokens: Tokens;
  readonly refreshTokens: RefreshTokens;
  readonly tokenCalls: TokenCalls;
  readonly passwords: PasswordSignIn;
  readonly challenges: Challenges;
  readonly ownAccount: OwnAccount;
  readonly directory: Directory;
  readonly now: () => number;
  private readonly administration: Administration;

  /** What anybody may ask, without a signature of AWS's. */
  private readonly publicCalls: Readonly<Record<string, PublicCall>> = {
    InitiateAuth: async (input) => this.passwords.initiate(input, await this.client(input), false),
    RespondToAuthChallenge: async (input) => this.respond(input, await this.client(input)),
    GetTokensFromRefreshToken: async (input) => this.tokenCalls.getTokens(input, await this.client(input)),
    RevokeToken: async (input) => this.tokenCalls.revoke(input, await this.client(input)),
    ForgotPassword: async (input) => this.changes.forgot(input, await this.client(input)),
    ConfirmForgotPassword: async (input) => this.changes.confirm(input, await this.client(input)),
    SignUp: async (input) => this.signUp(await this.client(input)),
    ChangePassword: (input) => this.ownAccount.changePassword(input),
    GetUser: (input) => this.ownAccount.get(input),
    GlobalSignOut: (input) => this.ownAccount.signOutEverywhere(input),
    AssociateSoftwareToken: (input) => this.ownAccount.associate(input),
    VerifySoftwareToken: (input) => this.ownAccount.verify(input),
    SetUserMFAPreference: (input) => this.ownAccount.prefer(input),
  };

  /** Of Cognito's operations without a signature, those that nobody here needs: the emulator must not pretend. */
  private readonly notServed = new Set([
    ...["ConfirmSignUp", "ResendConfirmationCode", "UpdateUserAttributes", "DeleteUserAttributes"],
    ...["DeleteUser", "GetUserAttributeVerificationCode", "VerifyUserAttribute", "SetUserSettings"],
    ...["ConfirmDevice", "ForgetDevice", "GetDevice", "ListDevices", "UpdateDeviceStatus", "GetUserAuthFactors"],
    ...["StartWebAuthnRegistration", "CompleteWebAuthnRegistration", "ListWebAuthnCredentials"],
    ...["DeleteWebAuthnCredential"],
  ]);
  private readonly changes: PasswordChanges;

  constructor({ directory, outbox, keys, now = Date.now }: PeopleOptions) {
    this.directory = directory;
    this.now = now;
    this.outbox = outbox ?? new Outbox();
    this.keys = keys ?? new SigningKeys();
    const accounts = new Accounts();
    const codes = new CodeSender(this.outbox, now);
    const sessions = new ChallengeSessions(now);
    const lockout = new Lockout(now);
    this.refreshTokens = new RefreshTokens(now);
    this.tokens = new Tokens(this.keys, directory, this.refreshTokens, now);
    this.tokenCalls = new TokenCalls(directory, this.tokens, this.refreshTokens);
    this.changes = new PasswordChanges(directory, accounts, codes, now);
    const common = { directory, accounts, codes, sessions, passwordChanges: this.changes, now };
    this.challenges = new Challenges(common);
    const { challenges, tokenCalls, tokens, refreshTokens } = this;
    this.passwords = new PasswordSignIn({ ...common, lockout, challenges, tokenCalls });
    this.ownAccount = new OwnAccount({ ...common, tokens, refreshTokens });
    this.administration = new Administration({ ...common, refreshTokens, ownAccount: this.ownAccount });
  }

  /** How an operation is answered, if it is answered here: by anybody, or by administrators only. */
  kindOf(operation: string): "public" | "administrator" | undefined {
    if (Object.hasOwn(this.publicCalls, operation) || this.notServed.has(operation)) return "public";
    const isOurs =
      Object.hasOwn(this.administration.calls, operation) ||
      operation === "AdminInitiateAuth" ||
      operation === "AdminRespondToAuthChallenge";
    return isOurs ? "administrator" : undefined;
  }

  /** @throws {ServiceError} as Cognito refuses. */
  async call(operation: string, input: Json, forward: Forward): Promise<Json> {
    if (operation === "AdminInitiateAuth") {
      return this.passwords.initiate(input, await this.clientOfPool(input), true);
    }
    if (operation === "AdminRespondToAuthChallenge") return this.respond(input, await this.clientOfPool(input));
    const administrative = this.administration.calls[operation];
    if (administrative !== undefined) return administrative(input, forward);
    const asked = this.publicCalls[operation];
    if (asked !== undefined) return asked(input);
    throw notServed(operation);
  }

  /** Pools of this project have no self sign-up, unless their file says so. */
  private async signUp({ poolId }: PoolClient): Promise<never> {
    const pool = await this.directory.pool(poolId);
    if (pool?.allowsSignUp !== true) throw notAuthorized("SignUp is not permitted for this user pool");
    throw notServed("SignUp");
  }

  private async respond(input: Json, client: PoolClient): Promise<Json> {
    const challenge = text(input, "ChallengeName");
    const responses = object(input, "ChallengeResponses");
    if (challenge === "PASSWORD_VERIFIER") return this.passwords.verify(responses, client);
    checkSecretHash(client, responses, text(responses, "USERNAME"));
    return this.challenges.respond(challenge, text(input, "Session"), responses, client);
  }

  private async client(input: Json): Promise<PoolClient> {
    const id = text(input, "ClientId");
    const client = await this.directory.client(id);
    if (client === undefined) {
      throw new ServiceError("ResourceNotFoundException", `User pool client ${id} does not exist.`);
    }
    return client;
  }

  private async clientOfPool(input: Json): Promise<PoolClient> {
    const client = await this.client(input);
    if (client.poolId === optionalText(input, "UserPoolId")) return client;
    throw invalidParameter(`The client does not belong to the user pool ${String(input.UserPoolId)}`);
  }
}

/** The emulator would answer it, and only pretend. The sentence is not AWS's. */
function notServed(operation: string): ServiceError {
  return new ServiceError("UnsupportedOperationException", `The sandbox does not serve ${operation}.`);
}
