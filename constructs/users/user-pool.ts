import { CognitoUserPool, type CognitoUserPoolLambdaConfig } from "@cdktf/provider-aws/lib/cognito-user-pool";
import { CognitoUserPoolDomain } from "@cdktf/provider-aws/lib/cognito-user-pool-domain";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import type { UsersConfig } from "../../config/schema/users-types";
import { protection } from "../protection";
import { resourceServer } from "../resource-server";
import { literal, literals, reference } from "../terraform-text";
import { attributeSchema, signInAttributes } from "./attributes";

const POOL = "aws_cognito_user_pool.users";
const DOMAIN = "aws_cognito_user_pool_domain.users";
const CONTACTS = { email: "verified_email", phone: "verified_phone_number" } as const;

/** The Cognito user pool in which people have their accounts, and its sign-in pages. */
export class PeopleUserPool extends Construct {
  readonly id = reference(POOL, "id");
  readonly arn = reference(POOL, "arn");
  /** The pool's name in tokens and for the identity pool. */
  readonly provider: string;
  readonly issuerUrl: string;
  /** Of the sign-in pages, as a URL. */
  readonly domain: string | undefined;

  constructor(scope: Construct, id: string, config: UsersConfig) {
    super(scope, id);
    const { deletionProtection, awsRegion } = config;
    this.provider = `cognito-idp.${awsRegion}.amazonaws.com/${this.id}`;
    this.issuerUrl = `https://${this.provider}`;
    this.pool(config);
    this.domain = this.signInPages(config);
    for (const server of config.resourceServers) {
      resourceServer(this, server, { userPoolId: this.id, deletionProtection });
    }
    for (const { name, address, lambdaArn } of config.triggers) {
      new LambdaPermission(this, `aws_lambda_permission.trigger_${address}`, {
        statementId: `AllowUserPool_${name}`,
        action: "lambda:InvokeFunction",
        functionName: lambdaArn,
        principal: "cognito-idp.amazonaws.com",
        sourceArn: this.arn,
      });
    }
  }

  private pool(config: UsersConfig): void {
    const { passwordPolicy, deletionProtection, verification, threatProtection, accountRecovery } = config;
    const recovery = accountRecovery.length > 0 ? accountRecovery.map((way) => CONTACTS[way]) : ["admin_only"];
    const verified = verification === "sms_code" ? ["phone_number"] : ["email"];
    new CognitoUserPool(this, POOL, {
      name: literal(config.userPoolName),
      ...signInAttributes(config),
      // Otherwise Ann and ann would be two people.
      usernameConfiguration: { caseSensitive: false },
      schema: attributeSchema(config),
      passwordPolicy: { ...passwordPolicy },
      ...multiFactor(config),
      adminCreateUserConfig: { allowAdminCreateUserOnly: !config.selfSignUp },
      autoVerifiedAttributes: verified,
      // An address that somebody only claims to have must not take the place of the one that he was invited by.
      userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdate: verified },
      verificationMessageTemplate: {
        defaultEmailOption: verification === "email_link" ? "CONFIRM_WITH_LINK" : "CONFIRM_WITH_CODE",
      },
      accountRecoverySetting: { recoveryMechanism: recovery.map((name, index) => ({ name, priority: index + 1 })) },
      ...messages(config),
      userPoolTier: config.tier.toUpperCase(),
      ...(threatProtection === "off"
        ? {}
        : { userPoolAddOns: { advancedSecurityMode: threatProtection.toUpperCase() } }),
      ...triggers(config),
      deletionProtection: deletionProtection ? "ACTIVE" : "INACTIVE",
      lifecycle: {
        ...protection(deletionProtection).lifecycle,
        // AWS cannot change it: a pool that is taken over keeps its own, and is not replaced for it.
        ignoreChanges: ["username_configuration"],
      },
    });
  }

  private signInPages({ domain, awsRegion, deletionProtection }: UsersConfig): string | undefined {
    if (domain === undefined) return undefined;
    new CognitoUserPoolDomain(this, DOMAIN, {
      domain: domain.name,
      ...(domain.certificateArn === undefined ? {} : { certificateArn: domain.certificateArn }),
      managedLoginVersion: domain.managedLoginVersion,
      userPoolId: this.id,
      ...protection(deletionProtection),
    });
    const name = reference(DOMAIN, "domain");
    return `https://${domain.certificateArn === undefined ? `${name}.auth.${awsRegion}.amazoncognito.com` : name}`;
  }
}

function multiFactor({ mfa, mfaMethods }: UsersConfig) {
  if (mfa === "off") return { mfaConfiguration: "OFF" };
  return {
    mfaConfiguration: mfa === "required" ? "ON" : "OPTIONAL",
    ...(mfaMethods.includes("totp") ? { softwareTokenMfaConfiguration: { enabled: true } } : {}),
    ...(mfaMethods.includes("email")
      ? { emailMfaConfiguration: { subject: "Your sign-in code", message: "Your sign-in code is {####}" } }
      : {}),
  };
}

function messages({ email, sms }: UsersConfig) {
  return {
    ...(email === undefined
      ? {}
      : {
          emailConfiguration: literals({
            emailSendingAccount: "DEVELOPER",
            sourceArn: email.sourceArn,
            ...(email.from === undefined ? {} : { fromEmailAddress: email.from }),
            ...(email.replyTo === undefined ? {} : { replyToEmailAddress: email.replyTo }),
            ...(email.configurationSet === undefined ? {} : { configurationSet: email.configurationSet }),
          }),
        }),
    ...(sms === undefined
      ? {}
      : {
          smsConfiguration: {
            snsCallerArn: sms.roleArn,
            externalId: literal(sms.externalId),
            ...(sms.region === undefined ? {} : { snsRegion: sms.region }),
          },
        }),
  };
}

/** Terraform's names of triggers as properties: `pre_sign_up` is `preSignUp`. */
function triggers({ triggers }: UsersConfig): { lambdaConfig?: CognitoUserPoolLambdaConfig } {
  if (triggers.length === 0) return {};
  const property = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { lambdaConfig: Object.fromEntries(triggers.map(({ name, lambdaArn }) => [property(name), lambdaArn])) };
}
