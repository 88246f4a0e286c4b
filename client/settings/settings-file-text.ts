import { SettingsError } from "../core/errors";
import { SETTING_NAMES } from "./setting-names";

/** In the order in which people look for them. */
const ORDER: readonly string[] = Object.values(SETTING_NAMES).map(({ variable }) => variable);

/**
 * A settings file of these values, in the form that systemd (EnvironmentFile=), shells (`set -a; . FILE`) and this
 * client read alike.
 * @throws {SettingsError} for a value that has no such form.
 */
export function settingsFileText(values: Readonly<Record<string, string>>, title: string): string {
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const names = Object.keys(values).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const faults = names.filter((name) => /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(values[name] ?? ""));
  if (faults.length > 0) {
    throw new SettingsError(faults.map((name) => `${name} holds a line end or another control character`));
  }
  const lines = names.filter((name) => values[name] !== "").map((name) => `${name}=${quoted(values[name] ?? "")}`);
  return `# ${title.replace(/[^\x20-\x7e]/g, "?")}\n${lines.join("\n")}\n`;
}

/** Within double quotes systemd and shells give a meaning to the same four characters. */
function quoted(value: string): string {
  return `"${value.replace(/["\\$`]/g, "\\$&")}"`;
}
