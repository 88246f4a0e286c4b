import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { GetFunctionCommandOutput } from "@aws-sdk/client-lambda";
import { unzipSync } from "fflate";

/** How Lambda's Node.js runtime finds a handler's module. */
const EXTENSIONS = [".js", ".mjs", ".cjs"];

/**
 * Fetches a function's code from where GetFunction says it is, and unpacks it below a folder, once for each code.
 * @returns the handler's module.
 * @throws {Error} where it is not what was deployed, or has no such module.
 */
export async function unpackDeployedCode(deployed: GetFunctionCommandOutput, folder: string): Promise<string> {
  const { FunctionName: name = "", CodeSha256: hash = "", Handler: handler = "" } = deployed.Configuration ?? {};
  const unpacked = join(folder, `${name}-${Buffer.from(hash, "base64").toString("hex").slice(0, 16)}`);
  if (!existsSync(unpacked)) {
    const zip = await fetchZip(name, deployed.Code?.Location ?? "");
    if (createHash("sha256").update(zip).digest("base64") !== hash) {
      throw new Error(`the code of ${name} is not the one whose hash is ${hash}`);
    }
    await unpack(zip, unpacked);
  }
  const base = join(unpacked, handler.split(".").slice(0, -1).join("."));
  const module = EXTENSIONS.map((extension) => `${base}${extension}`).find((file) => existsSync(file));
  if (module === undefined) throw new Error(`the code of ${name} has no module for its handler ${handler}`);
  return module;
}

async function fetchZip(name: string, location: string): Promise<Uint8Array> {
  const response = await fetch(location, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`the code of ${name} is not to be had: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The folder appears complete or not at all: several instances of a function may start at once. */
async function unpack(zip: Uint8Array, folder: string): Promise<void> {
  const partial = `${folder}.${process.hrtime.bigint()}`;
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const file = join(partial, name);
    if (name.endsWith("/") || relative(partial, file).startsWith("..")) continue;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
  }
  await rename(partial, folder).catch(() => rm(partial, { recursive: true, force: true }));
}
