import { z } from "zod";
import { accountKeys } from "./account-keys";
import { namePart, region } from "./aws-rules";
import { externalId, roleArn } from "./backend-rules";
import { cognitoName } from "./cognito-rules";
import {
  certificateArn,
  configurationSet,
  distinct,
  domainName,
  emailAddress,
  notEmpty,
  sender,
  sesIdentity,
} from "./people-rules";
import { choice, choices, flag, number, text, textMap, texts, wholeNumber } from "./terraform-types";
import type { AuthFlow, MfaMethod, SignIn } from "./users-types";

type Keys = Readonly<Record<string, z.ZodType>>;

const object = () => z.looseObject({}).optional();
const entries = () => z.record(z.string(), z.unknown()).default({});

export const MIN_PEOPLE_SESSION_SECONDS = 3600;
const MAX_PEOPLE_SESSION_SECONDS = 43_200;
export const sessionSeconds = number(
  wholeNumber(
    MIN_PEOPLE_SESSION_SECONDS,
    MAX_PEOPLE_SESSION_SECONDS,
    "an identity pool gives one hour; AWS allows a role at most twelve",
  ),
).default(MIN_PEOPLE_SESSION_SECONDS);

const tokenMinutes = number(wholeNumber(5, 1440, "Cognito allows 5 minutes to 1 day"));

/** The addresses that the login in the browser comes back to; the ports are in no registry and below those of outgoing connections. */
const LOCAL_PORTS = [18271, 18272, 18273];
const local = (path: string) => LOCAL_PORTS.map((port) => `http://localhost:${port}${path}`);

export const STANDARD_ATTRIBUTES = [
  ...(["address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name"] as const),
  ...(["name", "nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at"] as const),
  ...(["website", "zoneinfo"] as const),
] as const;

/** Every key of `users.tfvars`. */
export const usersKeys = {
  environment: text(namePart).describe("Name of the environment: the folder's own name."),
  aws_region: text(region).describe('AWS region that everything of the layer is in, like "eu-west-1".'),
  ...accountKeys("the layer"),
  project_name: text(namePart)
    .optional()
    .describe("Start of the names of all resources; the foundation's, where there is one, else `oidc-s3`."),
  user_pool_name: text(cognitoName)
    .optional()
    .describe("The user pool's name; `<project>-users-<environment>` by default. A new one replaces the pool."),
  client_name: text(cognitoName)
    .optional()
    .describe("Name of the app client that people sign in by; `<project>-users-<environment>-cli` by default."),
  sign_in: choices(
    ["email", "username", "phone"] as const satisfies readonly SignIn[],
    distinct,
    notEmpty('people need a way to name themselves, like "email"'),
  )
    .default(["email"])
    .describe("How people name themselves at sign-in. A change replaces the pool, and everybody in it is gone."),
  password_policy: object().describe("What a password must have: an object."),
  mfa: choice(["off", "optional", "required"])
    .default("optional")
    .describe("Whether people may, or must, sign in with a second factor."),
  mfa_methods: choices(["totp", "sms", "email"] as const satisfies readonly MfaMethod[], distinct)
    .default(["totp"])
    .describe('Second factors: "totp" is an authenticator app, "sms" and "email" are codes that Cognito sends.'),
  self_sign_up: flag().default(false).describe("Whether anybody may make an account; otherwise administrators invite."),
  verification: choice(["email_code", "email_link", "sms_code"])
    .default("email_code")
    .describe("How an e-mail address or phone number is verified; a link needs a `domain`."),
  required_attributes: choices(STANDARD_ATTRIBUTES, distinct)
    .default(["email"])
    .describe("Standard attributes that everybody must have. A change replaces the pool."),
  custom_attributes: entries().describe("Attributes of the pool's own, by name; Cognito can take none away again."),
  account_recovery: choices(["email", "phone"], distinct)
    .default(["email"])
    .describe("Where a code for a forgotten password goes, the preferred first; `[]` leaves it to administrators."),
  email: object().describe("Amazon SES for Cognito's mail: an object; by default Cognito sends 50 a day itself."),
  sms: object().describe("The role by which Cognito sends text messages: an object; by default it sends none."),
  tier: choice(["lite", "essentials", "plus"])
    .default("essentials")
    .describe("Cognito's plan, which is what people cost by the month."),
  threat_protection: choice(["off", "audit", "enforced"])
    .default("off")
    .describe('Whether Cognito rates sign-ins by their risk, and acts on it; needs `tier = "plus"`.'),
  domain: object().describe("Address of the sign-in pages: an object; without one there is no login in the browser."),
  callback_urls: texts(distinct, notEmpty("the sign-in pages must lead somewhere: write a URL"))
    .default(local("/callback"))
    .describe("Where the sign-in pages lead back to; Cognito compares every character."),
  logout_urls: texts(distinct).default(local("/logout")).describe("Where signing out in the browser leads to."),
  oauth_scopes: choices(["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"], distinct)
    .default(["aws.cognito.signin.user.admin", "email", "openid", "profile"])
    .describe(
      "Scopes of a login in the browser; the first of the default lets people change their own MFA and password.",
    ),
  implicit_grant: flag()
    .default(false)
    .describe("Whether the sign-in pages also give tokens in a URL, for old applications alone."),
  auth_flows: choices(
    ["srp", "refresh", "password", "custom", "admin_password"] as const satisfies readonly AuthFlow[],
    distinct,
    notEmpty('people need a way to sign in, like "srp"'),
  )
    .default(["srp", "refresh"])
    .describe('Ways to get tokens: "srp" proves the password without sending it, "password" sends it.'),
  access_token_validity_minutes: tokenMinutes
    .default(60)
    .describe("Minutes that an access token is valid; a user who was disabled keeps it as long."),
  id_token_validity_minutes: tokenMinutes
    .default(60)
    .describe("Minutes that an ID token is valid; AWS credentials are got by it."),
  refresh_token_validity_days: number(wholeNumber(1, 3650, "Cognito allows 10 years at most"))
    .default(30)
    .describe("Days after which people sign in again; refresh tokens rotate until then."),
  resource_servers: entries().describe("APIs that define scopes for service clients, by the ends of their addresses."),
  service_clients: entries().describe("Programs with a secret that get tokens for themselves (client credentials)."),
  triggers: textMap().default({}).describe("ARNs of Lambda functions that Cognito calls, by what it calls them at."),
  groups: entries().describe("Groups of people, by name, with what each may reach."),
  users: entries().describe(
    "The first few people, by the name that they sign in with; Cognito mails each an invitation. Each refresh of the plan reads them by AdminGetUser, which makes them monthly active users that are billed: invite the others by `npm run users`.",
  ),
  identity_pool: object().describe("What trades a login for AWS credentials: an object."),
  access: object().describe("What everybody may reach who has signed in: an object. Groups add to it."),
  session_duration: sessionSeconds.describe(
    "Seconds that credentials of people whose groups have no role live at most. Above 3600 needs the identity pool's basic flow, in which the caller names the role: refused where there are several, but for `role_tag_guard`.",
  ),
  role_tag_guard: flag()
    .default(false)
    .describe(
      "Whether sessions carry tags that say which role Cognito prefers for whom, and each role asks for them: a missing tag is refused, and so is another's. Nobody has seen on AWS whether tokens of the basic flow carry the tags; if not, people are refused.",
    ),
  deletion_protection: flag()
    .optional()
    .describe("Whether AWS refuses to delete the user pool, and Terraform to destroy or replace what holds identity."),
} satisfies Keys;

export const passwordPolicyKeys = {
  minimum_length: number(wholeNumber(6, 99, "Cognito allows 6 to 99 characters"))
    .default(12)
    .describe("Characters that a password has at least."),
  require_lowercase: flag().default(true).describe("Whether it has a small letter."),
  require_uppercase: flag().default(true).describe("Whether it has a capital."),
  require_numbers: flag().default(true).describe("Whether it has a digit."),
  require_symbols: flag().default(true).describe("Whether it has another character."),
  temporary_password_validity_days: number(wholeNumber(1, 365, "Cognito allows 1 to 365 days"))
    .default(7)
    .describe("Days after which an invitation lapses."),
  history_size: number(wholeNumber(0, 24, "Cognito remembers at most 24"))
    .default(0)
    .describe('Passwords of before that may not come again; needs `tier = "essentials"` or `"plus"`.'),
} satisfies Keys;

export const emailKeys = {
  source_arn: text(sesIdentity).describe("ARN of the verified SES identity, an address or a domain."),
  from: text(sender)
    .optional()
    .describe('Sender, like "Example <no-reply@example.com>"; the identity\'s own by default.'),
  reply_to: text(emailAddress).optional().describe("Address that answers go to."),
  configuration_set: text(configurationSet).optional().describe("Configuration set of SES."),
} satisfies Keys;

export const smsKeys = {
  role_arn: text(roleArn).describe("ARN of the IAM role that lets Cognito publish to Amazon SNS."),
  external_id: text(externalId).describe("The external id that the role's trust policy asks for."),
  region: text(region).optional().describe("Region of SNS, where it is another one."),
} satisfies Keys;

export const domainKeys = {
  prefix: text(namePart)
    .optional()
    .describe("Start of `<prefix>.auth.<region>.amazoncognito.com`, unique in the region."),
  name: text(domainName).optional().describe("The whole name of a domain of your own, in place of a prefix."),
  certificate_arn: text(certificateArn)
    .optional()
    .describe("ARN of its certificate in ACM, which must be in us-east-1."),
  managed_login_version: number(wholeNumber(1, 2, "1 is the hosted UI, 2 is managed login"))
    .default(1)
    .describe(
      "1 is the hosted UI; 2 is managed login, whose pages are empty until you give them a style in the console.",
    ),
} satisfies Keys;

export const identityPoolKeys = {
  enabled: flag().default(true).describe("Whether there is one."),
  name: text(cognitoName).optional().describe("Its name; `<project>-users-<environment>` by default."),
  guests: flag().default(false).describe("Whether people who have not signed in get credentials too."),
  guest_policy_file: text().optional().describe("What guests may do: a file as a group's `policy_file`."),
} satisfies Keys;
