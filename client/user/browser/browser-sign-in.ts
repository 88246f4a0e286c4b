import { ClientError, EXIT_CODES, SettingsError } from "../../core/errors";
import type { Tokens } from "../cognito/tokens";
import type { UserSettings } from "../settings/user-settings";
import type { SignInContext } from "../sign-in/questions";
import { type Authorization, codeIn, exchangeCode, startAuthorization } from "./authorization";
import { listenForCallback } from "./callback-server";

/** A person may have to look for a second factor first. */
const TIMEOUT_MS = 5 * 60_000;

export interface BrowserSignIn {
  readonly tokens: Tokens;
  /** That the ID token has to hold. */
  readonly nonce: string;
}

/** Signs in on the user pool's own pages, in the browser of this machine. */
export async function signInByBrowser(
  { settings, say, signal }: SignInContext,
  open: (url: string) => void,
): Promise<BrowserSignIn> {
  const server = await listenForCallback(requireCallbacks(settings));
  try {
    const authorization = startAuthorization(settings, server.redirectUri);
    say(`sign in in the browser; if none opens, open this address:\n${authorization.url}`);
    open(authorization.url);
    const code = await server.wait((address) => codeIn(address, authorization), { timeoutMs: TIMEOUT_MS, signal });
    return { tokens: await exchangeCode(settings, authorization, code, signal), nonce: authorization.nonce };
  } finally {
    server.close();
  }
}

/** Signs in with a browser of another machine: the address that it ends up at, which shows nothing there, is pasted here. */
export async function signInByPastedAddress({ settings, prompt, say, signal }: SignInContext): Promise<BrowserSignIn> {
  const authorization = startAuthorization(settings, requireCallbacks(settings)[0] ?? "");
  say(
    `open this address in a browser, on whichever machine, and sign in:\n${authorization.url}\n` +
      `the browser then fails to open a page whose address begins with ${authorization.redirectUri}: copy that address`,
  );
  const pasted = (await prompt.askHidden("Address (not shown): ")).trim();
  const code = codeIn(pastedAddress(pasted, authorization), authorization);
  return { tokens: await exchangeCode(settings, authorization, code, signal), nonce: authorization.nonce };
}

function pastedAddress(pasted: string, { redirectUri }: Authorization): URL {
  const address = URL.canParse(pasted) ? new URL(pasted) : undefined;
  const wanted = new URL(redirectUri);
  if (address?.origin === wanted.origin && address.pathname === wanted.pathname) return address;
  // It is not shown: there may be a code in it.
  throw new ClientError(`that is no address that begins with ${redirectUri}`, "bad_address", EXIT_CODES.refused, {
    remedy: "Copy the whole address from the browser's address bar, after the sign-in",
  });
}

function requireCallbacks({ callbackUrls, source }: UserSettings): readonly string[] {
  if (callbackUrls.length > 0) return callbackUrls;
  throw new SettingsError([`${source} names no address that a browser may come back to (callback_urls)`], {
    remedy: "Sign in at the terminal: -u NAME",
  });
}
