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

export interface Route {
  /** host:port that the request is for. */
  readonly host: string;
  /** host:port of the proxy, where the fault was on the way to it. */
  readonly proxy?: string | undefined;
}

/** What kept a request from being answered, from the error that Node.js gave. */
export function networkFault(error: NodeJS.ErrnoException, { host, proxy }: Route): UnreachableError {
  const code = error.code ?? "";
  const fault = TLS_CODE.test(code) ? "tls" : (FAULT_OF_CODE.get(code) ?? "unknown");
  if (proxy !== undefined && fault !== "tls") {
    return new UnreachableError(
      `cannot reach ${host} through the proxy ${proxy}: ${meaning(fault, proxy, code, error)}`,
      "proxy",
      host,
      {
        remedy: "Check HTTPS_PROXY and NO_PROXY, and whether the proxy lets this machine reach that host",
        cause: error,
      },
    );
  }
  return new UnreachableError(`cannot reach ${host}: ${meaning(fault, host, code, error)}`, fault, host, {
    remedy: remedy(fault, code),
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
      return `its TLS certificate or handshake was not accepted (${code}: ${error.message.split("\n")[0]})`;
    default:
      return `${code || error.name}: ${error.message}`;
  }
}

function remedy(fault: NetworkFault, code: string): string {
  switch (fault) {
    case "dns":
      return code === "ENOTFOUND"
        ? "Check COGNITO_DOMAIN, AWS_REGION and COGNITO_CREDENTIAL_API_URL for a typing error, then this machine's DNS"
        : "Check this machine's DNS (/etc/resolv.conf) and its network";
    case "tls":
      return /SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code)
        ? "If a proxy here inspects TLS, name its CA certificate by AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS; never turn checking off"
        : "Check this machine's clock and the host name; if a proxy here inspects TLS, name its CA by AWS_CA_BUNDLE";
    case "timeout":
    case "no_route":
      return "Check the firewall and whether this network needs a proxy (HTTPS_PROXY)";
    default:
      return "Check the address, the firewall and whether this network needs a proxy (HTTPS_PROXY); then try again";
  }
}
