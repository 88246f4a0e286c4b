import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUserGlobalSignOutCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  paginateListUsers,
  paginateListUsersInGroup,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { UsersConfig } from "../config/schema/users-types";

/** A user as a list has it. */
export interface ListedUser {
  /** Cognito's own name: an id where people sign in by e-mail or phone. */
  readonly username: string;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  /** Cognito's word, like CONFIRMED, or FORCE_CHANGE_PASSWORD for who has not signed in yet. */
  readonly status: string;
  readonly enabled: boolean;
  /** ISO 8601. */
  readonly created: string;
}

export interface ShownUser extends ListedUser {
  readonly groups: readonly string[];
  /** Second factors that are set up, as Cognito names them. */
  readonly mfa: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** What administrators do with people's accounts, in one user pool. Each call is one of Cognito's `Admin…` operations. */
export class Administration {
  constructor(
    private readonly cognito: CognitoIdentityProviderClient,
    private readonly users: UsersConfig,
    private readonly poolId: string,
  ) {}

  async list(group?: string): Promise<ListedUser[]> {
    const pool = { UserPoolId: this.poolId };
    const config = { client: this.cognito };
    const pages =
      group === undefined
        ? paginateListUsers(config, pool)
        : paginateListUsersInGroup(config, { ...pool, GroupName: group });
    const found: ListedUser[] = [];
    for await (const { Users = [] } of pages) found.push(...Users.map(listed));
    return found.sort((a, b) => (a.email ?? a.username).localeCompare(b.email ?? b.username));
  }

  /** Of one user, by AdminGetUser: Cognito bills a user who was asked for in a month. */
  async show(name: string): Promise<ShownUser> {
    const user = await this.cognito.send(new AdminGetUserCommand(this.who(name)));
    const attributes = byName(user.UserAttributes);
    return {
      ...listed({ ...user, Attributes: user.UserAttributes }),
      groups: await this.groupsOf(name),
      mfa: user.UserMFASettingList ?? [],
      attributes,
    };
  }

  async groupsOf(name: string): Promise<string[]> {
    const { Groups = [] } = await this.cognito.send(new AdminListGroupsForUserCommand(this.who(name)));
    return Groups.flatMap(({ GroupName }) => (GroupName === undefined ? [] : [GroupName])).sort();
  }

  /** Cognito sends the invitation with a temporary password, which nobody else gets to see. */
  async invite(name: string, attributes: Readonly<Record<string, string>>, again: boolean): Promise<void> {
    const own: Record<string, string> = { ...attributes };
    if (name.includes("@")) own.email ??= name;
    if (name.startsWith("+")) own.phone_number ??= name;
    if (own.email) own.email_verified ??= "true";
    if (own.phone_number) own.phone_number_verified ??= "true";
    await this.cognito.send(
      new AdminCreateUserCommand({
        ...this.who(name),
        UserAttributes: Object.entries(own).map(([Name, Value]) => ({ Name, Value })),
        DesiredDeliveryMediums: [own.email ? "EMAIL" : "SMS"],
        ...(again ? { MessageAction: "RESEND" } : {}),
      }),
    );
  }

  /** Nobody signs in any more, and no refresh token is taken; tokens and AWS credentials that are out live on for their time. */
  async disable(name: string): Promise<void> {
    await this.cognito.send(new AdminDisableUserCommand(this.who(name)));
    await this.signOut(name);
  }

  async enable(name: string): Promise<void> {
    await this.cognito.send(new AdminEnableUserCommand(this.who(name)));
  }

  async signOut(name: string): Promise<void> {
    await this.cognito.send(new AdminUserGlobalSignOutCommand(this.who(name)));
  }

  /** Forgets that factors were preferred: who has lost them signs in by the password, and sets one up anew. */
  async resetMfa(name: string): Promise<void> {
    const off = { Enabled: false, PreferredMfa: false };
    const { mfaMethods } = this.users;
    await this.cognito.send(
      new AdminSetUserMFAPreferenceCommand({
        ...this.who(name),
        ...(mfaMethods.includes("totp") ? { SoftwareTokenMfaSettings: off } : {}),
        ...(mfaMethods.includes("sms") ? { SMSMfaSettings: off } : {}),
        ...(mfaMethods.includes("email") ? { EmailMfaSettings: off } : {}),
      }),
    );
  }

  async addToGroup(name: string, group: string): Promise<void> {
    await this.cognito.send(new AdminAddUserToGroupCommand({ ...this.who(name), GroupName: group }));
  }

  async removeFromGroup(name: string, group: string): Promise<void> {
    await this.cognito.send(new AdminRemoveUserFromGroupCommand({ ...this.who(name), GroupName: group }));
  }

  private who(name: string): { UserPoolId: string; Username: string } {
    return { UserPoolId: this.poolId, Username: name };
  }
}

function listed(user: UserType): ListedUser {
  const { email, phone_number: phone } = byName(user.Attributes);
  return {
    username: user.Username ?? "",
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    status: user.UserStatus ?? "UNKNOWN",
    enabled: user.Enabled ?? true,
    created: user.UserCreateDate?.toISOString() ?? "",
  };
}

function byName(attributes: readonly AttributeType[] = []): Record<string, string> {
  return Object.fromEntries(
    attributes.flatMap(({ Name, Value }) => (Name && Value !== undefined ? [[Name, Value]] : [])),
  );
}
