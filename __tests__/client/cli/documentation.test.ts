import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../client/cli/main";
import { createProgram } from "../../../client/cli/program";
import { EXIT_CODES } from "../../../client/core/errors";
import { SETTING_NAMES } from "../../../client/settings/settings-file";

const DOCS = join(__dirname, "../../../docs");
const CLIENT = readFileSync(join(DOCS, "client.md"), "utf8");

it("docs/client.md has every exit code with its name, and no other", () => {
  const rows = [...CLIENT.matchAll(/^\| +(\d+) +\| +(\w+) +\|/gm)].map(([, code, name]) => [name, Number(code)]);
  expect(Object.fromEntries(rows)).toEqual(EXIT_CODES);
});

it("the help names every exit code", async () => {
  const program = await createProgram(undefined, COMMANDS);
  let help = "";
  program.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  for (const code of Object.values(EXIT_CODES)) expect(help).toMatch(new RegExp(`\\b${code} `));
});

it("docs/client.md has every setting with its flag", () => {
  for (const setting of Object.values(SETTING_NAMES)) {
    expect(CLIENT).toContain(`\`${setting.variable}\``);
    if ("flag" in setting) expect(CLIENT).toContain(`\`${setting.flag}\``);
  }
});

it("and every command", () => {
  for (const name of Object.keys(COMMANDS)) expect(CLIENT).toContain(`\`${name}`);
});

it("the documents call commands and options that exist", async () => {
  const program = await createProgram(undefined, COMMANDS);
  const options = new Map(
    program.commands.flatMap((command) =>
      [command, ...command.commands].map((one) => [
        one === command ? command.name() : `${command.name()} ${one.name()}`,
        one.options.map(({ long }) => long),
      ]),
    ),
  );
  const files = [
    ...["client.md", "transfers.md", "api.md"].map((name) => join(DOCS, name)),
    ...readdirSync(join(DOCS, "integrations")).map((name) => join(DOCS, "integrations", name)),
  ];
  let seen = 0;
  for (const file of files) {
    for (const [line, command = "", rest = ""] of readFileSync(file, "utf8").matchAll(
      /oidc-s3 ((?:[a-z]+-)?[a-z]+)((?: +(?:\[?--[a-z-]+\]?|[^\s`|-][^\s`|]*))*)/g,
    )) {
      const known = options.get(`${command} ${/^ +([a-z]+)/.exec(rest)?.[1]}`) ?? options.get(command);
      if (known === undefined) continue;
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
        expect({ file, line, known: known.includes(option) }).toEqual({ file, line, known: true });
        seen++;
      }
    }
  }
  expect(seen).toBeGreaterThan(10);
});
