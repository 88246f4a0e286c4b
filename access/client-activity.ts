/** Seconds between two notes of one client at least: who is silent is asked by the day, and each note is billed. */
export const ACTIVITY_INTERVAL_SECONDS = 6 * 3600;

/**
 * When an app client was last given credentials, to within some hours: an item of the client-activity table, which the
 * vending function writes and nothing else. Times are seconds since 1970.
 */
export interface ClientActivity {
  readonly clientId: string;
  readonly lastSeen: number;
  /** Of the secret that it said then that it had its token by; undefined where it did not say. */
  readonly secretFingerprint?: string | undefined;
}

/** A secret's fingerprint, as clients send it with a request for credentials. */
export const SECRET_FINGERPRINT = /^[0-9a-f]{12}$/;

/** An item of the client-activity table that is not as the vending function writes it. */
export class ClientActivityError extends Error {
  override readonly name = "ClientActivityError";
}

/**
 * Reads an item of the client-activity table.
 * @throws {ClientActivityError} where it is not as the vending function writes it.
 */
export function parseClientActivityItem(item: Readonly<Record<string, unknown>>): ClientActivity {
  const {
    client_id: id,
    last_seen: seen,
    secret_fingerprint: said,
  } = item as {
    readonly client_id?: { readonly S?: unknown };
    readonly last_seen?: { readonly N?: unknown };
    readonly secret_fingerprint?: { readonly S?: unknown };
  };
  const lastSeen = typeof seen?.N === "string" && /^\d{1,12}$/.test(seen.N) ? Number(seen.N) : undefined;
  if (typeof id?.S !== "string" || id.S === "" || lastSeen === undefined) {
    throw new ClientActivityError("the client-activity table's item has no client_id or no last_seen in seconds");
  }
  const isOne = typeof said?.S === "string" && SECRET_FINGERPRINT.test(said.S);
  return { clientId: id.S, lastSeen, ...(isOne ? { secretFingerprint: said.S as string } : {}) };
}
