import type { UserSettings } from "../settings/user-settings";

/** What was being done when Cognito refused. */
export type Occasion = "sign-in" | "renewal" | "account" | "credentials";

export interface RefusalContext {
  readonly code: string;
  /** Cognito's own, made harmless. */
  readonly words: string;
  readonly occasion: Occasion;
  readonly settings: UserSettings;
  readonly service: string;
}

interface Words {
  readonly message: string;
  readonly remedy: string;
}

const ADMINISTRATOR = "Ask an administrator of the user pool";

/** The command that signs in with these settings. */
export function signInCommand({ profile }: Pick<UserSettings, "profile">): string {
  return `oidc-s3 user login${profile === "default" ? "" : ` --profile ${profile}`}`;
}

/** What a refusal of Cognito means to a person, by its code; its own words are added where they say more. */
export function refusalWords(context: RefusalContext): Words {
  const known = WORDS.get(context.code)?.(context);
  if (known !== undefined) return known;
  const { service, code, words } = context;
  return {
    message: `the ${service} refused (${code})${words === "" ? "" : `: ${words}`}`,
    remedy: ADMINISTRATOR,
  };
}

const WORDS: ReadonlyMap<string, (context: RefusalContext) => Words> = new Map(
  Object.entries({
    NotAuthorizedException: notAuthorized,
    // The same words, whether there is such a user or not.
    UserNotFoundException: (context: RefusalContext) => notAuthorized({ ...context, words: "" }),
    RefreshTokenReuseException: ({ settings }: RefusalContext) => ({
      message:
        "the refresh token was used before, by another process or by somebody who copied it: the sign-in has ended",
      remedy: `Sign in again: ${signInCommand(settings)}; if that happens again, ${signInCommand(settings)} and user logout --everywhere`,
    }),
    UserNotConfirmedException: () => ({
      message: "this user has not been confirmed yet",
      remedy: "Follow the message that you were sent, or ask an administrator",
    }),
    PasswordResetRequiredException: ({ settings }: RefusalContext) => ({
      message: "an administrator has reset the password: a new one has to be set with the code that was sent",
      remedy: `oidc-s3 user password forgot${settings.profile === "default" ? "" : ` --profile ${settings.profile}`}`,
    }),
    CodeMismatchException: () => ({
      message: "the code is wrong",
      remedy: "Use the newest code; for an authenticator app, check that this device's clock is right",
    }),
    EnableSoftwareTokenMFAException: () => ({
      message: "the code does not match the secret",
      remedy: "Use the code that the app shows now; check the clock of the device that it runs on",
    }),
    ExpiredCodeException: () => ({
      message: "the code has expired, or was used before",
      remedy: "Ask for a new one, or wait for the app's next one",
    }),
    InvalidPasswordException: ({ words }: RefusalContext) => ({
      message: `the new password is not accepted${words === "" ? "" : `: ${words}`}`,
      remedy: "Choose one that the user pool's policy allows",
    }),
    PasswordHistoryPolicyViolationException: () => ({
      message: "the new password is one that was used before",
      remedy: "Choose another one",
    }),
    LimitExceededException: () => ({
      message: "too many attempts: the user pool takes no more for a while",
      remedy: "Wait a quarter of an hour, then try again",
    }),
    TooManyFailedAttemptsException: () => ({
      message: "too many wrong codes: the user pool takes no more for a while",
      remedy: "Wait a quarter of an hour, then try again",
    }),
    ResourceNotFoundException: ({ settings, service }: RefusalContext) => ({
      message: `the ${service} of ${settings.source}, or its app client, does not exist`,
      remedy: 'Take the settings anew: "oidc-s3 user configure --from FILE"',
    }),
    InvalidParameterException: ({ words, settings, service }: RefusalContext) =>
      /SRP/i.test(words)
        ? {
            message: "the app client does not allow to sign in with a password at the terminal (SRP)",
            remedy:
              settings.domain === undefined
                ? 'Ask for ALLOW_USER_SRP_AUTH on the app client (auth_flows = ["srp", "refresh"] in users.tfvars)'
                : "Sign in in the browser (without -u), or ask for ALLOW_USER_SRP_AUTH on the app client",
          }
        : { message: `the ${service} refused the request: ${words}`, remedy: ADMINISTRATOR },
    UserLambdaValidationException: ({ words }: RefusalContext) => ({
      message: `a check of your organisation refused: ${words}`,
      remedy: ADMINISTRATOR,
    }),
    ForbiddenException: () => ({
      message: "a web application firewall before the user pool refused",
      remedy: "Sign in from a network that it allows, or ask an administrator",
    }),
    InvalidIdentityPoolConfigurationException: () => ({
      message: "the identity pool has no role for this user that it may give",
      remedy: "Ask an administrator to check the roles that are attached to the identity pool, and whom they trust",
    }),
  }),
);

function notAuthorized({ words, occasion, settings, service }: RefusalContext): Words {
  const again = `Sign in again: ${signInCommand(settings)}`;
  if (/disabled/i.test(words)) return { message: "this user is disabled", remedy: ADMINISTRATOR };
  if (occasion === "renewal") {
    return {
      message: "the sign-in has ended: it is too old, was signed out, or the user is gone",
      remedy: again,
    };
  }
  if (occasion === "credentials") {
    return {
      message: `the ${service} does not take the sign-in${words === "" ? "" : `: ${words}`}`,
      remedy: `${again}; if that does not help, ask an administrator whether the identity pool trusts this app client`,
    };
  }
  if (occasion === "account") return accountWords(words, settings);
  if (/attempts? exceeded/i.test(words)) {
    return {
      message: "too many wrong passwords: the user pool takes none for a while",
      remedy: "Wait, up to a quarter of an hour, then try again",
    };
  }
  if (/temporary password/i.test(words))
    return { message: "the temporary password has expired", remedy: "Ask an administrator to invite you again" };
  if (/session/i.test(words)) return { message: "the sign-in took too long, or was ended", remedy: again };
  return {
    message: "wrong user name or password",
    remedy: "Try again; if the password is lost: oidc-s3 user password forgot",
  };
}

function accountWords(words: string, settings: UserSettings): Words {
  if (/scope/i.test(words)) {
    return {
      message: "this sign-in may not look at or change the account: it came from the browser, without that scope",
      remedy: `Sign in at the terminal: ${signInCommand(settings)} -u NAME`,
    };
  }
  if (/token/i.test(words))
    return { message: "the sign-in has ended", remedy: `Sign in again: ${signInCommand(settings)}` };
  return { message: "wrong password", remedy: "Try again; if it is lost: oidc-s3 user password forgot" };
}
