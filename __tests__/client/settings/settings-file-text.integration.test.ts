import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { settingsFileText } from "../../../client/settings/settings-file";

const values = fc.dictionary(
  fc.constantFrom("COGNITO_CLIENT_SECRET", "S3_PATH_PREFIX", "HTTPS_PROXY", "AWS_REGION"),
  fc.string({ unit: fc.constantFrom(..." aZ0'\"\\$`!#;=&|<>(){}[]*?~%ä🎉"), minLength: 1, maxLength: 12 }),
);

it("a shell reads the same, and runs none of it", () => {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-settings-"));
  const file = join(folder, "config.env");
  try {
    fc.assert(
      fc.property(values, (settings) => {
        writeFileSync(file, settingsFileText(settings, "title"));
        const script = `set -a; . "$1"; shift; for name in "$@"; do eval "printf '%s\\0' \\"\\$$name\\""; done`;
        const run = spawnSync("/bin/sh", ["-c", script, "sh", file, ...Object.keys(settings)], { encoding: "utf8" });
        expect(run.stderr).toBe("");
        expect(run.stdout.split("\0").slice(0, -1)).toEqual(Object.values(settings));
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
