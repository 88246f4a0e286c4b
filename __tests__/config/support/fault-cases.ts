import { relative } from "node:path";
import { backendFile, devDirectory, foundationFile, loadOne, serversFile } from "./load";

export const BACKEND = "dev/backend.hcl";
export const FOUNDATION = "dev/foundation.tfvars";
export const SERVERS = "dev/servers.tfvars";

/** The one fault that a change of the documented folder must give: file, place, key, value, message, remedy. */
export interface Expected {
  readonly file: string;
  readonly at?: string;
  readonly key?: string;
  readonly value?: unknown;
  readonly message: RegExp;
  readonly remedy: RegExp;
}
export type Case = readonly [title: string, replaced: Readonly<Record<string, string | null>>, expected: Expected];

export const foundation = (lines: string) => ({ "foundation.tfvars": foundationFile(lines) });
export const servers = (entries: string, others?: string) => ({ "servers.tfvars": serversFile(entries, others) });
export const server = (keys: string) => servers(`a = { s3_path_prefix = "a/"\n${keys} }`);
export const backend = (lines: string) => ({ "backend.hcl": backendFile(lines) });
export const key = (name: string) => `servers["a"].${name}`;

/** What no fault may show. */
export const SECRET = "hunter2";

/** Each case must give its fault, and no other. */
export function testFaults(cases: readonly Case[]): void {
  it.each(cases)("%s", async (_title, replaced, expected) => {
    const directory = devDirectory(replaced);
    const faults = await loadOne(directory);
    if ("name" in faults) throw new Error("a fault was expected, and the environment was accepted");
    expect(faults).toHaveLength(1);
    const [fault] = faults;
    if (fault === undefined) return;
    expect(relative(directory, fault.file)).toBe(expected.file);
    expect(fault.message).toMatch(expected.message);
    expect(fault.remedy).toMatch(expected.remedy);
    if (expected.at !== undefined) expect(`${fault.line}:${fault.column}`).toBe(expected.at);
    if (expected.key !== undefined) expect(fault.key).toBe(expected.key);
    if ("value" in expected) expect(fault.value).toEqual(expected.value);
    expect(JSON.stringify(fault)).not.toContain(SECRET);
  });
}
