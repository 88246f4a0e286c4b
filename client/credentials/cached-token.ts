import { rmSync } from "node:fs";
import { readPrivateFile, writeFileAtomically } from "../core/files";
import { Secret } from "../core/secret";
import { knownScopes } from "./known-scopes";
import type { AccessToken } from "./token";

/** A token is used for this part of its life: Cognito bills each, and one must not expire on its way to the API. */
const USED_SHARE_OF_LIFE = 0.75;

function tokenFile(key: string): string {
  return `${key}.token.json`;
}

/** The cached token, if it may still be used. */
export function readCachedToken(folder: string, key: string, now = Date.now()): AccessToken | undefined {
  const text = readPrivateFile(folder, tokenFile(key));
  if (text === undefined) return undefined;
  try {
    const { value, obtainedAt, lifeSeconds, scopes } = JSON.parse(text) as Record<string, unknown>;
    if (typeof value !== "string" || value === "" || typeof obtainedAt !== "number" || typeof lifeSeconds !== "number")
      return undefined;
    const age = (now - obtainedAt) / 1000;
    // An age below zero is a clock that was set back: how old the token is, is not known.
    if (age < 0 || age >= lifeSeconds * USED_SHARE_OF_LIFE) return undefined;
    return {
      value: new Secret(value),
      obtainedAt,
      lifeSeconds,
      scopes: knownScopes(scopes),
      clockAheadSeconds: undefined,
    };
  } catch {
    return undefined;
  }
}

export function writeCachedToken(
  folder: string,
  key: string,
  { value, obtainedAt, lifeSeconds, scopes }: AccessToken,
): void {
  writeFileAtomically(
    `${folder}/${tokenFile(key)}`,
    JSON.stringify({ value: value.reveal(), obtainedAt, lifeSeconds, scopes }),
  );
}

/** Removes the token that the API refused, unless another process has put a new one in its place. */
export function dropCachedToken(folder: string, key: string, refused: AccessToken): void {
  if (readCachedToken(folder, key)?.value.reveal() === refused.value.reveal())
    rmSync(`${folder}/${tokenFile(key)}`, { force: true });
}
