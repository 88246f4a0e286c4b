import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { version } from "../client/package.json";
import { buildClient } from "./client";
import { licenceNotices } from "./licence-notices";

const PROJECT = join(__dirname, "..");

/**
 * Packs the client into `oidc-s3-<version>.tgz`, which `npm install --global` takes without a registry: it has no
 * dependencies. Returns its path.
 */
export async function packClient(outputFolder: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-pack-"));
  try {
    await buildClient(folder);
    copyFileSync(join(PROJECT, "client/package.json"), join(folder, "package.json"));
    copyFileSync(join(PROJECT, "LICENSE"), join(folder, "LICENSE"));
    writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), await licenceNotices());
    mkdirSync(outputFolder, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", resolve(outputFolder)], {
      cwd: folder,
      stdio: "pipe",
    });
    return join(resolve(outputFolder), `oidc-s3-${version}.tgz`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module) {
  packClient(join(PROJECT, "dist")).then(console.log, (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
