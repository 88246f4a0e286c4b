import { BlockList, isIP } from "node:net";
import { type ClientControl, controlAt, WRITE_ONLY_SESSION_SECONDS } from "../access/client-control";
import type { Grant } from "./authorise";
import { VendingError } from "./errors";

/** A request of a client, as far as controls are about it. */
export interface ControlledRequest {
  /** The access token's `iat`: seconds since 1970. */
  readonly issuedAt: number;
  /** The caller's address, as API Gateway saw it. */
  readonly sourceIp: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

/** A request that the client's control lets pass. */
export interface Admission {
  /** Narrows what the client is granted to what its control leaves. @throws {VendingError} client_disabled for nothing. */
  narrow(grant: Grant): Grant;
  /** That the request came from a network that is not allowed, where that is only reported. */
  readonly sourceOutside: boolean;
}

/**
 * Enforces what an operator has decided about a client, if anything.
 * @throws {VendingError} client_disabled, invalid_token for a revoked token, or internal_error for a malformed control.
 */
export function enforceControl(stored: ClientControl | undefined, request: ControlledRequest): Admission {
  if (stored === undefined) return { narrow: (grant) => grant, sourceOutside: false };
  const control = controlAt(stored, request.now / 1000);
  if (control.disabled) throw new VendingError("client_disabled");
  if (control.tokensNotBefore !== undefined && request.issuedAt < control.tokensNotBefore) {
    throw new VendingError("token_revoked");
  }
  const { allowedCidrs, writeOnly } = control;
  const enforced = control.cidrEnforcement === "enforce";
  const sourceOutside = allowedCidrs !== undefined && !contains(allowedCidrs, request.sourceIp);
  if (sourceOutside && enforced) throw new VendingError("source_not_allowed");
  return {
    sourceOutside,
    narrow: (grant) => {
      const narrowed = writeOnly ? onlyWrite(grant) : grant;
      return enforced && allowedCidrs ? { ...narrowed, allowedCidrs } : narrowed;
    },
  };
}

function onlyWrite({ scopes, durationSeconds }: Grant): Grant {
  if (!scopes.includes("write")) throw new VendingError("client_write_only");
  return { scopes: ["write"], durationSeconds: Math.min(durationSeconds, WRITE_ONLY_SESSION_SECONDS) };
}

/** An address of neither family, or none, is in no network. */
function contains(cidrs: readonly string[], sourceIp = ""): boolean {
  // One list for each family: a list that holds ::/0 would say that it has every IPv4 address too.
  const networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const cidr of cidrs) addNetwork(networks, cidr);
  const address = sourceIp.replace(/^::ffff:(?=\d+\.)/i, "");
  const family = isIP(address);
  return family !== 0 && networks[`ipv${family as 4 | 6}`].check(address, `ipv${family as 4 | 6}`);
}

function addNetwork(networks: Readonly<Record<"ipv4" | "ipv6", BlockList>>, cidr: string): void {
  const [, address = "", length] = /^([^/]+)\/(\d+)$/.exec(cidr) ?? [];
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  try {
    networks[family].addSubnet(address, Number(length), family);
  } catch {
    throw new VendingError("control_malformed", { detail: "allowed_cidrs holds what is no network" });
  }
}
