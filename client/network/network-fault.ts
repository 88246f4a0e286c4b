import { type NetworkFault, UnreachableError } from "../core/errors";

const FAULT_OF_CODE: ReadonlyMap<string, NetworkFault> = new Map(
  Object.entries({
    ENOTFOUND: "dns",
    EAI_AGAIN: "dns",
    EAI_FAIL: "dns",
    EAI_NODATA: "dns",
    ECONNREFUSED: "refused",
    ETIMEDOUT: "timeout",
    ECONNRESET: "reset",
    ECONNABORTED: "reset",
    EPIPE: "reset",
    EHOSTUNREACH: "no_route",
    ENETUNREACH: "no_route",
    EADDRNOTAVAIL: "no_route",
    EPROTO: "tls",
  }),
);

/** Codes of OpenSSL's certificate checks and of Node.js's TLS: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|UNABLE_TO_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT|INVALID_CA|HOSTNAME_MISMATCH|PATH_LENGTH|INVALID_PURPOSE)/;

/** What OpenSSL says of a handshake that something else than TLS has answered. */
const NOT_TLS = /wrong version number|packet length too long|http request|unexpected message|unknown protocol/i;

/** OpenSSL's own words, which stand between the places of its sources that they are from. */
function tlsReason({ message }: Error): string {
  return /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message.split("\n")[0] ?? "";
}

export interface Route {
  /** host:port that the request is for. */
  readonly host: string;
  /** The setting that the address is from; undefined where no setting of this machine has it. */
  readonly place: string | undefined;
  /** host:port of the proxy, where the fault was on the way to it. */
  readonly proxy?: string | undefined;
  /** As `place`, of the proxy. */
  readonly proxyPlace?: string | undefined;
}

/** What kept a request from being answered, from the error that Node.js gave. */
export function networkFault(error: NodeJS.ErrnoException, route: Route): UnreachableError {
  const { host, place, proxy, proxyPlace = "HTTPS_PROXY" } = route;
  const code = error.code ?? "";
  const fault = TLS_CODE.test(code) ? "tls" : (FAULT_OF_CODE.get(code) ?? "unknown");
  if (proxy !== undefined && fault !== "tls") {
    return new UnreachableError(
      `cannot reach ${host} through the proxy ${proxy}: ${meaning(fault, proxy, code, error)}`,
      "proxy",
      host,
      {
        remedy: `Check ${proxyPlace} and NO_PROXY, and whether the proxy lets this machine reach that host`,
        cause: error,
      },
    );
  }
  return new UnreachableError(`cannot reach ${host}: ${meaning(fault, host, code, error)}`, fault, host, {
    remedy: remedy(fault, { code, error, place }),
    cause: error,
  });
}

function meaning(fault: NetworkFault, host: string, code: string, error: Error): string {
  const name = host.replace(/:\d+$/, "");
  switch (fault) {
    case "dns":
      return code === "ENOTFOUND"
        ? `there is no host of the name ${name}`
        : `the name ${name} could not be looked up (${code})`;
    case "refused":
      return "the connection was refused";
    case "timeout":
      return "no answer in time";
    case "reset":
      return "the connection was cut before the answer";
    case "no_route":
      return `there is no route to it (${code})`;
    case "tls":
      return NOT_TLS.test(tlsReason(error))
        ? "what listens there speaks plain http or something else, not TLS (https)"
        : `its TLS certificate or handshake was not accepted (${code}: ${tlsReason(error)})`;
    default:
      return code.startsWith("HPE_")
        ? "what listens there does not speak plain http"
        : `${code || error.name}: ${error.message}`;
  }
}

function remedy(
  fault: NetworkFault,
  { code, error, place }: { code: string; error: Error; place: string | undefined },
): string {
  const address = place ?? "the region that the vending API names";
  switch (fault) {
    case "dns":
      return code === "ENOTFOUND"
        ? `Check ${address} for a typing error, then this machine's DNS`
        : "Check this machine's DNS (/etc/resolv.conf) and its network";
    case "tls":
      if (NOT_TLS.test(tlsReason(error)))
        return `Check host and port of ${address}, and whether a proxy here answers instead`;
      return /SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code)
        ? "If a proxy here inspects TLS, name its CA certificate by AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS; never turn checking off"
        : `Check this machine's clock and ${address}; if a proxy here inspects TLS, name its CA by AWS_CA_BUNDLE`;
    case "timeout":
    case "no_route":
      return `Check the firewall, whether this network needs a proxy (HTTPS_PROXY), and ${address}`;
    default:
      return `Check ${address}, the firewall and whether this network needs a proxy (HTTPS_PROXY); then try again`;
  }
}
