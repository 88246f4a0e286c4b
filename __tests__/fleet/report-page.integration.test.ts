import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServerReport } from "../../fleet/report";
import { reportPage } from "../../fleet/report-page";
import { BROWSER, Browser } from "../support/browser";
import { isInstalled } from "../support/prerequisites";

const NOW = 1_790_000_000;

function server(name: string, tokens: number | null): ServerReport {
  return {
    server: name,
    state: tokens === null ? "silent" : "ok",
    level: "write",
    prefix: `backups/of/a/long/path/${name}/`,
    last_seen: tokens === null ? null : "2026-09-21T13:13:20Z",
    newest_object: { key: `backups/${"x".repeat(300)}`, at: "2026-09-21T13:13:20Z", all_listed: true },
    controls: ["<b>disabled</b>"],
    tokens_a_month: tokens,
  };
}

it("the page of a report fits a phone, and sorts by what is pressed, in a real browser", async () => {
  if (!isInstalled(BROWSER, "--version")) return;
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-report-"));
  const browser = await Browser.start(join(folder, "browser"), { scripts: true });
  try {
    const file = join(folder, "fleet.html");
    const servers = [server("db-10", 76), server("db-9", 695), server("db-1", null)];
    writeFileSync(file, await reportPage("prod", servers, NOW));
    await browser.resize(360, 640);
    await browser.open(pathToFileURL(file).href);
    expect(await browser.evaluate("document.documentElement.scrollWidth")).toBe(360);
    const names = () =>
      browser.evaluate(`[...document.querySelectorAll("tbody tr")].map((r) => r.children[1].textContent)`);
    const press = async (column: number) => {
      await browser.evaluate(`document.querySelectorAll("th button")[${column}].focus()`);
      await browser.activate();
    };
    expect(await names()).toEqual(["db-10", "db-9", "db-1"]);
    await press(1);
    expect(await names()).toEqual(["db-1", "db-9", "db-10"]);
    await press(1);
    expect(await names()).toEqual(["db-10", "db-9", "db-1"]);
    await press(6);
    expect(await names()).toEqual(["db-1", "db-10", "db-9"]);
    expect(await browser.evaluate(`document.querySelector("small b")`)).toBeNull();
  } finally {
    await browser.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
