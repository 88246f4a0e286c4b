import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { parseSettingsFile } from "../../../client/settings/settings-file";

function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries([...parseSettingsFile(text).values].map(([name, { value }]) => [name, value]));
}

it("a settings file reads what a shell reads, for values in single quotes, double quotes and none", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9/+=._:@%,-]{0,30}$/);
  const quotable = fc.stringMatching(/^[A-Za-z0-9 /+=._~:@%,;#&()<>|!*?-]{0,30}$/);
  const samples = fc.sample(fc.tuple(word, quotable, quotable), { numRuns: 60, seed: 7 });
  const text = samples.map(([a, b, c], i) => `export A${i}=${a}\nexport B${i}="${b}"\nC${i}='${c}'\n`).join("");
  const names = samples.flatMap((_, i) => [`A${i}`, `B${i}`, `C${i}`]);
  const script = `${text}\nprintf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}`;
  const shell = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
  const ours = valuesOf(text);
  expect(names.map((name) => ours[name])).toEqual(shell);
});
