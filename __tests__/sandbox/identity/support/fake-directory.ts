import type { Directory, DirectoryUser, Group, PoolClient, UserPool } from "../../../../sandbox/identity/directory";
import { People } from "../../../../sandbox/identity/people";
import type { Json } from "../../../../sandbox/identity/service-error";

export const POOL_ID = "eu-west-1_people";
export const START = Date.parse("2026-03-04T05:06:07Z");

export const POOL: UserPool = {
  id: POOL_ID,
  policy: {
    minimumLength: 12,
    requireLowercase: true,
    requireUppercase: true,
    requireNumbers: true,
    requireSymbols: true,
    temporaryPasswordDays: 7,
    historySize: 2,
  },
  mfa: "OPTIONAL",
  factors: ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
  usernameAttributes: ["email"],
  allowsSignUp: false,
  recovery: ["verified_email"],
};

export const CLI: PoolClient = {
  clientId: "cli",
  poolId: POOL_ID,
  secret: undefined,
  authFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
  hidesUserExistence: true,
  accessTokenSeconds: 3600,
  idTokenSeconds: 3600,
  refreshTokenSeconds: 30 * 86_400,
  rotationGraceSeconds: 10,
  canRevoke: true,
  readAttributes: ["email", "email_verified", "custom:team"],
  challengeSeconds: 180,
  oauthFlows: ["code"],
  oauthScopes: ["openid", "email", "aws.cognito.signin.user.admin"],
  callbackUrls: ["http://localhost:8910/callback"],
  logoutUrls: ["http://localhost:8910/"],
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A directory in memory, in the place of the emulator's. */
export class FakeDirectory implements Directory {
  userPool: Mutable<UserPool> = { ...POOL };
  readonly clients = new Map<string, PoolClient>([
    ["cli", CLI],
    ["other", { ...CLI, clientId: "other" }],
    [
      "steady",
      {
        ...CLI,
        clientId: "steady",
        rotationGraceSeconds: undefined,
        authFlows: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
      },
    ],
    ["secret", { ...CLI, clientId: "secret", secret: "s3cret" }],
    ["plain", { ...CLI, clientId: "plain", hidesUserExistence: false, authFlows: ["ALLOW_USER_SRP_AUTH"] }],
  ]);
  readonly users = new Map<string, Mutable<DirectoryUser>>();
  readonly groups = new Map<string, Group[]>();

  async pool(poolId: string) {
    return poolId === POOL_ID ? this.userPool : undefined;
  }
  async client(clientId: string) {
    return this.clients.get(clientId);
  }
  async user(poolId: string, name: string) {
    const found = [...this.users.values()].find(
      (user) => user.poolId === poolId && [user.username, user.attributes.email].includes(name.toLowerCase()),
    );
    return found && { ...found };
  }
  async groupsOf({ username }: DirectoryUser) {
    return this.groups.get(username) ?? [];
  }
  async confirm({ username }: DirectoryUser) {
    this.named(username).status = "CONFIRMED";
  }

  add(name: string): void {
    const username = `${name}-id`;
    const attributes = {
      sub: `${name}-sub`,
      email: `${name}@example.org`,
      email_verified: "true",
      "custom:team": "blue",
      "custom:hidden": "x",
    };
    const status = "FORCE_CHANGE_PASSWORD";
    this.users.set(username, { poolId: POOL_ID, username, sub: attributes.sub, enabled: true, status, attributes });
  }

  named(username: string): Mutable<DirectoryUser> {
    const user = this.users.get(username);
    if (user === undefined) throw new Error(`there is no ${username}`);
    return user;
  }
}

export const PASSWORD = "Correct-horse-7";

/** Ann and Bob have chosen passwords; both may sign in. */
export async function createPeople(directory: FakeDirectory, clock: { now: number }, keys?: People["keys"]) {
  const people = new People({ directory, now: () => clock.now, ...(keys === undefined ? {} : { keys }) });
  for (const name of ["ann", "bob"]) {
    directory.add(name);
    await administer(people, directory, "AdminSetUserPassword", {
      Username: `${name}-id`,
      Password: PASSWORD,
      Permanent: true,
    });
  }
  return people;
}

/** A call by an administrator; what the emulator would do to the directory is done to the one in memory. */
export function administer(people: People, directory: FakeDirectory, operation: string, input: Json): Promise<Json> {
  return people.call(operation, { UserPoolId: POOL_ID, ...input }, async (forwarded) => {
    const name = String(forwarded.Username);
    const user = directory.users.get(name) ?? (await directory.user(POOL_ID, name));
    const stored = user && directory.named(user.username);
    if (operation === "AdminCreateUser") directory.add(name.split("@")[0] ?? "");
    if (stored === undefined) return { forwarded };
    if (operation === "AdminSetUserPassword") {
      stored.status = forwarded.Permanent === true ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD";
    }
    if (operation === "AdminResetUserPassword") stored.status = "RESET_REQUIRED";
    if (operation === "AdminDisableUser") stored.enabled = false;
    if (operation === "AdminDeleteUser") directory.users.delete(stored.username);
    return { forwarded };
  });
}

/** A call by anybody. */
export function ask(people: People, operation: string, input: Json): Promise<Json> {
  return people.call(operation, input, () => Promise.reject(new Error("the emulator must not be asked")));
}

export function signInByPassword(people: People, name = "ann@example.org", password = PASSWORD, ClientId = "cli") {
  const AuthParameters = { USERNAME: name, PASSWORD: password };
  return ask(people, "InitiateAuth", { ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters });
}

export interface Result {
  readonly AccessToken: string;
  readonly IdToken: string;
  readonly RefreshToken: string;
}

export function resultOf(answer: Json): Result {
  return answer.AuthenticationResult as Result;
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
