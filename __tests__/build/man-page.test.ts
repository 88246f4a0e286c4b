import { manPage, roff } from "../../build/man-page";
import { COMMANDS } from "../../client/cli/main";
import { createProgram } from "../../client/cli/program";
import { EXIT_CODES } from "../../client/core/errors";
import { SETTING_NAMES } from "../../client/settings/settings-file";

let page: string;
/** The page as a reader sees its words. */
let words: string;
beforeAll(async () => {
  page = await manPage(Date.parse("2026-11-21") / 1000);
  words = page
    .replace(/\\f[BIR]/g, "")
    .replaceAll("\\-", "-")
    .replaceAll("\\(aq", "'")
    .replaceAll("\\(ti", "~");
});

it("has every command with all its options, their descriptions and its examples", async () => {
  const program = await createProgram(undefined, COMMANDS);
  expect(program.commands.length).toBeGreaterThan(10);
  const user = program.commands.find((command) => command.name() === "user");
  for (const command of user?.commands ?? []) expect(words).toContain(`.SS oidc-s3 user ${command.name()} `);
  for (const command of [...program.commands, ...(user?.commands ?? [])]) {
    if (command.parent === program) expect(words).toContain(`.SS oidc-s3 ${command.name()} `);
    for (const option of command.options) {
      expect(words).toContain(`${option.long}`);
      expect(words.toLowerCase()).toContain(option.description.toLowerCase());
    }
  }
  expect(words).toContain("\n.EX\noidc-s3 upload db.dump   ");
  expect(words).toContain("pg_dump app | oidc-s3 upload --key backups/server-01/app.sql -\n.EE");
});

it("has every setting and every exit code", () => {
  for (const { variable } of Object.values(SETTING_NAMES)) expect(words).toContain(variable);
  for (const code of Object.values(EXIT_CODES)) expect(words).toContain(`.TP\n.B ${code}\n`);
});

it("says the options that name settings once, and for which commands they are", () => {
  expect(words.split("--token-endpoint")).toHaveLength(2);
  const paragraph = (command: string) => words.split(`.SS oidc-s3 ${command} `)[1]?.split(".TP")[0];
  expect(paragraph("upload")).toContain("It also takes the options that name settings.");
  expect(paragraph("completion")).not.toContain("options that name settings");
});

it("writes a text so that troff prints it as it is", () => {
  expect(roff(".x\n'y -z \\n `~^ …")).toBe("\\&.x\n\\(aqy \\-z \\en \\(ga\\(ti\\(ha \\[u2026]");
});

it("bears the day that it is told, and not that of its making", () => {
  expect(page).toMatch(/^\.TH OIDC\\-S3 1 2026-11-21 "oidc\\-s3 \d/);
});
