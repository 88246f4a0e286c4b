import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import { patch } from "./patch";
import { refuse } from "./violations";

const REMEDY = "let a server of the test's own answer, on 127.0.0.1";
const RESOLVES = /^(?:lookup|resolve|reverse)/;

/** Whether an address or a name means this machine and no other. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (net.isIP(name) === 0) return name === "localhost" || name.endsWith(".localhost");
  return /^(?:127\.|::1$|(?:0*:)+0*1$|::ffff:127\.)/.test(name);
}

interface Target {
  readonly host?: string;
  readonly path?: string | null;
  readonly lookup?: unknown;
  readonly fd?: number;
}

/** What `connect` or `listen` has been called with: options, a path, or a port and perhaps a host. */
function targetOf(args: readonly unknown[]): Target {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "object" && first !== null) return first;
  if (typeof first === "string" && Number.isNaN(Number(first))) return { path: first };
  return typeof second === "string" ? { host: second } : {};
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Found = (error: unknown, address: string | { address: string }[], ...rest: unknown[]) => void;

/** A test's own look-up of names may answer with addresses of this machine alone. */
const checkedLookup = (lookup: Method): Method =>
  function (this: unknown, host, options, found) {
    const checked: Found = (error, address, ...rest) => {
      const addresses = Array.isArray(address) ? address.map((one) => one.address) : [address];
      if (!error) for (const one of addresses) if (!isLoopback(one)) connects(one);
      (found as Found)(error, address, ...rest);
    };
    return lookup.call(this, host, options, checked);
  };

const connects = (host: string) => refuse(`opened a socket to ${host}`, REMEDY);

/** Forbids sockets to and on anything but loopback, and looking up any other name. @returns allows them again. */
export function forbidNetwork(): (() => void)[] {
  const connect = (original: Method): Method =>
    function (this: unknown, ...args) {
      const target = targetOf(args);
      if (typeof target.path === "string" || isLoopback(target.host ?? "localhost")) return original.apply(this, args);
      if (net.isIP(target.host ?? "") !== 0) connects(String(target.host));
      // A name is looked up next: by dns.lookup, which refuses it as well, or by a stand-in of the test's own.
      const lookup = (target.lookup ?? ((...asked: unknown[]) => (dns.lookup as Method)(...asked))) as Method;
      Object.assign(target, { lookup: checkedLookup(lookup) });
      return original.apply(this, args);
    };
  const listen = (original: Method): Method =>
    function (this: unknown, ...args) {
      const { path, host, fd } = targetOf(args);
      if (typeof path !== "string" && fd === undefined && (host === undefined || !isLoopback(host)))
        refuse(`listened on ${host ?? "all of the machine's addresses"}`, "listen on 127.0.0.1");
      return original.apply(this, args);
    };
  const send = (original: Method): Method =>
    function (this: unknown, ...args) {
      const host = args.find((arg, index) => index > 0 && typeof arg === "string");
      if (host !== undefined && !isLoopback(host as string)) connects(host as string);
      return original.apply(this, args);
    };
  const resolve = (original: Method): Method =>
    function (this: unknown, ...args) {
      const name = String(args[0]);
      if (!isLoopback(name)) refuse(`looked up the name ${name}`, REMEDY);
      return original.apply(this, args);
    };
  const resolvers = [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype];
  return [
    patch(net.Socket.prototype, "connect", connect),
    patch(net.Server.prototype, "listen", listen),
    patch(dgram.Socket.prototype, "send", send),
    patch(dgram.Socket.prototype, "connect", send),
    ...resolvers.flatMap((holder) =>
      Object.getOwnPropertyNames(holder)
        .filter((name) => RESOLVES.test(name))
        .map((name) => patch(holder, name as never, resolve)),
    ),
  ];
}
