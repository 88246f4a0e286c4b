import {
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  ResourceNotFoundException,
  type TimeUnitsType,
} from "@aws-sdk/client-cognito-identity-provider";

/** An app client as the user pool has it; a field is `undefined` where the pool has no value. */
export interface AppClient {
  readonly clientId: string;
  /** Any of them proves who it is; none where it has no secret. */
  readonly secrets: readonly string[];
  readonly flows: readonly string[];
  /** Qualified, as `<resource server>/<scope>`. */
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
}

/** Finds an app client of the user pool; undefined where it has none with that id. */
export type FindClient = (clientId: string) => Promise<AppClient | undefined>;

const SECONDS: Readonly<Record<TimeUnitsType, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** How long a token of a client lives; Cognito counts in hours where the client does not say otherwise. */
export function seconds(validity: number | undefined, unit: TimeUnitsType = "hours", otherwise = 3600): number {
  return validity ? validity * SECONDS[unit] : otherwise;
}

/** The secrets that a client may prove itself by, given the one that the emulator describes. */
export type AcceptedSecrets = (clientId: string, first: string | undefined) => readonly string[];

/** Looks up app clients in the emulator's user pool, afresh each time: a rotated secret takes effect at once. */
export function appClientsOf(
  cognito: CognitoIdentityProviderClient,
  userPoolId: string,
  accepted: AcceptedSecrets = (_, first) => (first === undefined ? [] : [first]),
): FindClient {
  return async (clientId) => {
    // Cognito's own rule for an id; anything else would be an error of the request, not a missing client.
    if (!/^[\w+]{1,128}$/.test(clientId)) return undefined;
    try {
      const { UserPoolClient: found } = await cognito.send(
        new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }),
      );
      if (found === undefined) return undefined;
      return {
        clientId,
        secrets: accepted(clientId, found.ClientSecret),
        flows: found.AllowedOAuthFlowsUserPoolClient === false ? [] : (found.AllowedOAuthFlows ?? []),
        scopes: found.AllowedOAuthScopes ?? [],
        accessTokenSeconds: seconds(found.AccessTokenValidity, found.TokenValidityUnits?.AccessToken, 3600),
      };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
}
