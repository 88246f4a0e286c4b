import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { devDirectory, serversFile } from "../config/support/load";
import { BROWSER, Browser } from "../support/browser";
import { isInstalled } from "../support/prerequisites";

const PROJECT = join(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "oidc-s3-access-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function access(directory: string, ...args: string[]) {
  const env = { ...process.env, OIDC_S3_ENVIRONMENTS_DIR: directory, TMPDIR: folder };
  const command = ["--import", "tsx", join(PROJECT, "audit/main.ts"), ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: PROJECT, env });
  return { stdout, stderr };
}

it("reports on an environment's files, leaves nothing behind, and its page fits a phone in a real browser", async () => {
  const page = join(folder, "access.html");
  const directory = devDirectory({
    "servers.tfvars": serversFile('"db-01" = { s3_path_prefix = "db/", s3_permissions = "full" }'),
  });
  const { stdout, stderr } = await access(directory, "dev", "--html", page, "--json");
  expect(stderr).toBe("");
  const { reach, differences } = JSON.parse(stdout);
  expect(differences).toEqual([]);
  expect(reach).toContainEqual(
    expect.objectContaining({
      prefix: "db/",
      who: { kind: "server", name: "db-01" },
      may: ["write", "read", "delete", "list"],
    }),
  );
  // tsx keeps a cache of its own there.
  expect(readdirSync(folder).filter((name) => !name.startsWith("tsx"))).toEqual(["access.html"]);
  expect(statSync(page).mode & 0o777).toBe(0o600);
  if (!isInstalled(BROWSER, "--version")) return;
  const browser = await Browser.start(join(folder, "browser"), { scripts: true });
  try {
    await browser.resize(360, 640);
    await browser.open(pathToFileURL(page).href);
    expect(await browser.evaluate("document.documentElement.scrollWidth")).toBe(360);
    const prefixes = await browser.evaluate(
      `[...document.querySelectorAll("tbody tr td:nth-child(2)")].map((cell) => cell.textContent)`,
    );
    // The operators, who list the whole bucket, are told once; --json has them in each place.
    expect(prefixes).toEqual(["the whole bucket", "db/"]);
    expect(reach).toHaveLength(3);
    expect(await browser.evaluate(`document.querySelector("p").textContent`)).toContain("matches the configuration");
    const headings = await browser.evaluate(`[...document.querySelectorAll("h2")].map((h) => h.textContent)`);
    expect(headings).toContain("Who decides what servers and people reach");
  } finally {
    await browser.stop();
  }
}, 60_000);

it("prints what docs/access.md shows", async () => {
  const page = readFileSync(join(PROJECT, "docs/access.md"), "utf8");
  const [shown = ""] = /(?<=\n```\n)oidc-s3-cognito-dev-uploads ▶[^`]*/.exec(page) ?? [];
  const { stdout } = await access(join(PROJECT, "environments"), "dev");
  const passages = shown.trimEnd().split("\n\n");
  expect(passages).toHaveLength(2);
  // Of a place with several, the page shows the first.
  for (const passage of passages) expect(stdout).toContain(passage);
}, 60_000);

it("names what is wrong with files, and an environment that is not there", async () => {
  const directory = devDirectory({ "servers.tfvars": serversFile('"db-01" = { s3_path_prefix = "/db" }') });
  await expect(access(directory, "dev")).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("servers.tfvars"),
  });
  await expect(access(devDirectory(), "nowhere")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("has no environment nowhere, only dev"),
  });
}, 60_000);
