import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** The Debian package and its program: Chromium without a window. */
export const BROWSER = "chromium-headless-shell";

/** So long anything may take on a busy machine; without a limit, a key that goes astray would halt all other suites too. */
const LIMIT_MS = 30_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A real browser, worked as a person works it: by the keyboard. Scripts are switched off unless they are asked for. */
export class Browser {
  private readonly answers = new Map<number, (message: Message) => void>();
  private readonly loads: (() => void)[] = [];
  private next = 0;
  private session: string | undefined;

  private constructor(
    private readonly process: ChildProcess,
    private readonly commands: Writable,
    private readonly events: Readable,
  ) {
    let rest = "";
    events.on("data", (chunk: Buffer) => {
      const parts = `${rest}${chunk}`.split("\0");
      rest = parts.pop() ?? "";
      for (const part of parts) this.receive(JSON.parse(part));
    });
  }

  /** @param folder for its profile; nothing of the user's own is touched. */
  static async start(folder: string, { scripts = false } = {}): Promise<Browser> {
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--remote-debugging-pipe",
      `--user-data-dir=${folder}`,
      "about:blank",
    ];
    const child = spawn(BROWSER, args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const browser = new Browser(child, child.stdio[3] as Writable, child.stdio[4] as Readable);
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    browser.session = String(sessionId);
    await browser.send("Page.enable");
    await browser.send("Emulation.setScriptExecutionDisabled", { value: !scripts });
    return browser;
  }

  async open(url: string): Promise<void> {
    const loaded = this.load();
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** As on a screen of so many pixels. */
  resize(width: number, height: number): Promise<unknown> {
    return this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: true });
  }

  /** The value of an expression in the page; what can be said in JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  }

  /** Presses the button or link that has the focus. */
  async activate(): Promise<void> {
    await this.focused();
    await this.press("Enter", 13, "\r");
  }

  async type(text: string): Promise<void> {
    await this.focused();
    await this.send("Input.insertText", { text });
  }

  /** To the next field. */
  tab(): Promise<unknown> {
    return this.press("Tab", 9);
  }

  /** Sends the form, and waits for the page that answers it. */
  async enter(): Promise<void> {
    const loaded = this.load();
    await this.activate();
    await loaded;
  }

  /** What the page says, as a screen reader would have it: the name of each thing, in order. */
  async read(): Promise<string[]> {
    const { nodes } = await this.send("Accessibility.getFullAXTree");
    return (nodes as { ignored: boolean; role?: { value: string }; name?: { value: string } }[])
      .filter(({ ignored, name }) => !ignored && name?.value)
      .map(({ role, name }) => `${role?.value} ${name?.value}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    const killed = setTimeout(() => this.process.kill("SIGKILL"), LIMIT_MS);
    this.session = undefined;
    // Asked to, it ends its own processes too; it may be gone before it answers.
    void this.send("Browser.close").catch(() => {});
    await ended;
    clearTimeout(killed);
    this.commands.destroy();
    this.events.destroy();
  }

  /** A page focuses its first field a moment after it has loaded; a key that is pressed before goes nowhere. */
  private async focused(): Promise<void> {
    for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(20)) {
      if (await this.evaluate('document.activeElement?.matches("input, button, a") ?? false')) return;
    }
    throw new Error("nothing in the page has the focus");
  }

  private async press(key: string, windowsVirtualKeyCode: number, text?: string): Promise<void> {
    const event = { key, code: key, windowsVirtualKeyCode, ...(text === undefined ? {} : { text }) };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  private load(): Promise<void> {
    return inTime("a page", new Promise((resolve) => this.loads.push(resolve)));
  }

  private receive(message: Message): void {
    if (message.id !== undefined) this.answers.get(message.id)?.(message);
    else if (message.method === "Page.loadEventFired") this.loads.shift()?.();
  }

  private send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.next;
    const sessionId = this.session;
    this.commands.write(
      `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
    );
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      this.answers.set(id, ({ result = {}, error }) => {
        this.answers.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
    return inTime(method, answer);
  }
}

function inTime<T>(what: string, wanted: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the browser gave no answer in time: ${what}`)), LIMIT_MS);
    wanted.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
