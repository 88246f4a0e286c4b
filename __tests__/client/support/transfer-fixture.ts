import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCOPES, type Scope } from "../../../access/permission-level";
import { loadSettings, type Settings } from "../../../client/settings/settings";
import type { PartSizes } from "../../../client/transfer/limits";
import { FakeS3 } from "./fake-s3";
import { FakeServices } from "./fake-services";
import { skipWaits } from "./stand-ins";

/** Parts of a few KiB, so that small files walk every path; the largest streamed part is larger than the buffers. */
export const SMALL: PartSizes = { part: 4096, largestBuffered: 8192, buffers: 16_384 };

/** A token endpoint, a vending API and S3 on loopback, and a folder of the test's own. */
export class TransferFixture {
  readonly lines: string[] = [];
  readonly messages: string[] = [];
  readonly controller = new AbortController();
  readonly folder = mkdtempSync(join(tmpdir(), "oidc-s3-transfer-"));
  readonly output = {
    print: (line: string) => void this.lines.push(line),
    say: (message: string) => void this.messages.push(message),
  };
  /** What is the same in all commands. */
  readonly common = { json: false, signal: this.controller.signal, terminal: { write: () => true }, sizes: SMALL };

  private constructor(
    readonly s3: FakeS3,
    readonly services: FakeServices,
  ) {}

  /** Waits between attempts take no time. */
  static async start(scopes: readonly Scope[] = SCOPES): Promise<TransferFixture> {
    skipWaits();
    const fixture = new TransferFixture(await new FakeS3().start(), await new FakeServices().start());
    fixture.services.token = () => ({ body: { ...fixture.services.tokenBody(), access_token: token(scopes) } });
    return fixture;
  }

  /** An empty folder in it, to be sent. */
  makeFolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    return path;
  }

  get environment(): Record<string, string> {
    return {
      ...this.services.environment,
      AWS_ENDPOINT_URL: this.s3.url,
      XDG_CACHE_HOME: join(this.folder, "cache"),
    };
  }

  settings(more: Readonly<Record<string, string>> = {}): Settings {
    const env = { ...this.environment, S3_PATH_PREFIX: "logs/", S3_BUCKET: "uploads", ...more };
    return loadSettings({ env, defaultConfigFile: join(this.folder, "none") });
  }

  /** Waits take their time again. */
  async stop(): Promise<void> {
    jest.restoreAllMocks();
    await this.s3.stop();
    await this.services.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A token as Cognito's are to look at; nobody here verifies it. */
export function token(scopes: readonly Scope[]): string {
  const scope = scopes.map((name) => `https://s3-uploader.dev.oidc-s3/${name}`).join(" ");
  return `e30.${Buffer.from(JSON.stringify({ scope })).toString("base64url")}.c2ln`;
}
