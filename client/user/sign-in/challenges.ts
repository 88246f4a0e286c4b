import { ClientError, EXIT_CODES } from "../../core/errors";
import type { Secret } from "../../core/secret";
import { wordsOf } from "../../network/service-answer";
import type { Json } from "../../settings/terraform-outputs";
import { callCognito, type OperationAnswer } from "../cognito/operation";
import { signInCommand } from "../cognito/refusals";
import { enrolByCode } from "./authenticator-app";
import { again, askCode, askNewPassword, type SignInContext } from "./questions";

/** A challenge, as Cognito asks it. */
export interface Challenge {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly session: Secret | undefined;
  /** By which the answers name the user. */
  readonly userName: string;
}

type Answers = Readonly<Record<string, string | Secret>>;
type Answer = (context: SignInContext, challenge: Challenge) => Promise<OperationAnswer>;

/** Answers one challenge by asking the person; the next challenge, or the tokens, are in what comes back. */
export function answerChallenge(context: SignInContext, challenge: Challenge): Promise<OperationAnswer> {
  const answer = ANSWERS.get(challenge.name);
  if (answer !== undefined) return answer(context, challenge);
  const isDevice = challenge.name.startsWith("DEVICE_");
  const what = isDevice ? "a device that the user pool remembers" : `a step that oidc-s3 does not know`;
  throw new ClientError(
    `the user pool wants ${what} (${wordsOf(challenge.name)})`,
    "unknown_challenge",
    EXIT_CODES.refused,
    {
      remedy:
        context.settings.domain === undefined
          ? "Ask an administrator for a way to sign in with a password and a code"
          : `Sign in in the browser: ${signInCommand(context.settings)}`,
    },
  );
}

const ANSWERS: ReadonlyMap<string, Answer> = new Map(
  Object.entries({
    NEW_PASSWORD_REQUIRED: newPassword,
    SOFTWARE_TOKEN_MFA: code("SOFTWARE_TOKEN_MFA_CODE", () => "Code of the authenticator app: "),
    SMS_MFA: code("SMS_MFA_CODE", (where) => `Code that was sent by SMS${where}: `),
    EMAIL_OTP: code("EMAIL_OTP_CODE", (where) => `Code that was sent by e-mail${where}: `),
    SELECT_MFA_TYPE: selectMfaType,
    MFA_SETUP: setUpMfa,
  }),
);

async function newPassword(context: SignInContext, challenge: Challenge): Promise<OperationAnswer> {
  const { prompt, say } = context;
  say("this password was for the first time only: choose one of your own");
  const attributes: Record<string, string> = {};
  for (const name of listOf(challenge.parameters.requiredAttributes)) {
    const plain = name.replace(/^userAttributes\./, "");
    attributes[`userAttributes.${plain}`] = (await prompt.ask(`${wordsOf(plain)}: `)).trim();
  }
  return again(context, ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"], async () =>
    respond(context, challenge, { NEW_PASSWORD: await askNewPassword(context), ...attributes }),
  );
}

function code(key: string, question: (where: string) => string): Answer {
  return (context, challenge) => {
    const { CODE_DELIVERY_DESTINATION: destination } = challenge.parameters;
    const where = destination === undefined ? "" : ` to ${wordsOf(destination)}`;
    return again(context, ["CodeMismatchException"], async () =>
      respond(context, challenge, { [key]: await askCode(context, question(where)) }),
    );
  };
}

const MFA_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({ SOFTWARE_TOKEN_MFA: "authenticator app", SMS_MFA: "SMS", EMAIL_OTP: "e-mail" }),
);

async function selectMfaType(context: SignInContext, challenge: Challenge): Promise<OperationAnswer> {
  const offered = listOf(challenge.parameters.MFAS_CAN_CHOOSE).filter((each) => MFA_NAMES.has(each));
  if (offered.length === 0) throw noMethod(challenge.parameters.MFAS_CAN_CHOOSE);
  return respond(context, challenge, { ANSWER: await choose(context, "Code from", offered) });
}

async function setUpMfa(context: SignInContext, challenge: Challenge): Promise<OperationAnswer> {
  const offered = listOf(challenge.parameters.MFAS_CAN_SETUP);
  if (!offered.includes("SOFTWARE_TOKEN_MFA")) throw noMethod(challenge.parameters.MFAS_CAN_SETUP);
  context.say("this user pool wants a second factor: set up an authenticator app now");
  const session = await enrolByCode(context, { session: challenge.session, userName: challenge.userName });
  return respond(context, { ...challenge, session }, {});
}

async function choose({ prompt, say }: SignInContext, question: string, offered: readonly string[]): Promise<string> {
  for (const [index, name] of offered.entries()) say(`${index + 1}: ${MFA_NAMES.get(name)}`);
  for (;;) {
    const chosen = offered[Number((await prompt.ask(`${question} (1 to ${offered.length}): `)).trim()) - 1];
    if (chosen !== undefined) return chosen;
    say("that is none of these numbers");
  }
}

/** Sends the answers to a challenge. */
export function respond(
  { settings, signal }: Pick<SignInContext, "settings" | "signal">,
  { name, session, userName }: Challenge,
  answers: Answers,
): Promise<OperationAnswer> {
  const input: Json = {
    ChallengeName: name,
    ClientId: settings.clientId,
    ...(session === undefined ? {} : { Session: session }),
    ChallengeResponses: { USERNAME: userName, ...answers },
  };
  const operation = { service: "cognito_idp", name: "RespondToAuthChallenge", input, occasion: "sign-in" } as const;
  return callCognito(settings, operation, { signal });
}

/** A list, which Cognito sends as JSON within a string. */
function listOf(value: string | undefined): string[] {
  try {
    const parsed: unknown = JSON.parse(value ?? "[]");
    return Array.isArray(parsed) ? parsed.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

function noMethod(offered: string | undefined): ClientError {
  return new ClientError(
    `the user pool offers no second factor that works at a terminal: ${wordsOf(offered ?? "none")}`,
    "no_mfa_method",
    EXIT_CODES.refused,
    { remedy: "Sign in in the browser once and set one up there, or ask an administrator" },
  );
}
