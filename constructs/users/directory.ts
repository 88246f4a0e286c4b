import { CognitoUser } from "@cdktf/provider-aws/lib/cognito-user";
import { CognitoUserGroup } from "@cdktf/provider-aws/lib/cognito-user-group";
import { CognitoUserInGroup } from "@cdktf/provider-aws/lib/cognito-user-in-group";
import { Construct } from "constructs";
import type { GroupConfig, UserConfig, UsersConfig } from "../../config/schema/users-types";
import { literal, literals, reference } from "../terraform-text";

export interface DirectoryProps {
  readonly config: UsersConfig;
  readonly userPoolId: string;
  /** By the groups' keys. */
  readonly roleArns: ReadonlyMap<string, string>;
}

/** The groups, and the people who are in the files. Nobody's password is: Cognito sends an invitation with one for a while. */
export class Directory extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: DirectoryProps,
  ) {
    super(scope, id);
    const { groups, users } = props.config;
    for (const group of groups) this.group(group);
    for (const user of users) this.user(user);
  }

  private group({ key, address, description, precedence }: GroupConfig): void {
    const { userPoolId, roleArns } = this.props;
    const roleArn = roleArns.get(key);
    new CognitoUserGroup(this, `aws_cognito_user_group.${address}`, {
      name: literal(key),
      userPoolId,
      ...(description === "" ? {} : { description: literal(description) }),
      precedence,
      ...(roleArn === undefined ? {} : { roleArn }),
    });
  }

  private user(user: UserConfig): void {
    const { userPoolId, config } = this.props;
    const { address, userName, email, enabled, invite } = user;
    new CognitoUser(this, `aws_cognito_user.${address}`, {
      userPoolId,
      username: literal(userName),
      attributes: literals(attributesOf(user)),
      enabled,
      desiredDeliveryMediums: [email === undefined ? "SMS" : "EMAIL"],
      ...(invite ? {} : { messageAction: "SUPPRESS" }),
      // Of the invitation, which is sent once.
      lifecycle: { ignoreChanges: ["desired_delivery_mediums", "message_action"] },
    });
    for (const group of config.groups.filter(({ key }) => user.groups.includes(key))) {
      new CognitoUserInGroup(this, `aws_cognito_user_in_group.${address}_${group.address}`, {
        userPoolId,
        groupName: reference(`aws_cognito_user_group.${group.address}`, "name"),
        username: reference(`aws_cognito_user.${address}`, "username"),
      });
    }
  }
}

/** An administrator wrote the address and the number: Cognito need not ask whether they are right. */
function attributesOf({ email, attributes: written }: UserConfig): Record<string, string> {
  // The provider puts Cognito's `custom:` before names that are not Cognito's own, and finds them changed if we do.
  const attributes = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name.replace(/^custom:/, ""), value]),
  );
  const all: Record<string, string> = email === undefined ? { ...attributes } : { ...attributes, email };
  return {
    ...all,
    ...(all.email === undefined ? {} : { email_verified: "true" }),
    ...(all.phone_number === undefined ? {} : { phone_number_verified: "true" }),
  };
}
