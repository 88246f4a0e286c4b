import {
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  ResourceNotFoundException,
  type TimeUnitsType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { FindClient } from "./token-request";

const SECONDS: Readonly<Record<TimeUnitsType, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** Looks app clients up in the emulator's user pool, each time afresh: a rotated secret counts at once. */
export function appClientsOf(cognito: CognitoIdentityProviderClient, userPoolId: string): FindClient {
  return async (clientId) => {
    // Cognito's own rule for an id; anything else would be an error of the request, not a client that is not there.
    if (!/^[\w+]{1,128}$/.test(clientId)) return undefined;
    try {
      const { UserPoolClient: found } = await cognito.send(
        new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }),
      );
      if (found === undefined) return undefined;
      // Without a unit Cognito counts hours, and without a validity it is one.
      const unit = SECONDS[found.TokenValidityUnits?.AccessToken ?? "hours"];
      return {
        clientId,
        secret: found.ClientSecret,
        flows: found.AllowedOAuthFlowsUserPoolClient === false ? [] : (found.AllowedOAuthFlows ?? []),
        scopes: found.AllowedOAuthScopes ?? [],
        accessTokenSeconds: (found.AccessTokenValidity || 3600 / unit) * unit,
      };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
}
