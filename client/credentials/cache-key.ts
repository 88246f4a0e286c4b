import type { Scope } from "../../access/permission-level";
import type { Settings } from "../settings/settings";
import { sha256 } from "./sha256";

/** The name under which a token is cached: a hash of everything that changes the token endpoint's answer. */
export function tokenKey(settings: Settings, scopes: readonly Scope[] | undefined): string {
  return digest([
    "token",
    settings.tokenEndpoint,
    settings.clientId,
    settings.clientSecret.reveal(),
    settings.resourceServer,
    scopes?.join(" ") ?? "",
  ]);
}

/** As {@link tokenKey}, for credentials. */
export function credentialsKey(
  settings: Settings,
  scopes: readonly Scope[] | undefined,
  durationSeconds: number | undefined,
): string {
  return digest(["credentials", tokenKey(settings, scopes), settings.credentialApiUrl, String(durationSeconds ?? "")]);
}

function digest(parts: readonly string[]): string {
  // JSON keeps the parts apart: ["a", "bc"] and ["ab", "c"] are different names.
  return sha256(JSON.stringify(parts)).slice(0, 40);
}
