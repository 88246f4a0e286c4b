/** How to reach the network from this machine; empty on most. */
export interface NetworkSettings {
  /** The proxy for https, as in HTTPS_PROXY. */
  readonly httpsProxy?: string | undefined;
  /** The setting that names it, for people. */
  readonly proxyPlace?: string | undefined;
  /** Hosts to reach without the proxy, as in NO_PROXY. */
  readonly noProxy?: string | undefined;
  /** A file of CA certificates in PEM, trusted besides those of Node.js. */
  readonly caFile?: string | undefined;
  /** The setting that names it, for people. */
  readonly caPlace?: string | undefined;
}

/**
 * The proxy that a request to `url` goes through, if any. The form of NO_PROXY is the usual one: names separated by
 * commas or spaces, each also standing for its subdomains, with an optional port; `*` is everything. Loopback is
 * never proxied: what listens there is on this machine.
 */
export function proxyFor(url: URL, network: NetworkSettings): string | undefined {
  if (!network.httpsProxy || isLoopback(url.hostname)) return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const bypassed = (network.noProxy ?? "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", entryPort] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      if (entryPort !== undefined && entryPort !== port) return false;
      const suffix = name.replace(/^\*?\.?/, "");
      return suffix !== "" && (url.hostname === suffix || url.hostname.endsWith(`.${suffix}`));
    });
  if (bypassed) return undefined;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(network.httpsProxy) ? network.httpsProxy : `http://${network.httpsProxy}`;
}

/** Whether a URL's host name is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
