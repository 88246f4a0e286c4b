import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettingsError } from "../../../client/core/errors";
import { loadSettings, type Settings, type SettingsInput } from "../../../client/settings/settings";

/** Every setting that a server needs, as environment variables. */
export const ENVIRONMENT = {
  IDP_TYPE: "cognito",
  COGNITO_DOMAIN: "oidc-s3-dev-123456789012",
  COGNITO_CLIENT_ID: "1abc2defg3hij4klmno5pqrs6",
  COGNITO_CLIENT_SECRET: "the-secret",
  COGNITO_RESOURCE_SERVER: "https://s3-uploader.dev.oidc-s3",
  COGNITO_CREDENTIAL_API_URL: "https://abc.execute-api.eu-west-1.amazonaws.com/credentials",
  AWS_REGION: "eu-west-1",
  S3_BUCKET: "uploads",
  S3_PATH_PREFIX: "logs/",
};

export const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(ENVIRONMENT).filter(([name]) => !names.includes(name)));

/** Settings files of one test, in a folder of its own; make one for each file of tests. */
export class SettingsFixture {
  folder = "";
  warnings: string[] = [];

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), "oidc-s3-settings-"));
      this.warnings = [];
    });
    afterEach(() => rmSync(this.folder, { recursive: true }));
  }

  load(input: Partial<SettingsInput> = {}): Settings {
    return loadSettings({
      env: ENVIRONMENT,
      defaultConfigFile: join(this.folder, "default.env"),
      warn: (message) => this.warnings.push(message),
      ...input,
    });
  }

  faultsOf(input: Partial<SettingsInput>): readonly string[] {
    try {
      this.load(input);
    } catch (error) {
      if (error instanceof SettingsError) return error.faults;
      throw error;
    }
    throw new Error("no fault was found");
  }

  file(name: string, values: Readonly<Record<string, string | undefined>>, mode = 0o600): string {
    const path = join(this.folder, name);
    const exports = Object.entries(values).map(([key, value]) =>
      value === undefined ? "" : `export ${key}="${value}"\n`,
    );
    writeFileSync(path, exports.join(""));
    chmodSync(path, mode);
    return path;
  }
}
