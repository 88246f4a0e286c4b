import { readFileSync } from "node:fs";
import type { Command } from "commander";

interface Options {
  readonly config?: string;
  readonly from?: string;
}

export function register(program: Command): void {
  program
    .command("configure")
    .description("write this server's settings, for this user alone")
    .option("--config <file>", "file to write (OIDC_S3_CONFIG, else /etc/oidc-s3/config.env, when not given)")
    .option("--from <file>", 'take them from lines NAME="value" instead of asking; "-" is the standard input')
    .addHelpText("after", EXAMPLES)
    .action(async ({ config, from }: Options) => {
      const [{ configure }, { print, say }] = await Promise.all([
        import("../../setup/configure.ts"),
        import("../../core/terminal.ts"),
      ]);
      const { stdin, stderr } = process;
      await configure({
        configFile: config,
        from,
        env: process.env,
        console: stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined,
        readStdin: () => readFileSync(0, "utf8"),
        print,
        say,
      });
    });
}

const EXAMPLES = `
Examples:
  sudo oidc-s3 configure                          asks, and writes /etc/oidc-s3/config.env
  sudo oidc-s3 configure --from handed-over.env
  oidc-s3 configure --config ~/.config/oidc-s3.env
`;
