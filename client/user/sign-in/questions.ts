import { RefusedError } from "../../core/errors";
import type { Prompt } from "../../core/prompt";
import { Secret } from "../../core/secret";
import type { UserSettings } from "../settings/user-settings";

/** What goes through a whole sign-in, or a change of an account. */
export interface SignInContext {
  readonly settings: UserSettings;
  readonly prompt: Prompt;
  readonly say: (message: string) => void;
  /** Shows something as it is laid out. */
  readonly show: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

type Questions = Pick<SignInContext, "prompt" | "say">;

/** How often an answer that may be mistyped is asked for. */
const ATTEMPTS = 3;

/** Asks for a new password, twice the same. */
export async function askNewPassword({ prompt, say }: Questions): Promise<Secret> {
  for (;;) {
    const first = await prompt.askHidden("New password (not shown): ");
    const second = await prompt.askHidden("Once more: ");
    if (first === second && first !== "") return new Secret(first);
    say(first === "" ? "it is empty" : "the two are not the same");
  }
}

/** Asks for a code of digits; blanks that people or apps put between them do not count. */
export async function askCode({ prompt, say }: Questions, question: string): Promise<string> {
  for (;;) {
    const answer = (await prompt.ask(question)).replace(/\s/g, "");
    if (/^\d{4,10}$/.test(answer)) return answer;
    say("a code has digits alone");
  }
}

/** Lets the person correct a mistake a few times, where the service refused with one of these codes. */
export async function again<T>(
  { say }: Pick<SignInContext, "say">,
  codes: readonly string[],
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RefusedError) || !codes.includes(error.code) || tried === ATTEMPTS) throw error;
      say(error.message);
    }
  }
}
