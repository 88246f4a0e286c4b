import { readFileSync } from "node:fs";
import type { Command } from "commander";

interface Options {
  readonly server?: string;
  readonly stack?: string;
  readonly to: string;
}

export function register(program: Command): void {
  program
    .command("handover")
    .description("for the platform team: write servers' settings files from the outputs of servers-<env>")
    .argument("<outputs>", 'file that cdktf or Terraform wrote its outputs to; "-" is the standard input')
    .requiredOption("--to <path>", 'file for one server ("-" is a pipe), folder for all')
    .option("--server <name>", "one server; all of them when not given")
    .option("--stack <name>", "which stack, where the outputs are of several")
    .addHelpText("after", EXAMPLES)
    .action(async (outputs: string, { server, stack, to }: Options) => {
      const [{ handover }, { print, say }] = await Promise.all([
        import("../../setup/handover.ts"),
        import("../../core/terminal.ts"),
      ]);
      const readStdin = (): string => readFileSync(0, "utf8");
      handover({ outputs, server, stack, to, stdoutIsTerminal: process.stdout.isTTY, readStdin, print, say });
    });
}

const EXAMPLES = `
Examples (in the folder of the stack: the secrets touch no other file):
  terraform output -json | oidc-s3 handover - --server log-shipper --to log-shipper.env
  terraform output -json | oidc-s3 handover - --to handover/
  terraform output -json | oidc-s3 handover - --server log-shipper --to - | ssh HOST sudo oidc-s3 configure --from -
`;
