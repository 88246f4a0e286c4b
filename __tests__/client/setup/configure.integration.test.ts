import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { BuiltClient, type Running, until } from "../support/built-client";

const client = new BuiltClient();
beforeAll(() => client.build());
afterAll(() => client.remove());

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
const PARTS = /\x1b\[([\d;?]*)([A-Za-z])|[\s\S]/g;

/** What a terminal shows of what a program wrote to it: as far as readline drives one, and nothing that it erased. */
function screen(written: string): string[] {
  const lines = [""];
  let column = 0;
  for (const [part, number, command] of written.matchAll(PARTS)) {
    const line = lines.at(-1) ?? "";
    if (part === "\n") lines.push("");
    else if (part === "\r") column = 0;
    else if (command === "G") column = Number(number || 1) - 1;
    else if (command === "J" || command === "K") lines[lines.length - 1] = line.slice(0, column);
    else if (command !== undefined) throw new Error(`this screen does not know ${JSON.stringify(part)}`);
    else {
      lines[lines.length - 1] = line.slice(0, column).padEnd(column) + part + line.slice(column + 1);
      column += 1;
    }
  }
  return lines;
}

/** Without python3 nothing can be shown: that is said aloud, and fails where all has to be tested. */
const python = spawnSync("python3", ["-c", "import pty, os; os.waitstatus_to_exitcode"]).status === 0;
if (!python) {
  const message = "python3 (3.9 or newer) is missing: what is seen on a terminal was not tested";
  if (process.env.CI === "true") throw new Error(message);
  console.warn(message);
}

const DIALOGUE = [
  ["Cognito domain, its prefix alone: ", "oidc-s3-dev-1"],
  ["AWS region: ", "eu-west-1"],
  ["Client id: ", "abc"],
  ["Client secret (not shown): ", "typed-secret"],
  ["Resource server's identifier: ", "https://rs"],
  ["URL of the vending API: ", `https://x.example.com/${"long/".repeat(6)}`],
  ["Bucket (may be empty): ", ""],
  ["This server's prefix (may be empty): ", "logs/"],
] as const;

(python ? describe : describe.skip)("on a terminal", () => {
  async function answer(file: string): Promise<Running> {
    const helper = join(__dirname, "../support/pseudo_terminal.py");
    const command = [helper, process.execPath, client.file, "configure", "--config", file];
    const env = { TERM: "xterm", HOME: client.folder };
    const running = client.startProgram("python3", command, env, { stdio: ["pipe", "pipe", "pipe"] });
    for (const [question, text] of DIALOGUE) {
      await until(() => screen(running.stdout()).at(-1) === question, `"${question}" on ${screen(running.stdout())}`);
      running.child.stdin?.write(`${text}\r`);
    }
    await running.ended;
    return running;
  }

  it("each question stays there to be read, its answer beside it, and the secret does not show", async () => {
    const file = join(client.folder, "config.env");
    const { ended, stdout } = await answer(file);
    expect(await ended).toMatchObject({ code: 0 });
    expect(screen(stdout()).slice(0, DIALOGUE.length)).toEqual(
      DIALOGUE.map(([question, text]) => question + (text === "typed-secret" ? "" : text)),
    );
    expect(stdout()).not.toContain("typed-secret");
    expect(readFileSync(file, "utf8")).toContain("typed-secret");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }, 30_000);
});
