import type { StackDocument } from "./synthesise";
import { at } from "./synthesise";

export const ACCOUNT = "123456789012";
export const BUCKET = "arn:aws:s3:::oidc-s3-cognito-dev-uploads";

/** What Terraform puts in for the references that policies hold. */
const VALUES: Readonly<Record<string, string>> = {
  "data.terraform_remote_state.foundation.outputs.bucket_arn": BUCKET,
  "data.terraform_remote_state.foundation.outputs.credential_vending_lambda_role_arn": `arn:aws:iam::${ACCOUNT}:role/oidc-s3-dev-cred-vending`,
  "data.aws_caller_identity.current.account_id": ACCOUNT,
};

/** A policy of a synthesised stack as IAM gets it. */
export function deployedPolicy(document: StackDocument, address: string, attribute = "policy"): unknown {
  const template = at(document, address)[attribute] as string;
  return JSON.parse(
    template.replace(/\$\{([^}]+)\}/g, (_, reference: string) => {
      const value = VALUES[reference];
      if (value === undefined) throw new Error(`${address} refers to ${reference}, for which the tests have no value`);
      return value;
    }),
  );
}

/** The actions of a policy's statements, which must be whole names: a wildcard would grant what is not named. */
export function grantedActions(policy: unknown): string[] {
  const { Statement } = policy as { Statement: { Effect: string; Action: string | string[]; NotAction?: unknown }[] };
  return Statement.flatMap(({ Effect, Action, NotAction }) => {
    expect({ Effect, NotAction }).toEqual({ Effect: "Allow", NotAction: undefined });
    const names = [Action].flat();
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
    return names;
  });
}

/** Prints rows as a table for whoever reads the output of the tests. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`);
  process.stdout.write(`\n${title}\n${lines.map((line) => line.trimEnd()).join("\n")}\n`);
}
