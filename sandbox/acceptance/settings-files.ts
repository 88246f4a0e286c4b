import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes one file of settings for each name, readable by this user only; gives the file of each. */
export async function writeSettingsFiles(
  folder: string,
  settings: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, string>();
  for (const [name, variables] of Object.entries(settings)) {
    const file = join(folder, `${name}.env`);
    await writeFile(file, environmentFile(variables), { mode: 0o600 });
    files.set(name, file);
  }
  return files;
}

/** Lines that a shell can source and that the client reads: `NAME=value`, quoted where it must be. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${shellWord(value)}\n`)
    .join("");
}

function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
