import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planLayer } from "../../plan/plan-environment";

/** Stands in for Terraform: notes each call with its environment, and shows a plan without changes. */
const TERRAFORM = `#!/bin/sh
echo "$1 TF_LOG=$TF_LOG TF_LOG_SDK=$TF_LOG_SDK TF_LOG_PROVIDER_AWS=$TF_LOG_PROVIDER_AWS" >> "$CALLS"
[ "$1 $2" = "show -json" ] && echo '{ "format_version": "1.2" }'
exit 0
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plan-layer-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function callsOf(env: NodeJS.ProcessEnv): Promise<string[]> {
  const terraform = join(folder, "terraform");
  const calls = join(folder, "calls");
  await writeFile(terraform, TERRAFORM);
  await chmod(terraform, 0o700);
  const { report } = await planLayer({
    layer: { name: "servers" },
    folder,
    terraform,
    env: { PATH: process.env.PATH, CALLS: calls, ...env },
    color: false,
  });
  expect(report).toMatchObject({ status: "planned", exitCode: 0 });
  return (await readFile(calls, "utf8")).trim().split("\n");
}

it("a plan is made without the provider's log, which would be dropped", async () => {
  expect(await callsOf({})).toEqual(
    ["init", "plan", "show", "show"].map((command) => `${command} TF_LOG= TF_LOG_SDK=OFF TF_LOG_PROVIDER_AWS=OFF`),
  );
});

it("with TF_LOG the provider logs what is asked for", async () => {
  const calls = await callsOf({ TF_LOG: "TRACE" });
  expect(calls).toContain("plan TF_LOG=TRACE TF_LOG_SDK= TF_LOG_PROVIDER_AWS=");
});
