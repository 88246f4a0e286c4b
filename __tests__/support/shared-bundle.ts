import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The folder that all suites of one run of jest share. */
const FOLDER_VARIABLE = "OIDC_S3_TEST_BUNDLES";

/** Makes the folder, unless another project of this run has done so. @returns removes what it made. */
export function shareBundles(): () => void {
  if (process.env[FOLDER_VARIABLE] !== undefined) return () => {};
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-bundles-"));
  process.env[FOLDER_VARIABLE] = folder;
  return () => {
    delete process.env[FOLDER_VARIABLE];
    rmSync(folder, { recursive: true, force: true });
  };
}

/** What `make` gives, made by the suite that needs it first, for all suites of this run. */
export async function madeOnce(name: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const folder = process.env[FOLDER_VARIABLE];
  // Nobody shares it where this is no run of jest, as in a benchmark.
  if (folder === undefined) return make();
  const file = join(folder, name);
  const claim = `${file}.claimed`;
  while (!existsSync(file)) {
    if (!claims(claim)) {
      await sleep(20);
      continue;
    }
    try {
      writeFileSync(`${file}.part`, await make());
      renameSync(`${file}.part`, file);
    } finally {
      // Where it could not be made, the next suite tries for itself, and says why it cannot.
      rmSync(claim);
    }
  }
  return readFileSync(file);
}

function claims(file: string): boolean {
  try {
    closeSync(openSync(file, "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
