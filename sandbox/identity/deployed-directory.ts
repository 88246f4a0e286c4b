import {
  AdminGetUserCommand,
  type AdminGetUserCommandOutput,
  AdminSetUserPasswordCommand,
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetUserPoolMfaConfigCommand,
  paginateAdminListGroupsForUser,
  paginateListUserPools,
  paginateListUsers,
  ResourceNotFoundException,
  UserNotFoundException,
  type UserPoolClientType,
} from "@aws-sdk/client-cognito-identity-provider";
import { seconds } from "../cognito/app-clients";
import type { Directory, DirectoryUser, Factor, Group, PoolClient, UserPool } from "./directory";
import { generatePassword } from "./passwords";

const CONFIRMING_PASSWORD_LENGTH = 98;
/** What Cognito takes where a client says nothing. */
const DEFAULT_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];

/**
 * The directory in the emulator. Pools and clients are read by the sandbox's own address, which completes what the
 * emulator forgets of them; users are read from the emulator, since that address asks here about them.
 */
export class DeployedDirectory implements Directory {
  private readonly poolIds = new Map<string, string>();

  constructor(
    private readonly settings: CognitoIdentityProviderClient,
    private readonly users: CognitoIdentityProviderClient,
  ) {}

  async pool(UserPoolId: string): Promise<UserPool | undefined> {
    const found = await unlessMissing(this.settings.send(new DescribeUserPoolCommand({ UserPoolId })));
    if (found?.UserPool === undefined) return undefined;
    const { Policies, UsernameAttributes, AccountRecoverySetting, AdminCreateUserConfig } = found.UserPool;
    const { PasswordPolicy: policy = {} } = Policies ?? {};
    const mfa = await this.settings.send(new GetUserPoolMfaConfigCommand({ UserPoolId }));
    const factors: [Factor, unknown][] = [
      ["SOFTWARE_TOKEN_MFA", mfa.SoftwareTokenMfaConfiguration?.Enabled],
      ["SMS_MFA", mfa.SmsMfaConfiguration],
      ["EMAIL_OTP", mfa.EmailMfaConfiguration],
    ];
    const recovery = [...(AccountRecoverySetting?.RecoveryMechanisms ?? [])];
    return {
      id: UserPoolId,
      policy: {
        minimumLength: policy.MinimumLength ?? 8,
        requireLowercase: policy.RequireLowercase ?? false,
        requireUppercase: policy.RequireUppercase ?? false,
        requireNumbers: policy.RequireNumbers ?? false,
        requireSymbols: policy.RequireSymbols ?? false,
        temporaryPasswordDays: policy.TemporaryPasswordValidityDays || 7,
        historySize: policy.PasswordHistorySize ?? 0,
      },
      mfa: mfa.MfaConfiguration ?? "OFF",
      factors: factors.filter(([, isOn]) => Boolean(isOn)).map(([factor]) => factor),
      usernameAttributes: UsernameAttributes ?? [],
      allowsSignUp: AdminCreateUserConfig?.AllowAdminCreateUserOnly !== true,
      recovery: recovery
        .sort((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0))
        .flatMap(({ Name }) => (Name === undefined ? [] : [Name])),
    };
  }

  async client(ClientId: string): Promise<PoolClient | undefined> {
    // Cognito's own rule for an id; anything else would be an error of the request, not a missing client.
    if (!/^[\w+]{1,128}$/.test(ClientId)) return undefined;
    const known = this.poolIds.get(ClientId);
    const candidates = known === undefined ? await this.allPoolIds() : [known];
    for (const UserPoolId of candidates) {
      const input = new DescribeUserPoolClientCommand({ UserPoolId, ClientId });
      const found = (await unlessMissing(this.settings.send(input)))?.UserPoolClient;
      if (found === undefined) continue;
      this.poolIds.set(ClientId, UserPoolId);
      return clientOf(found, ClientId, UserPoolId);
    }
    this.poolIds.delete(ClientId);
    return undefined;
  }

  async user(poolId: string, name: string): Promise<DirectoryUser | undefined> {
    if (name === "" || name.length > 128) return undefined;
    const lower = name.toLowerCase();
    return (
      (await this.byName(poolId, name)) ??
      // Names are compared without regard to case; the emulator compares them as they are.
      (lower === name ? undefined : await this.byName(poolId, lower)) ??
      (await this.byAlias(poolId, lower))
    );
  }

  async groupsOf({ poolId, username }: DirectoryUser): Promise<readonly Group[]> {
    const groups: Group[] = [];
    const input = { UserPoolId: poolId, Username: username };
    for await (const page of paginateAdminListGroupsForUser({ client: this.users }, input)) {
      for (const { GroupName = "", RoleArn, Precedence } of page.Groups ?? []) {
        groups.push({ name: GroupName, roleArn: RoleArn || undefined, precedence: Precedence ?? undefined });
      }
    }
    return groups;
  }

  /** The emulator wants a password: it gets one that nobody knows. */
  async confirm({ poolId, username }: DirectoryUser): Promise<void> {
    const Password = generatePassword(CONFIRMING_PASSWORD_LENGTH);
    const input = { UserPoolId: poolId, Username: username, Password, Permanent: true };
    await this.users.send(new AdminSetUserPasswordCommand(input));
  }

  private async byName(poolId: string, Username: string): Promise<DirectoryUser | undefined> {
    try {
      return userOf(poolId, await this.users.send(new AdminGetUserCommand({ UserPoolId: poolId, Username })));
    } catch (error) {
      if (error instanceof UserNotFoundException || error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /** Where an address is an alias of a name, it counts once it is verified. */
  private async byAlias(poolId: string, alias: string): Promise<DirectoryUser | undefined> {
    const pool = await unlessMissing(this.settings.send(new DescribeUserPoolCommand({ UserPoolId: poolId })));
    const attributes = pool?.UserPool?.AliasAttributes ?? pool?.UserPool?.UsernameAttributes ?? [];
    if (attributes.length === 0) return undefined;
    for await (const page of paginateListUsers({ client: this.users }, { UserPoolId: poolId })) {
      for (const { Username = "", Attributes = [] } of page.Users ?? []) {
        const values = Object.fromEntries(Attributes.map(({ Name = "", Value = "" }) => [Name, Value]));
        const isAlias = (attribute: string) =>
          values[attribute]?.toLowerCase() === alias &&
          (pool?.UserPool?.AliasAttributes === undefined || values[`${attribute}_verified`] === "true");
        if (attributes.some(isAlias)) return this.byName(poolId, Username);
      }
    }
    return undefined;
  }

  private async allPoolIds(): Promise<string[]> {
    const ids: string[] = [];
    for await (const page of paginateListUserPools({ client: this.settings }, { MaxResults: 60 })) {
      ids.push(...(page.UserPools ?? []).map(({ Id = "" }) => Id));
    }
    return ids;
  }
}

function userOf(poolId: string, found: AdminGetUserCommandOutput): DirectoryUser {
  const { Username = "", UserAttributes = [], Enabled = true, UserStatus = "" } = found;
  const attributes = Object.fromEntries(UserAttributes.map(({ Name = "", Value = "" }) => [Name, Value]));
  return { poolId, username: Username, sub: attributes.sub ?? "", enabled: Enabled, status: UserStatus, attributes };
}

function clientOf(found: UserPoolClientType, clientId: string, poolId: string): PoolClient {
  const { RefreshTokenRotation: rotation, TokenValidityUnits: units, ReadAttributes: readable = [] } = found;
  return {
    clientId,
    poolId,
    secret: found.ClientSecret,
    authFlows: found.ExplicitAuthFlows?.length ? found.ExplicitAuthFlows : DEFAULT_FLOWS,
    hidesUserExistence: found.PreventUserExistenceErrors === "ENABLED",
    accessTokenSeconds: seconds(found.AccessTokenValidity, units?.AccessToken, 3600),
    idTokenSeconds: seconds(found.IdTokenValidity, units?.IdToken, 3600),
    refreshTokenSeconds: seconds(found.RefreshTokenValidity, units?.RefreshToken ?? "days", 30 * 86_400),
    rotationGraceSeconds: rotation?.Feature === "ENABLED" ? (rotation.RetryGracePeriodSeconds ?? 0) : undefined,
    canRevoke: found.EnableTokenRevocation ?? true,
    readAttributes: readable.length === 0 ? undefined : readable,
    challengeSeconds: (found.AuthSessionValidity ?? 3) * 60,
    oauthFlows: found.AllowedOAuthFlowsUserPoolClient === false ? [] : (found.AllowedOAuthFlows ?? []),
    oauthScopes: found.AllowedOAuthScopes ?? [],
    callbackUrls: found.CallbackURLs ?? [],
    logoutUrls: found.LogoutURLs ?? [],
  };
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
