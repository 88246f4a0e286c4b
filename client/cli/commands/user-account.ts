import { Argument, type Command } from "commander";
import { UsageError } from "../../core/errors";
import { interruptible } from "../../core/interruption";
import { print, say, writeMessage } from "../../core/terminal";
import { loadUserSettings } from "../../user/settings/find-settings";
import type { SignInContext } from "../../user/sign-in/questions";
import { addProfileOption, type ProfileOption, prompting } from "./user-options";

/** Runs work that asks, with the settings of the profile. */
async function inContext<T>(
  { profile }: ProfileOption,
  work: (context: SignInContext & { readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const settings = loadUserSettings({ env: process.env, profile });
  return prompting((prompt) => interruptible((signal) => work({ settings, prompt, say, show: writeMessage, signal })));
}

export function registerWhoami(group: Command): void {
  addProfileOption(
    group.command("whoami").description("ask the user pool who is signed in, and whether that still counts"),
  )
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  oidc-s3 user whoami\n")
    .action(async ({ profile, json }: ProfileOption & { readonly json?: boolean }) => {
      const { askAccount } = await import("../../user/account/account.ts");
      const settings = loadUserSettings({ env: process.env, profile });
      const account = await interruptible((signal) => askAccount(settings, { signal, report: say }));
      const { userName, attributes, methods, preferred } = account;
      if (json) {
        print(
          JSON.stringify({
            user: userName,
            attributes: Object.fromEntries(attributes),
            mfa: methods,
            preferred: preferred ?? null,
          }),
        );
        return;
      }
      const email = attributes.get("email");
      print(`${userName}${email === undefined || email === userName ? "" : ` (${email})`}`);
      print(`second factor: ${methods.length === 0 ? "none" : methods.join(", ")}`);
    });
}

const ACTIONS = ["show", "enrol", "prefer", "off"] as const;

export function registerMfa(group: Command): void {
  addProfileOption(
    group.command("mfa").description("the second factor: see it, set up an authenticator app, choose, turn off"),
  )
    .addArgument(new Argument("[action]", "what to do").choices(ACTIONS).default("show"))
    .addArgument(new Argument("[method]", "with prefer: which one is asked for").choices(["totp", "sms", "email"]))
    .addHelpText("after", MFA_EXAMPLES)
    .action(
      async (
        action: (typeof ACTIONS)[number],
        method: "totp" | "sms" | "email" | undefined,
        options: ProfileOption,
      ) => {
        if ((action === "prefer") !== (method !== undefined)) {
          throw new UsageError(action === "prefer" ? "prefer which? totp, sms or email" : `${action} takes no method`);
        }
        const { askAccount, enrolAuthenticatorApp, METHODS, preferMethod, turnMfaOff } = await import(
          "../../user/account/account.ts"
        );
        await inContext(options, async (context) => {
          if (action === "show") {
            const { methods, preferred } = await askAccount(context.settings, { signal: context.signal, report: say });
            for (const each of methods)
              print(`${METHODS[each].words}${each === preferred ? ", which is asked for" : ""}`);
            if (methods.length === 0) print("none: oidc-s3 user mfa enrol");
          } else if (action === "enrol") {
            await enrolAuthenticatorApp(context);
            print("the authenticator app is asked for from now on");
          } else if (method !== undefined) {
            await preferMethod(context, method);
            print(`${METHODS[method].words} is asked for from now on`);
          } else {
            await turnMfaOff(context);
            print("no second factor is asked for any more");
          }
        });
      },
    );
}

const MFA_EXAMPLES = `
Examples:
  oidc-s3 user mfa enrol                          shows a QR code for an authenticator app
  oidc-s3 user mfa prefer totp
`;

export function registerPassword(group: Command): void {
  addProfileOption(group.command("password").description("change the password, or set a new one where it is lost"))
    .addArgument(
      new Argument("<action>", "change: of whoever is signed in; forgot: by a code").choices(["change", "forgot"]),
    )
    .option("-u, --user <name>", "with forgot: whose")
    .addHelpText("after", PASSWORD_EXAMPLES)
    .action(async (action: "change" | "forgot", { user, ...options }: ProfileOption & { readonly user?: string }) => {
      if (action === "change" && user !== undefined)
        throw new UsageError("change takes no -u: it is for whoever is signed in");
      const { changePassword, resetPassword } = await import("../../user/account/password.ts");
      await inContext(options, async (context) => {
        if (action === "change") await changePassword(context);
        else await resetPassword(context, user ?? (await context.prompt.ask("User name: ")).trim());
      });
      print("the new password counts from now on");
    });
}

const PASSWORD_EXAMPLES = `
Examples:
  oidc-s3 user password change
  oidc-s3 user password forgot -u ann
`;
