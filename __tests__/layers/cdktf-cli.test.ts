import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cdktfCli } from "../../layers/cdktf-cli";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "oidc-s3-cli-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let projects = 0;
/** A project with one package installed in it. */
function projectWith(name: string, manifest: object): string {
  const project = join(folder, String(projects++));
  mkdirSync(join(project, "node_modules", name), { recursive: true });
  writeFileSync(join(project, "node_modules", name, "package.json"), JSON.stringify({ name, ...manifest }));
  return project;
}

it.each([
  ["cdktf's own", "cdktf-cli", { bin: { cdktf: "bundle/bin/cdktf" } }, "cdktf", "cdktf-cli/bundle/bin/cdktf"],
  ["the fork's under cdktf's name", "cdktf-cli", { bin: { cdktn: "bin/cdktn" } }, "cdktn", "cdktf-cli/bin/cdktn"],
  ["the fork's under its own name", "cdktn-cli", { bin: { cdktn: "bin/cdktn" } }, "cdktn", "cdktn-cli/bin/cdktn"],
])("%s is found", (_, name, manifest, command, file) => {
  const project = projectWith(name, manifest);
  expect(cdktfCli(project)).toEqual({ command, file: join(project, "node_modules", file) });
});

it("a package without the command, and none at all, are faults with their remedy", () => {
  expect(() => cdktfCli(projectWith("cdktf-cli", { bin: { other: "x" } }))).toThrow(
    /none of the commands cdktf, cdktn/,
  );
  expect(() => cdktfCli(projectWith("other", {}))).toThrow(
    "none of the packages cdktf-cli, cdktn-cli is installed: run npm ci",
  );
});

it("this project has one", () => {
  expect(["cdktf", "cdktn"]).toContain(cdktfCli().command);
});
