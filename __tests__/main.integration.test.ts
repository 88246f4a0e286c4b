import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROJECT = join(__dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "oidc-s3-main-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environments = join(folder, "environments");
cpSync(join(PROJECT, "environments"), environments, { recursive: true });
appendFileSync(join(environments, "prod", "servers.tfvars"), "\nserverz = {}\nadopt_module_state = 7\n");

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  readonly outdir: string;
}

let runs = 0;
/** Runs the app as the cdktf CLI does, or below a program called `cdktf` with arguments. */
function run(env: Record<string, string>, cdktfArguments?: string): Run {
  const outdir = join(folder, `out-${runs++}`);
  const app = "node --import tsx main.ts";
  const command = cdktfArguments === undefined ? app : `sh -c '${app}; exit $?' cdktf ${cdktfArguments}`;
  const { status, stderr } = spawnSync(command, {
    shell: true,
    cwd: PROJECT,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      CDKTF_OUTDIR: outdir,
      OIDC_S3_ENVIRONMENTS_DIR: environments,
      ...env,
    },
  });
  return { status, stderr, outdir };
}
const stacksIn = ({ outdir }: Run) =>
  Object.keys(JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")).stacks);

it("the environments in the repository are synthesised, with neither emulator nor credentials", () => {
  const all = run({ OIDC_S3_ENVIRONMENTS_DIR: join(PROJECT, "environments") });
  expect(all).toMatchObject({ status: 0, stderr: "" });
  expect(stacksIn(all)).toEqual(
    [
      ...["dev", "local", "prod"].flatMap((name) => [`foundation-${name}`, `servers-${name}`]),
      ...["api-dev", "api-local", "users-dev", "users-local"],
    ].sort(),
  );
});

it("every fault of an environment that is asked for is told, and nothing is synthesised", () => {
  const faulty = run({});
  expect(faulty.status).toBe(1);
  expect(faulty.stderr).toMatch(/serverz/);
  expect(faulty.stderr).toMatch(/adopt_module_state = 7/);
  expect(faulty.stderr).not.toMatch(/\n\s+at /);
  expect(existsSync(join(faulty.outdir, "manifest.json"))).toBe(false);
});

it("an environment that the variable leaves out is not looked at", () => {
  const dev = run({ OIDC_S3_ENVIRONMENTS: "dev" });
  expect(dev).toMatchObject({ status: 0, stderr: "" });
  expect(stacksIn(dev)).toEqual(["api-dev", "foundation-dev", "servers-dev", "users-dev"]);
});

it("a fault elsewhere does not stop a deployment of one environment, and is warned about once, under no stack", () => {
  const dev = run({}, "deploy servers-dev");
  expect(dev.status).toBe(0);
  expect(dev.stderr.match(/The environment prod is left out/g)).toHaveLength(1);
  expect(dev.stderr.match(/serverz/g)).toHaveLength(1);
  const { stacks } = JSON.parse(readFileSync(join(dev.outdir, "manifest.json"), "utf8"));
  const both = (name: string) => [`${name}-dev`, `${name}-local`];
  expect(Object.keys(stacks)).toEqual([...both("api"), ...both("foundation"), ...both("servers"), ...both("users")]);
  // The cdktf CLI prints what the app says and each stack's annotations: one of the two is enough.
  expect(Object.values(stacks)).toEqual(Array.from({ length: 8 }, () => expect.objectContaining({ annotations: [] })));
});
