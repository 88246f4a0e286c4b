/** A user pool that an identity pool takes ID tokens of. */
export interface LoginProvider {
  /** Like `cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc`. */
  readonly name: string;
  readonly clientId: string;
  /** Whether it asks the user pool about each token: has the user signed out, or been disabled? */
  readonly checksUser: boolean;
}

export interface RoleRule {
  readonly claim: string;
  readonly match: string;
  readonly value: string;
  readonly roleArn: string;
}

export interface RoleMapping {
  readonly type: string;
  readonly ambiguous: string | undefined;
  readonly rules: readonly RoleRule[];
}

/** An identity pool as it is deployed. */
export interface IdentityPool {
  readonly id: string;
  readonly allowsGuests: boolean;
  /** Whether people may get an OpenID token, and assume a role by it themselves. */
  readonly allowsBasicFlow: boolean;
  readonly providers: readonly LoginProvider[];
  readonly roles: { readonly authenticated?: string | undefined; readonly unauthenticated?: string | undefined };
  /** By `<provider>:<client id>`. */
  readonly mappings: Readonly<Record<string, RoleMapping>>;
}

/** What the sandbox reads from the emulator, and from what stands before it. */
export interface IdentityPools {
  find(id: string): Promise<IdentityPool | undefined>;
  /** Tags of a session by their keys, with the claims that they come from. */
  principalTags(id: string, provider: string): Promise<Readonly<Record<string, string>>>;
}
