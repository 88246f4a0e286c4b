import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { InterruptedError } from "../core/errors";
import { SETTING_NAMES, type SettingName } from "../settings/setting-names";

export interface Console {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

const QUESTIONS: readonly { readonly name: SettingName; readonly text: string; readonly secret?: true }[] = [
  { name: "domain", text: "Cognito domain, its prefix alone" },
  { name: "region", text: "AWS region" },
  { name: "clientId", text: "Client id" },
  { name: "clientSecret", text: "Client secret (not shown)", secret: true },
  { name: "resourceServer", text: "Resource server's identifier" },
  { name: "credentialApiUrl", text: "URL of the vending API" },
  { name: "bucket", text: "Bucket (may be empty)" },
  { name: "prefix", text: "This server's prefix (may be empty)" },
];

/**
 * Asks a person for the settings; an empty answer keeps what is there. The secret is not shown while it is typed.
 * @throws {InterruptedError} on Ctrl-C and Ctrl-D.
 */
export async function askSettings(
  { input, output }: Console,
  known: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  let hidden = false;
  const visible = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) output.write(chunk as Buffer);
      done();
    },
  });
  const reader = createInterface({ input, output: visible, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_, reject) => {
    reader.on("SIGINT", () => reject(new InterruptedError()));
    reader.on("close", () => reject(new InterruptedError()));
  });
  // Nobody waits for it any more once the last question is answered.
  ended.catch(() => {});
  const answers: Record<string, string> = { ...known };
  try {
    for (const { name, text, secret } of QUESTIONS) {
      const { variable } = SETTING_NAMES[name];
      const present = known[variable] ? ` [${secret ? "unchanged" : known[variable]}]` : "";
      output.write(`${text}${present}: `);
      hidden = secret === true;
      const answer = (await Promise.race([reader.question(""), ended])).trim();
      if (hidden) output.write("\n");
      hidden = false;
      if (answer !== "") answers[variable] = answer;
    }
    return answers;
  } finally {
    reader.close();
  }
}
