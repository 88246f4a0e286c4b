/** A way to prove more than a password, as Cognito calls it. */
export type Factor = "SOFTWARE_TOKEN_MFA" | "SMS_MFA" | "EMAIL_OTP";

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
  readonly temporaryPasswordDays: number;
  readonly historySize: number;
}

export interface UserPool {
  readonly id: string;
  readonly policy: PasswordPolicy;
  readonly mfa: "OFF" | "OPTIONAL" | "ON";
  readonly factors: readonly Factor[];
  /** Attributes in the place of a user name: then the name itself is an id that Cognito chose. */
  readonly usernameAttributes: readonly string[];
  /** Whether people may make accounts for themselves. */
  readonly allowsSignUp: boolean;
  /** How a forgotten password can be replaced, the first that the user has. */
  readonly recovery: readonly ("verified_email" | "verified_phone_number" | "admin_only")[];
}

export interface PoolClient {
  readonly clientId: string;
  readonly poolId: string;
  readonly secret: string | undefined;
  /** Like `ALLOW_USER_SRP_AUTH`. */
  readonly authFlows: readonly string[];
  readonly hidesUserExistence: boolean;
  readonly accessTokenSeconds: number;
  readonly idTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** Where refresh tokens rotate: how long the one before still works. */
  readonly rotationGraceSeconds: number | undefined;
  readonly canRevoke: boolean;
  /** The attributes that its ID tokens carry; undefined: all. */
  readonly readAttributes: readonly string[] | undefined;
  readonly challengeSeconds: number;
  readonly oauthFlows: readonly string[];
  readonly oauthScopes: readonly string[];
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
}

export interface DirectoryUser {
  readonly poolId: string;
  /** The name that the pool itself uses; people may sign in with another. */
  readonly username: string;
  readonly sub: string;
  readonly enabled: boolean;
  readonly status: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Group {
  readonly name: string;
  readonly roleArn: string | undefined;
  readonly precedence: number | undefined;
}

/** What the sandbox reads from the emulator: who there is, and how pools and clients are set up. */
export interface Directory {
  pool(poolId: string): Promise<UserPool | undefined>;
  /** Requests name a client only: the directory knows whose it is. */
  client(clientId: string): Promise<PoolClient | undefined>;
  /** By the user's name, or by what the pool accepts in its place. */
  user(poolId: string, name: string): Promise<DirectoryUser | undefined>;
  groupsOf(user: DirectoryUser): Promise<readonly Group[]>;
  /** Marks a user as having chosen a password: status CONFIRMED. */
  confirm(user: DirectoryUser): Promise<void>;
}

/** The part of a pool's id that Cognito's password proofs contain. */
export function poolName(poolId: string): string {
  return poolId.slice(poolId.indexOf("_") + 1);
}
