import type { Finish } from "../challenge-sessions";
import type { People } from "../people";
import { type Json, ServiceError } from "../service-error";
import type { AuthorizationCodes } from "./authorization-codes";
import { type AuthorizeRequest, withParameters } from "./authorize-request";
import { FIELDS, type Form } from "./login-page";

/** What the browser is to do next. */
export type LoginAnswer = { readonly form: Form } | { readonly location: string };

const SIGN_IN: Omit<Form, "hidden"> = {
  title: "Sign in",
  fields: [FIELDS.username, FIELDS.password],
  button: "Sign in",
};

/** The login page's conversation: each form is answered by another, until the browser goes back to the app. */
export class Login {
  constructor(
    private readonly people: People,
    private readonly codes: AuthorizationCodes,
  ) {}

  start(error?: string): LoginAnswer {
    return { form: { ...SIGN_IN, hidden: {}, error } };
  }

  /** Takes what was typed. A mistake is answered by the same form, with a sentence. */
  async submit(request: AuthorizeRequest, typed: URLSearchParams): Promise<LoginAnswer> {
    const challenge = typed.get("challenge");
    try {
      const answer =
        challenge === null ? await this.signIn(request, typed) : await this.respond(request, challenge, typed);
      return await this.next(request, answer);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const isRepeatable = ["CodeMismatchException", "InvalidPasswordException"].includes(error.type);
      if (challenge === null || !isRepeatable) return this.start(error.message);
      return { form: this.form(challenge, hiddenIn(typed), error.message) };
    }
  }

  private signIn(request: AuthorizeRequest, typed: URLSearchParams): Promise<Json> {
    const name = typed.get("username") ?? "";
    const password = typed.get("password") ?? "";
    return this.people.passwords.byPassword(request.client, name, password, this.goingBack(request));
  }

  private async respond(request: AuthorizeRequest, challenge: string, typed: URLSearchParams): Promise<Json> {
    const hidden = hiddenIn(typed);
    let session = hidden.session ?? "";
    const code = (typed.get("code") ?? "").trim();
    if (challenge === "MFA_SETUP") {
      const verified = await this.people.ownAccount.verify({ Session: session, UserCode: code });
      session = String(verified.Session);
    }
    const answers = {
      NEW_PASSWORD_REQUIRED: { NEW_PASSWORD: typed.get("new_password") ?? "" },
      SOFTWARE_TOKEN_MFA: { SOFTWARE_TOKEN_MFA_CODE: code },
      SMS_MFA: { SMS_MFA_CODE: code },
      EMAIL_OTP: { EMAIL_OTP_CODE: code },
    }[challenge];
    const responses = { USERNAME: hidden.user ?? "", ...answers };
    return this.people.challenges.respond(challenge, session, responses, request.client);
  }

  /** The form for what is asked next; where nothing is, the way back to the app. */
  private async next(request: AuthorizeRequest, answer: Json): Promise<LoginAnswer> {
    if (typeof answer.location === "string") return { location: answer.location };
    const { ChallengeName: challenge, Session: session, ChallengeParameters: parameters } = answer;
    // A session of Cognito's API ends in tokens, which no page shows.
    if (typeof challenge !== "string" || typeof session !== "string") return this.start();
    const { USER_ID_FOR_SRP: user = "", MFAS_CAN_CHOOSE: choice = "[]" } = parameters as Record<string, string>;
    if (challenge === "SELECT_MFA_TYPE") {
      // The page takes the first: whoever wants another prefers it in the settings of the account.
      const [ANSWER] = JSON.parse(choice);
      const chosen = { USERNAME: user, ANSWER };
      return this.next(request, await this.people.challenges.respond(challenge, session, chosen, request.client));
    }
    if (challenge === "MFA_SETUP") {
      const started = await this.people.ownAccount.associate({ Session: session });
      const hidden = { challenge, user, session: String(started.Session), secret: String(started.SecretCode) };
      return { form: this.form(challenge, hidden) };
    }
    return { form: this.form(challenge, { challenge, session, user }) };
  }

  private form(challenge: string, hidden: Readonly<Record<string, string>>, error?: string): Form {
    const common = { hidden, error, button: "Continue" };
    switch (challenge) {
      case "NEW_PASSWORD_REQUIRED":
        return { ...common, title: "Choose a password", fields: [FIELDS.newPassword] };
      case "MFA_SETUP": {
        const explanation = `Enter this key in your authenticator app, then the code that it shows: ${hidden.secret}`;
        return { ...common, title: "Set up an authenticator app", explanation, fields: [FIELDS.appCode] };
      }
      case "SOFTWARE_TOKEN_MFA":
        return { ...common, title: "One more step", fields: [FIELDS.appCode] };
      default:
        return {
          ...common,
          title: "One more step",
          explanation: "We have sent you a code.",
          fields: [FIELDS.sentCode],
        };
    }
  }

  private goingBack(request: AuthorizeRequest): Finish {
    return async (_client, user, startedAt) => {
      const code = this.codes.issue({ request, user, startedAt });
      return { location: withParameters(request.redirectUri, { code, state: request.state }) };
    };
  }
}

function hiddenIn(typed: URLSearchParams): Record<string, string> {
  const names = ["challenge", "session", "user", "secret"];
  return Object.fromEntries(names.flatMap((name) => (typed.has(name) ? [[name, typed.get(name) ?? ""]] : [])));
}
