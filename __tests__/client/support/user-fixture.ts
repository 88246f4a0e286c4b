import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Prompt } from "../../../client/core/prompt";
import type { Json } from "../../../client/settings/terraform-outputs";
import { type LoginOptions, login } from "../../../client/user/login";
import { loadUserSettings } from "../../../client/user/settings/find-settings";
import type { UserSettings } from "../../../client/user/settings/user-settings";
import { FakeCognito } from "./fake-cognito";
import { skipWaits } from "./stand-ins";

/** A user pool on loopback, and a person with a home, at a terminal that answers what a test says. */
export class UserFixture {
  readonly home = mkdtempSync(join(tmpdir(), "oidc-s3-user-"));
  readonly env: Record<string, string> = { HOME: this.home };
  readonly printed: string[] = [];
  readonly said: string[] = [];
  readonly shown: string[] = [];
  readonly asked: string[] = [];
  readonly opened: string[] = [];
  /** What the person types, in order. */
  typed: string[] = [];

  private constructor(readonly cognito: FakeCognito) {}

  /** Waits take no time. */
  static async start(): Promise<UserFixture> {
    skipWaits();
    const fixture = new UserFixture(await new FakeCognito().start());
    fixture.configure();
    return fixture;
  }

  async stop(): Promise<void> {
    jest.restoreAllMocks();
    await this.cognito.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  configure(more: Json = {}, profile = "default"): void {
    const folder = join(this.home, ".config/oidc-s3/users");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, `${profile}.json`), JSON.stringify(this.cognito.configuration(more)), { mode: 0o600 });
  }

  settings(profile?: string): UserSettings {
    return loadUserSettings({ env: this.env, profile });
  }

  get prompt(): Prompt {
    const next = async (question: string): Promise<string> => {
      this.asked.push(question);
      const answer = this.typed.shift();
      if (answer === undefined) throw new Error(`nobody answers "${question}"`);
      return answer;
    };
    return { ask: next, askHidden: next, close: () => {} };
  }

  get context() {
    return {
      settings: this.settings(),
      prompt: this.prompt,
      say: (message: string) => void this.said.push(message),
      show: (text: string) => void this.shown.push(text),
    };
  }

  login(more: Partial<LoginOptions> = {}): Promise<void> {
    const { settings, ...context } = this.context;
    return login({
      ...context,
      env: this.env,
      userName: "ann",
      browser: true,
      writeKeys: false,
      program: ["/usr/bin/oidc-s3"],
      open: (url) => void this.opened.push(url),
      print: (line) => void this.printed.push(line),
      ...more,
    });
  }

  /** Ann with the right password. */
  async signedIn(more: Partial<LoginOptions> = {}): Promise<this> {
    this.typed = [this.cognito.password];
    await this.login(more);
    return this;
  }

  report = (message: string) => void this.said.push(message);

  /** Everything that is on the disk, and everything that was told. */
  get traces(): string {
    const files = readdirSync(this.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    return [...texts, ...this.printed, ...this.said, ...this.shown, ...this.asked].join("\n");
  }

  get stateFolder(): string {
    return join(this.home, ".local/state/oidc-s3/users");
  }

  /** The one file of a kind in the folder of sessions. */
  stateFile(kind: "session" | "credentials"): string {
    const name = readdirSync(this.stateFolder).find((each) => each.endsWith(`.${kind}.json`));
    return join(this.stateFolder, name ?? `no ${kind}`);
  }
}

/** Lets time pass, for this program alone. */
export function pass(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.spyOn(Date, "now").mockImplementation(() => now);
}

/** A fixture for each test of a file. */
export function userFixture(): { readonly user: UserFixture } {
  const holder: { user: UserFixture | undefined } = { user: undefined };
  beforeEach(async () => {
    holder.user = await UserFixture.start();
  });
  afterEach(() => holder.user?.stop());
  return {
    get user() {
      if (holder.user === undefined) throw new Error("the fixture is there within tests only");
      return holder.user;
    },
  };
}
