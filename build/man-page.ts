import { Command, type Option } from "commander";
import { addSettingOptions } from "../client/cli/commands/command-options";
import { COMMANDS } from "../client/cli/main";
import { createProgram } from "../client/cli/program";
import { version } from "../client/package.json";

/**
 * The client's manual page, as man(7) has it, from the definitions that its help is made of.
 * @param time when its contents were last changed, in seconds.
 */
export async function manPage(time: number): Promise<string> {
  const program = await createProgram(undefined, COMMANDS);
  const settings = addSettingOptions(new Command()).options;
  const [about = "", examples = ""] = textAfterHelp(program).split(/^Examples:$/m);
  const [exampleLines = "", exitCodes = ""] = examples.split(/^Exit codes:/m);
  const day = new Date(time * 1000).toISOString().slice(0, 10);
  return [
    `.TH OIDC\\-S3 1 ${day} "oidc\\-s3 ${version}" "User Commands"`,
    ".SH NAME",
    `oidc\\-s3 \\- ${roff(program.description())}`,
    ".SH SYNOPSIS",
    "\\fBoidc\\-s3\\fR \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]",
    ".SH DESCRIPTION",
    ...paragraphs(`${DESCRIPTION}\n\n${about}`),
    ".SH COMMANDS",
    ...program.commands.flatMap((command) => commandLines(command, settings)),
    ".SH OPTIONS THAT NAME SETTINGS",
    "Each goes before the variable in parentheses, wherever that is set.",
    ...settings.flatMap(optionLines),
    ".SH OPTIONS WITHOUT A COMMAND",
    ...[...program.options, program.createHelp().visibleOptions(program).at(-1)].flatMap((option) =>
      option === undefined ? [] : optionLines(option),
    ),
    ".SH EXIT STATUS",
    ...exitCodes
      .replace(/\.\s*$/, "")
      .split(",")
      .flatMap((entry) => [".TP", `.B ${/\d+/.exec(entry)?.[0]}`, roff(entry.replace(/\s*\d+\s+/, ""))]),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(([name, meaning]) => [".TP", `.B ${name}`, roff(meaning)]),
    ".SH FILES",
    ...FILES.flatMap(([name, meaning]) => [".TP", `.I ${roff(name)}`, roff(meaning)]),
    ".SH EXAMPLES",
    ...paragraphs(exampleLines),
    "",
  ].join("\n");
}

/** Narrow, for it is the description of the packages too. */
export const DESCRIPTION = `A server holds an OAuth 2.0 client id and secret of Amazon Cognito. This
program gets an access token with them, trades it at a credential vending API
for AWS credentials that live an hour at most and reach one prefix of one S3
bucket, hands these to AWS SDKs, the AWS CLI and other programs, and moves
files itself. Messages go to the standard error, results to the standard
output.`;

const ENVIRONMENT = [
  [
    "COGNITO_CLIENT_SECRET",
    "The secret of the app client. There is no option for it: every user of a machine sees its command lines.",
  ],
  ["COGNITO_CLIENT_SECRET_FILE", "A file with the secret instead."],
  ["IDP_TYPE", "cognito, which is also the default."],
  ["OIDC_S3_CONFIG", "The settings file, where --config names none."],
  ["HTTPS_PROXY, NO_PROXY", "The proxy for https, and the hosts that are reached without it."],
  [
    "AWS_CA_BUNDLE, SSL_CERT_FILE, NODE_EXTRA_CA_CERTS",
    "A file of CA certificates (PEM) that are trusted besides the usual ones.",
  ],
  ["AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL", "Where S3 is, if it is not at AWS."],
  [
    "COGNITO_USER_POOL_ID, COGNITO_IDENTITY_POOL_ID",
    "For people: beside the first, and without a client secret, COGNITO_CLIENT_ID is a person's.",
  ],
] as const;

const FILES = [
  [
    "/etc/oidc-s3/config.env",
    'The settings, in lines NAME=value or export NAME="value". Only its owner may write to it, and only those who use it may read it.',
  ],
  [
    "~/.cache/oidc-s3",
    "Token and credentials, for their owner alone. $XDG_CACHE_HOME and $CACHE_DIRECTORY are respected.",
  ],
  ["~/.config/oidc-s3/users", "The settings of people, a file for each profile. $XDG_CONFIG_HOME is respected."],
  ["~/.local/state/oidc-s3/users", "Who is signed in, for their owner alone. $XDG_STATE_HOME is respected."],
] as const;

/** A command; of a group, as `user` is, also those in it. */
function commandLines(command: Command, settings: readonly Option[], group = ""): string[] {
  const isSetting = (option: Option) =>
    settings.some(({ flags, description }) => flags === option.flags && description === option.description);
  const hasSettings = command.options.some(isSetting);
  return [
    `.SS oidc\\-s3 ${roff(`${group}${command.name()}`)} ${placeholders(command.usage())}`,
    `${roff(sentence(command.description()))}${hasSettings ? " It also takes the options that name settings." : ""}`,
    ...command.registeredArguments.flatMap((argument) => [
      ".TP",
      `.I ${roff(argument.name())}`,
      roff(sentence(argument.description)),
    ]),
    ...command.options.filter((option) => !isSetting(option)).flatMap(optionLines),
    ".PP",
    ...paragraphs(textAfterHelp(command)),
    ...command.commands.flatMap((one) => commandLines(one, settings, `${group}${command.name()} `)),
  ];
}

function optionLines({ flags, description, defaultValue }: Option): string[] {
  const standard = typeof defaultValue === "string" ? ` (default: ${defaultValue})` : "";
  return [".TP", `\\fB${placeholders(flags)}\\fR`, roff(sentence(`${description}${standard}`))];
}

/** What stands under a command's options in its help. */
function textAfterHelp(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help.slice(command.helpInformation().length);
}

/** Lines as running text, and those that are indented as they stand. */
function paragraphs(text: string): string[] {
  const blocks = text.match(/(?:^ {2}.*\n?)+|(?:^\S.*\n?)+/gm) ?? [];
  return blocks.flatMap((block, index) => {
    const lines = block.trimEnd().split("\n");
    const body = block.startsWith(" ")
      ? [".RS 4", ".EX", ...lines.map((line) => roff(line.slice(2))), ".EE", ".RE"]
      : lines.map(roff);
    return index === 0 ? body : [".PP", ...body];
  });
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** `<file>` and `[dest]` in italics, as manual pages have them. */
function placeholders(text: string): string {
  return roff(text)
    .replace(/<([^>]+)>/g, "\\fI$1\\fR")
    .replace(/\[(\w+)\]/g, "[\\fI$1\\fR]");
}

const CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti" }),
);

/** Text for troff: every character prints as itself, at the start of a line too, and can be copied from a terminal. */
export function roff(text: string): string {
  return text
    .replace(/[\\\-'`^~]/g, (character) => CHARACTERS.get(character) ?? character)
    .replace(
      /[^\n -~]/gu,
      (character) => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`,
    )
    .replace(/^\./gm, "\\&.");
}
