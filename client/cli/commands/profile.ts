import type { Command } from "commander";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly name: string;
  readonly remove?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("profile")
    .description("add a profile to the AWS config, for every AWS SDK and the AWS CLI")
    .option("--name <name>", "the profile's name", "oidc-s3")
    .option("--remove", "take it out again");
  addSettingOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const [{ add, remove }, { print, say }] = await Promise.all([
        import("../../setup/profile.ts"),
        import("../../core/terminal.ts"),
      ]);
      const common = { name: options.name, env: process.env, print, say };
      if (options.remove) return remove(common);
      add({
        ...common,
        settings: settingsFrom(options),
        configFile: options.config,
        program: [process.execPath, process.argv[1] ?? ""],
      });
    });
}

const EXAMPLES = `
Examples:
  oidc-s3 profile --config /etc/oidc-s3/config.env
  aws s3 cp db.dump s3://BUCKET/PREFIX/ --profile oidc-s3
  oidc-s3 profile --remove
`;
