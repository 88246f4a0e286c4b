import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { programInputs } from "./client";

/**
 * The licences of the packages in the bundle, as they ask to go along with every copy.
 * @throws {Error} where a package does not say its licence: then nobody may pass it on.
 */
export async function licenceNotices(): Promise<string> {
  const project = join(__dirname, "..");
  const folders = new Set<string>();
  for (const input of await programInputs()) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(join(project, folder));
  }
  const packagesOfText = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { title, text } = notice(folder);
    packagesOfText.set(text, [...(packagesOfText.get(text) ?? []), title]);
  }
  return [...packagesOfText].map(([text, titles]) => `${"-".repeat(80)}\n${titles.join("\n")}\n\n${text}\n`).join("\n");
}

function notice(folder: string): { readonly title: string; readonly text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${name} does not say its licence`);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return { title: `${name} ${version} (${license})`, text: texts.join("\n\n") };
}
