// What administrators do with people's accounts, which is no infrastructure: docs/users.md.
import { join } from "node:path";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { Argument, Command, InvalidArgumentError } from "commander";
import { requireEnvironment } from "../config";
import type { UsersConfig } from "../config/schema/users-types";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { Administration } from "./administration";
import { ACTIONS, type Action, type Request, runUsers } from "./command";
import { UsersError, userPoolId } from "./user-pool";

const AFTER_HELP = `
Actions:
${Object.entries(ACTIONS)
  .map(([name, does]) => `  ${name.padEnd(10)} ${does}`)
  .join("\n")}

Works with your own AWS credentials, from the usual places, in the region of users.tfvars. What takes something away is
only said, and done with --yes. No password is shown or asked for. Exits with 0 when everything could be done, otherwise
with 1.

Examples:
  npm run users -- dev invite ann@example.com --attribute given_name=Ann --attribute family_name=Lee
  npm run users -- dev groups ann@example.com --add admin
  npm run users -- dev disable ann@example.com --yes
  npm run --silent users -- dev list --json | jq '.[] | select(.status == "FORCE_CHANGE_PASSWORD")'`;

interface Arguments extends Request {
  readonly userPoolId?: string | undefined;
}

/** Parses the command line. For help, or a fault (status 1), prints the text and ends the process. */
export function parseArguments(argv: readonly string[]): Arguments {
  const collect = (value: string, values: readonly string[]) => [...values, value];
  const program = new Command("npm run users --")
    .description("What administrators do with people's accounts in the user pool of the users layer")
    .argument("<environment>", "a folder of environments/ with users.tfvars")
    .addArgument(new Argument("<action>", "see below").choices(Object.keys(ACTIONS)))
    .argument("[names...]", "users, by the names they sign in with")
    .option("--group <name>", "list: this group's members alone")
    .option("--add <group>", "groups: put into it; may be given several times", collect, [])
    .option("--remove <group>", "groups: take out of it; may be given several times", collect, [])
    .option("--attribute <name=value>", "invite: an attribute; may be given several times", attribute, {})
    .option("--again", "invite: send an invitation again that was not used")
    .option("--yes", "do what takes something away")
    .option("--json", "print JSON, for programs")
    .option("--user-pool-id <id>", "where several user pools have the name of users.tfvars")
    .addHelpText("after", AFTER_HELP)
    .parse(argv, { from: "user" });
  const [environment, action, names] = program.processedArgs as [string, Action, string[]];
  const { attribute: attributes, ...options } = program.opts();
  return {
    environment,
    action,
    names: [...new Set(names)],
    attributes,
    add: options.add,
    remove: options.remove,
    group: options.group,
    userPoolId: options.userPoolId,
    again: options.again === true,
    yes: options.yes === true,
    json: options.json === true,
  };
}

function attribute(value: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, content] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined || content === undefined)
    throw new InvalidArgumentError("write it as name=value, like given_name=Ann; one of your own as custom:team=blue");
  return { ...before, [name]: content };
}

async function main(): Promise<void> {
  const request = parseArguments(process.argv.slice(2));
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const { optional } = await requireEnvironment(folder, request.environment, LAYERS);
  const users = optional.users as UsersConfig | undefined;
  if (users === undefined)
    throw new UsersError(
      `${join(folder, request.environment)} has no users.tfvars, and so no users layer: see docs/users.md`,
    );
  const cognito = new CognitoIdentityProviderClient({ region: users.awsRegion });
  const wanted = { name: users.userPoolName, environment: request.environment };
  const poolId = request.userPoolId ?? (await userPoolId(cognito, wanted));
  const right = await runUsers(request, new Administration(cognito, users, poolId), users, (line) => console.log(line));
  process.exitCode = right ? 0 : 1;
}

if (require.main === module) {
  allowClosedPipe();
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
