import { escapeXml } from "../../aws/refusals";

/** One thing to type in. */
interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "password";
  /** What a browser or a password manager may fill in. */
  readonly autocomplete: string;
  readonly isCode?: boolean;
}

export interface Form {
  readonly title: string;
  readonly explanation?: string;
  readonly fields: readonly Field[];
  readonly button: string;
  /** Sent along unseen. */
  readonly hidden: Readonly<Record<string, string>>;
  /** What was wrong with what was typed before. */
  readonly error?: string | undefined;
}

const CODE = { type: "text", autocomplete: "one-time-code", isCode: true } as const;

export const FIELDS = {
  username: { name: "username", label: "User name or e-mail address", type: "text", autocomplete: "username" },
  password: { name: "password", label: "Password", type: "password", autocomplete: "current-password" },
  newPassword: { name: "new_password", label: "New password", type: "password", autocomplete: "new-password" },
  appCode: { name: "code", label: "Code of your authenticator app", ...CODE },
  sentCode: { name: "code", label: "Code", ...CODE },
} as const satisfies Readonly<Record<string, Field>>;

/** A page with one form, which works without scripts, with a keyboard and with a screen reader. */
export function formPage({ title, explanation, fields, button, hidden, error }: Form): string {
  const inputs = fields.map(input).join("\n");
  const unseen = Object.entries(hidden)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeXml(value)}">`)
    .join("");
  // Announced as soon as the page is there.
  const alert = error === undefined ? "" : `<p role="alert">${escapeXml(error)}</p>`;
  const about = explanation === undefined ? "" : `<p>${escapeXml(explanation)}</p>`;
  return page(
    title,
    `<form method="post" autocomplete="on">${alert}${about}\n${inputs}\n${unseen}\n<button type="submit">${button}</button></form>`,
  );
}

/** A page that only says something. */
export function messagePage(title: string, message: string): string {
  return page(title, `<p role="alert">${escapeXml(message)}</p>`);
}

function input({ name, label, type, autocomplete, isCode = false }: Field, index: number): string {
  const code = isCode ? ' inputmode="numeric" maxlength="8"' : "";
  const focus = index === 0 ? " autofocus" : "";
  return `<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" required${code}${focus}>`;
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title><link rel="stylesheet" href="/login.css"></head>
<body><main><h1>${escapeXml(title)}</h1>
${content}
</main></body>
</html>
`;
}

export const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 24rem; margin: 4rem auto; padding: 0 1rem }
form { display: grid; gap: .5rem }
input, button { font: inherit; padding: .5rem; border: 1px solid; border-radius: .25rem }
button { margin-top: .5rem; cursor: pointer }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px }
[role=alert] { border-inline-start: .25rem solid; padding-inline-start: .5rem; font-weight: 600 }
`;
