import {
  type CognitoIdentityClient,
  DescribeIdentityPoolCommand,
  GetIdentityPoolRolesCommand,
  GetPrincipalTagAttributeMapCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cognito-identity";
import type { IdentityPool, IdentityPools } from "./identity-pools";

/** Reads identity pools by the sandbox's own address, which knows what the emulator forgets of them. */
export class DeployedIdentityPools implements IdentityPools {
  constructor(private readonly cognito: CognitoIdentityClient) {}

  async find(IdentityPoolId: string): Promise<IdentityPool | undefined> {
    try {
      const pool = await this.cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId }));
      const { Roles, RoleMappings } = await this.cognito.send(new GetIdentityPoolRolesCommand({ IdentityPoolId }));
      return {
        id: IdentityPoolId,
        allowsGuests: pool.AllowUnauthenticatedIdentities ?? false,
        allowsBasicFlow: pool.AllowClassicFlow ?? false,
        providers: (pool.CognitoIdentityProviders ?? []).map((each) => ({
          name: each.ProviderName ?? "",
          clientId: each.ClientId ?? "",
          checksUser: each.ServerSideTokenCheck ?? false,
        })),
        roles: { authenticated: Roles?.authenticated, unauthenticated: Roles?.unauthenticated },
        mappings: Object.fromEntries(
          Object.entries(RoleMappings ?? {}).map(([provider, mapping]) => [
            provider,
            {
              type: mapping.Type ?? "",
              ambiguous: mapping.AmbiguousRoleResolution,
              rules: (mapping.RulesConfiguration?.Rules ?? []).map((rule) => ({
                claim: rule.Claim ?? "",
                match: rule.MatchType ?? "",
                value: rule.Value ?? "",
                roleArn: rule.RoleARN ?? "",
              })),
            },
          ]),
        ),
      };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async principalTags(IdentityPoolId: string, IdentityProviderName: string): Promise<Readonly<Record<string, string>>> {
    const input = new GetPrincipalTagAttributeMapCommand({ IdentityPoolId, IdentityProviderName });
    return (await this.cognito.send(input)).PrincipalTags ?? {};
  }
}
