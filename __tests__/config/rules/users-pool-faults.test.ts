import { testUsersFaults } from "../support/users-fault-cases";

const SMS = 'sms = { role_arn = "arn:aws:iam::123456789012:role/sms", external_id = "people" }';
const SES = 'email = { source_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com" }';
const many = (count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => entry(i)).join("\n");
const attribute = (keys: string, name = "team") => `custom_attributes = { "${name}" = { ${keys} } }`;

testUsersFaults([
  // Sign-in, passwords, second factors.
  ["another environment's name", 'project_name = "A"', "project_name", /lower-case/, /rename/],
  ["no way to sign in", "sign_in = []", "sign_in", /is empty/, /like "email"/],
  ["an unknown way", 'sign_in = ["mail"]', 'sign_in["0"]', /not one of "email"/, /did you mean "email"/],
  ["one way twice", 'sign_in = ["email", "email"]', "sign_in", /"email" twice/, /remove one/],
  ["phone numbers without text messages", 'sign_in = ["email", "phone"]', "sign_in", /by a role alone/, /add sms/],
  [
    "short passwords",
    "password_policy = { minimum_length = 5 }",
    "password_policy.minimum_length",
    /from 6 to 99/,
    /6 to 99/,
  ],
  [
    "a misspelt key of an object",
    "password_policy = { minimum_lenght = 9 }",
    "password_policy.minimum_lenght",
    /not a key/,
    /minimum_length\?/,
  ],
  [
    "a history that the tier lacks",
    'tier = "lite"\npassword_policy = { history_size = 3 }',
    "password_policy.history_size",
    /tier "lite" has not/,
    /essentials/,
  ],
  ["no second factor", "mfa_methods = []", "mfa_methods", /is empty, and mfa is "optional"/, /"totp"/],
  ["codes by text message", 'mfa_methods = ["sms"]', "mfa_methods", /by a role alone/, /add sms/],
  [
    "codes by Cognito's own mail",
    'mfa_methods = ["email"]\naccount_recovery = []',
    "mfa_methods",
    /Amazon SES alone/,
    /add email/,
  ],
  [
    "codes by mail in the tier lite",
    `mfa_methods = ["email"]\naccount_recovery = []\ntier = "lite"\n${SES}`,
    "mfa_methods",
    /tier "lite" has not/,
    /essentials/,
  ],
  [
    "mail for codes and recovery",
    `mfa_methods = ["email"]\n${SES}`,
    "account_recovery",
    /may not recover/,
    /add "phone"/,
  ],
  ["verification without text messages", 'verification = "sms_code"', "verification", /by a role alone/, /add sms/],
  [
    "recovery without text messages",
    'account_recovery = ["email", "phone"]',
    "account_recovery",
    /by a role alone/,
    /add sms/,
  ],
  ["a link to nowhere", 'verification = "email_link"', "verification", /needs an address/, /add domain/],
  [
    "accounts without what is verified",
    `self_sign_up = true\nverification = "sms_code"\naccount_recovery = []\n${SMS}`,
    "verification",
    /need not give/,
    /"phone_number" to required/,
  ],
  [
    "protection without its tier",
    'threat_protection = "audit"',
    "threat_protection",
    /tier "essentials" has not/,
    /"plus"/,
  ],
  // Attributes.
  [
    "an unknown attribute",
    'required_attributes = ["mail"]',
    'required_attributes["0"]',
    /not one of/,
    /did you mean "email"/,
  ],
  [
    "custom: in front",
    attribute("", "custom:team"),
    'custom_attributes["custom:team"]',
    /begins with custom:/,
    /write team/,
  ],
  [
    "a long name",
    attribute("", "t".repeat(21)),
    `custom_attributes["${"t".repeat(21)}"]`,
    /21 characters, and Cognito allows 20/,
    /by 1/,
  ],
  ["a space in a name", attribute("", "a b"), 'custom_attributes["a b"]', /letters, digits/, /rename/],
  [
    "an attribute of one's own that is required",
    attribute("required = true"),
    'custom_attributes["team"].required',
    /not a key/,
    /asks nobody/,
  ],
  [
    "limits of a date",
    attribute('type = "datetime", max = 3'),
    'custom_attributes["team"].max',
    /limits a datetime/,
    /remove/,
  ],
  ["a limit that is too high", attribute("max = 2049"), 'custom_attributes["team"].max', /from 0 to 2048/, /correct/],
  [
    "limits that exclude each other",
    attribute("min = 5, max = 3"),
    'custom_attributes["team"].min',
    /above the max of 3/,
    /exchange/,
  ],
  [
    "more than fifty",
    `custom_attributes = {\n${many(51, (i) => `a${i} = {}`)}\n}`,
    "custom_attributes",
    /has 51/,
    /remove 1/,
  ],
  // Messages.
  [
    "no SES identity",
    'email = { source_arn = "example.com" }',
    "email.source_arn",
    /not the ARN of an SES identity/,
    /arn:aws:ses/,
  ],
  [
    "an identity of a far region",
    SES.replace("eu-west-1", "ap-south-1"),
    "email.source_arn",
    /identity of ap-south-1/,
    /verify/,
  ],
  [
    "a sender that is another's",
    SES.replace(" }", ', from = "a@example.org" }'),
    "email.from",
    /not an address of the identity/,
    /@example.com/,
  ],
  [
    "an answer to nobody",
    SES.replace(" }", ', reply_to = "help" }'),
    "email.reply_to",
    /not an e-mail address/,
    /ann@example/,
  ],
  [
    "text messages without an external id",
    'sms = { role_arn = "arn:aws:iam::123456789012:role/sms" }',
    "sms.external_id",
    /is missing/,
    /add it/,
  ],
]);
