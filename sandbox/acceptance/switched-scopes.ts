import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { variablesFiles } from "../../config/layer";
import { apiConfiguration } from "../../config/rules/api";
import type { ApiConfig } from "../../config/schema/api-types";
import { parseFile } from "../../config/source/parse-file";

/** Scopes that a client is not granted, though its entry names them, and without which routes are closed to it. */
export interface ClosedScopes {
  /** The client's key. */
  readonly client: string;
  readonly scopes: readonly string[];
}

interface ApiFile {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

type Clients = Readonly<Record<string, { readonly scopes?: Readonly<Record<string, boolean>> }>>;

/** The environment's file of the layer `api`, which has been checked before. */
async function readApiFile(environmentFolder: string): Promise<ApiFile> {
  const present = await readdir(environmentFolder);
  const name = variablesFiles(apiConfiguration).find((file) => present.includes(file)) ?? "";
  const { source } = await parseFile(name, await readFile(join(environmentFolder, name)));
  return { name, values: source?.values ?? {} };
}

/** The first client that could call more routes if scopes were true that are false in its entry. */
export async function findClosedScopes(environmentFolder: string, api: ApiConfig): Promise<ClosedScopes | undefined> {
  const { values } = await readApiFile(environmentFolder);
  const asked = new Set(api.routes.flatMap(({ scopes }) => scopes));
  for (const [client, { scopes = {} }] of Object.entries((values.clients ?? {}) as Clients)) {
    const closed = Object.keys(scopes).filter((scope) => scopes[scope] === false && asked.has(scope));
    if (closed.length > 0) return { client, scopes: closed };
  }
  return undefined;
}

/** Copies an environment, and grants the scopes in the copy. */
export async function copyWithScopesGranted(
  environmentFolder: string,
  copy: string,
  { client, scopes }: ClosedScopes,
): Promise<void> {
  await cp(environmentFolder, copy, { recursive: true, dereference: true });
  const { name, values } = await readApiFile(environmentFolder);
  const clients = (values.clients ?? {}) as Clients;
  const entry = clients[client] ?? {};
  const granted = Object.fromEntries(scopes.map((scope) => [scope, true]));
  const changed = {
    ...values,
    clients: { ...clients, [client]: { ...entry, scopes: { ...entry.scopes, ...granted } } },
  };
  await rm(join(copy, name));
  await writeFile(join(copy, `${apiConfiguration.variablesFile}.json`), JSON.stringify(changed, null, 2));
}
