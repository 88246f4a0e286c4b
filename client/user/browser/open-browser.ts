import { spawn } from "node:child_process";

/** What opens an address with the browser of this desktop; no shell, to which parts of an address could mean something. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens the address in a browser, if there is one; whoever waits for it has to have printed the address as well. */
export function openBrowser(url: string): void {
  const [program = "xdg-open", ...args] = OPENERS[process.platform] ?? [];
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true, shell: false });
  // No such program: the person opens the address that was printed.
  child.on("error", () => {});
  child.unref();
}
