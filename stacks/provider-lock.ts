import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOCK_FILE = ".terraform.lock.hcl";

/**
 * Puts the provider lock file that a team has committed, in the environment's folder or else beside all of them, into
 * a stack's folder, in place of one that is there. Without a committed one nothing is done.
 * @throws {Error} where the committed file locks no provider.
 */
export function useProviderLock(stackFolder: string, environmentsFolder: string, environment: string): void {
  for (const folder of [join(environmentsFolder, environment), environmentsFolder]) {
    const file = join(folder, LOCK_FILE);
    const committed = readIfThere(file);
    if (committed === undefined) continue;
    const { terraform } = JSON.parse(readFileSync(join(stackFolder, "cdk.tf.json"), "utf8")) as StackJson;
    writeFileSync(join(stackFolder, LOCK_FILE), withConstraints(committed, terraform.required_providers, file));
    return;
  }
}

interface StackJson {
  readonly terraform: {
    readonly required_providers: Readonly<Record<string, { readonly source: string; readonly version: string }>>;
  };
}

/**
 * The lock with the stack's own version constraints in it. They are there for information only, and Terraform would
 * write them too; but the cdktf CLI upgrades every provider, past the lock, where they are not the stack's.
 */
function withConstraints(lock: string, required: StackJson["terraform"]["required_providers"], file: string): string {
  const providers = [...lock.matchAll(/^provider "([^"]+)" \{\n([\s\S]*?)^\}/gm)];
  if (providers.length === 0) {
    throw new Error(`${file} locks no provider: write it with "terraform providers lock", or remove it`);
  }
  return providers.reduce((text, [block, address = "", body = ""]) => {
    const version = Object.values(required).find(({ source }) => address.endsWith(`/${source}`))?.version;
    if (version === undefined) return text;
    const others = body.replace(/^ *constraints *=.*\n/m, "");
    const inserted = others.replace(/^( *version *=.*\n)/m, `$1  constraints = "${version}"\n`);
    return text.replace(block, () => `provider "${address}" {\n${inserted}}`);
  }, lock);
}

function readIfThere(file: string): string | undefined {
  try {
    // Git may give it the other system's line ends.
    return readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
