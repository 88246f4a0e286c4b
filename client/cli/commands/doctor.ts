import type { Command } from "commander";
import { addSettingOptions, type SettingOptions } from "./setting-options";

interface Options extends SettingOptions {
  readonly writeTest?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("doctor")
    .description("find out what is wrong: settings, token endpoint, token, vending API, credentials, prefix")
    .option("--write-test", "also begin an upload and take it back; no object is left")
    .option("--json", "tell it as JSON");
  addSettingOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const [{ examine }, { checkLines, checksJson }, { interruptible }, { loadSettings }, { print }] =
        await Promise.all([
          import("../../setup/doctor.ts"),
          import("../../setup/checks.ts"),
          import("../../core/interruption.ts"),
          import("../../settings/settings.ts"),
          import("../../core/terminal.ts"),
        ]);
      const { json = false, writeTest = false, config } = options;
      const results = await interruptible((signal) =>
        examine({
          loadSettings: (warn) => loadSettings({ flags: options, env: process.env, configFile: config, warn }),
          writeTest,
          signal,
          report: (result) => json || print(checkLines(result)),
        }),
      );
      if (json) print(checksJson(results));
      process.exitCode = results.find(({ status }) => status === "failed")?.exitCode ?? 0;
    });
}

const EXAMPLES = `
Each run asks for one token and one set of credentials of its own.

Examples:
  oidc-s3 doctor
  oidc-s3 doctor --write-test --json
`;
