import type { PermissionLevel } from "../../access/permission-level";
import type { ClientConfig, ResourceServerConfig } from "./api-types";
import type { AccountConfig } from "./types";

/** How people may name themselves at sign-in; fixed when the pool is made. */
export type SignIn = "email" | "username" | "phone";

export type MfaMethod = "totp" | "sms" | "email";

/** Ways to sign in that the app client `cli` has; each is one of Cognito's `ALLOW_…_AUTH`. */
export type AuthFlow = "srp" | "refresh" | "password" | "custom" | "admin_password";

export type AttributeType = "string" | "number" | "datetime" | "boolean";

export type RowPermissions = "read" | "read-write";

export interface PasswordPolicyConfig {
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
  readonly temporaryPasswordValidityDays: number;
  /** Passwords of before that may not come again; 0 is none. */
  readonly passwordHistorySize: number;
}

export interface CustomAttributeConfig {
  /** Without `custom:` in front. */
  readonly name: string;
  readonly type: AttributeType;
  readonly mutable: boolean;
  /** Whether people may write it themselves, by the app client `cli`. */
  readonly userWritable: boolean;
  /** Characters of a string, or the value of a number. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** People's own folder, or one that they share, in a bucket. */
export interface PeopleS3Access {
  readonly bucket: string;
  readonly prefix: string;
  /** Whether each reaches the folder of their own identity alone, `<prefix><identity id>/`. */
  readonly userSpecific: boolean;
  readonly permissions: PermissionLevel;
}

export interface PeopleDynamodbAccess {
  readonly table: string;
  /** Whether each reaches the rows alone whose partition key is their own identity. */
  readonly userSpecific: boolean;
  readonly permissions: RowPermissions;
}

/** What somebody may reach. What is absent grants nothing. */
export interface PeopleAccessConfig {
  readonly s3?: PeopleS3Access | undefined;
  readonly dynamodb?: PeopleDynamodbAccess | undefined;
  /** Names or ARNs of functions, without wildcards. */
  readonly lambda: readonly string[];
}

export interface GroupConfig {
  readonly key: string;
  /** The end of its Terraform address, `aws_cognito_user_group.<address>`. */
  readonly address: string;
  readonly description: string;
  readonly precedence: number;
  readonly access: PeopleAccessConfig;
  /** The policy of its `policy_file` as IAM takes it: `${…}` in it is IAM's, and has yet to be escaped for Terraform. */
  readonly policyJson?: string | undefined;
  /** Of its IAM role; missing where the group grants nothing, and so has no role. */
  readonly roleName?: string | undefined;
  readonly sessionDurationSeconds: number;
}

export interface UserConfig {
  /** As it is in the file. */
  readonly key: string;
  readonly address: string;
  /** What Cognito is told as the name: the e-mail address or the phone number where people sign in by that alone. */
  readonly userName: string;
  readonly email?: string | undefined;
  readonly groups: readonly string[];
  readonly enabled: boolean;
  /** Whether Cognito mails or texts an invitation with a temporary password. */
  readonly invite: boolean;
  /** Others than the e-mail address; those of the pool's own have `custom:` in front. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** `pre_sign_up` and so on, as the AWS provider spells them in `lambda_config`. */
export interface TriggerConfig {
  readonly name: string;
  readonly address: string;
  readonly lambdaArn: string;
}

export interface UsersDomainConfig {
  /** A prefix of Cognito's own domain, or with a certificate the whole name of another one. */
  readonly name: string;
  readonly certificateArn?: string | undefined;
  readonly managedLoginVersion: 1 | 2;
}

export interface IdentityPoolConfig {
  readonly name: string;
  /** Of people who have signed in. */
  readonly roleName: string;
  /** Missing where nobody gets in without signing in. */
  readonly guests?: { readonly roleName: string; readonly policyJson: string } | undefined;
}

export interface EmailConfig {
  readonly sourceArn: string;
  readonly from?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly configurationSet?: string | undefined;
}

export interface SmsConfig {
  readonly roleArn: string;
  readonly externalId: string;
  readonly region?: string | undefined;
}

/** `users.tfvars`, checked, with every default filled in; each list sorted by its keys. */
export interface UsersConfig extends AccountConfig {
  readonly environment: string;
  readonly awsRegion: string;
  readonly projectName: string;
  readonly userPoolName: string;
  /** Of the app client `cli`. */
  readonly clientName: string;
  readonly signIn: readonly SignIn[];
  readonly passwordPolicy: PasswordPolicyConfig;
  readonly mfa: "off" | "optional" | "required";
  /** Empty where `mfa` is off. */
  readonly mfaMethods: readonly MfaMethod[];
  readonly selfSignUp: boolean;
  readonly verification: "email_code" | "email_link" | "sms_code";
  readonly requiredAttributes: readonly string[];
  readonly customAttributes: readonly CustomAttributeConfig[];
  /** In order of preference; empty: by administrators alone. */
  readonly accountRecovery: readonly ("email" | "phone")[];
  readonly email?: EmailConfig | undefined;
  readonly sms?: SmsConfig | undefined;
  readonly tier: "lite" | "essentials" | "plus";
  readonly threatProtection: "off" | "audit" | "enforced";
  /** Missing: no login in the browser, and nothing of URLs, grants and OAuth's scopes counts. */
  readonly domain?: UsersDomainConfig | undefined;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly oauthScopes: readonly string[];
  readonly implicitGrant: boolean;
  readonly authFlows: readonly AuthFlow[];
  readonly accessTokenValidityMinutes: number;
  readonly idTokenValidityMinutes: number;
  readonly refreshTokenValidityDays: number;
  /** For service clients alone. */
  readonly resourceServers: readonly ResourceServerConfig[];
  readonly serviceClients: readonly ClientConfig[];
  readonly triggers: readonly TriggerConfig[];
  readonly groups: readonly GroupConfig[];
  readonly users: readonly UserConfig[];
  /** Missing: people sign in and get no AWS credentials. */
  readonly identityPool?: IdentityPoolConfig | undefined;
  /** Of everybody who has signed in; groups add to it. */
  readonly access: PeopleAccessConfig;
  /** Of people whose groups have no role; above 3600 the basic flow is allowed, here and in groups. */
  readonly sessionDurationSeconds: number;
  /** Whether every role's trust asks for session tags that the identity pool takes from tokens: which role is preferred. */
  readonly roleTagGuard: boolean;
  readonly deletionProtection: boolean;
}
