import { isScope, SCOPES, type Scope } from "../../access/permission-level";
import { UsageError } from "../core/errors";

/** Reads the value of `--scope`: names separated by commas. */
export function parseScopeList(value: string): Scope[] {
  const names = value.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0) {
    throw new UsageError(`--scope: ${unknown.map((name) => JSON.stringify(name)).join(", ")} is not a scope`, {
      remedy: `Choose from ${SCOPES.join(", ")}, separated by commas`,
    });
  }
  return names.filter(isScope);
}
