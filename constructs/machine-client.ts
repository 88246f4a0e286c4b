import { protection } from "./protection";

const REFRESH_TOKEN_DAYS = 5;

export interface MachineClientOptions {
  readonly accessTokenValidityMinutes: number;
  readonly deletionProtection: boolean;
}

/** What every app client of a machine is: confidential, and good for the client credentials grant alone. */
export function machineClient({ accessTokenValidityMinutes: minutes, deletionProtection }: MachineClientOptions) {
  return {
    generateSecret: true,
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthFlows: ["client_credentials"],
    supportedIdentityProviders: ["COGNITO"],
    // Without any, Cognito would let people sign in by it.
    explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    enableTokenRevocation: true,
    accessTokenValidity: minutes,
    idTokenValidity: minutes,
    refreshTokenValidity: REFRESH_TOKEN_DAYS,
    tokenValidityUnits: [{ accessToken: "minutes", idToken: "minutes", refreshToken: "days" }],
    lifecycle: {
      ...protection(deletionProtection).lifecycle,
      // It counts at creation only. A client that was imported has no value for it in the state, and would be
      // replaced, with its id and secret, to get one.
      ignoreChanges: ["generate_secret"],
    },
  };
}
