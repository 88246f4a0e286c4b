import { readFileSync } from "node:fs";
import { UsageError } from "../core/errors";
import { fileFault } from "../core/files";
import { urlFault } from "../settings/value-faults";

/** What is sent, but for the token. */
export interface CallRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** A command line of `call`, as it was typed. */
export interface CallWords {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly data?: string | undefined;
}

/** Characters of a method and of a header's name (RFC 9110, section 5.6.2). */
const HTTP_TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** TRACE would have the token echoed, CONNECT opens a tunnel. */
const REFUSED_METHODS = ["TRACE", "CONNECT"];
/** What the request itself decides about. */
const OWN_HEADERS = ["authorization", "host", "content-length", "transfer-encoding", "connection"];

/**
 * The request that a command line asks for.
 * @throws {UsageError} with all that is wrong with it.
 * @throws {LocalError} where the data's file cannot be read.
 */
export function parseCall({ method, url, headers, data }: CallWords, readStdin: () => Uint8Array): CallRequest {
  const faults: string[] = [];
  const upper = method.toUpperCase();
  if (!HTTP_TOKEN.test(method) || REFUSED_METHODS.includes(upper))
    faults.push(`${JSON.stringify(method)} is not a method that can be called, such as GET or POST`);
  const fault = urlFault(url);
  // What is wrong with a URL may be a password in it.
  if (fault !== undefined) faults.push(`the URL cannot be called: ${fault}`);
  const parsed = new Map<string, string>();
  for (const header of headers) {
    const [, name = "", value = ""] = /^([^:]*):[ \t]*(.*)$/s.exec(header) ?? [];
    const key = name.toLowerCase();
    if (!HTTP_TOKEN.test(name) || !/^[\t\x20-\x7e]*$/.test(value))
      faults.push(`--header ${JSON.stringify(name || header)} has not the form "Name: value" in ASCII`);
    else if (OWN_HEADERS.includes(key)) faults.push(`--header ${name} is set by this program, and cannot be given`);
    else parsed.set(key, value.trim());
  }
  if (faults.length > 0) throw new UsageError(faults.join("\n"), { remedy: "oidc-s3 call --help has examples" });
  const body = data === undefined ? undefined : readData(data, readStdin);
  if (body !== undefined && !parsed.has("content-type")) parsed.set("content-type", "application/json");
  return { method: upper, url, headers: Object.fromEntries(parsed), body };
}

/** As curl has it: `@FILE`, `@-` or `-` for the standard input, anything else is the data itself. */
function readData(data: string, readStdin: () => Uint8Array): Uint8Array {
  if (data === "-" || data === "@-") return readStdin();
  if (!data.startsWith("@")) return Buffer.from(data, "utf8");
  const path = data.slice(1);
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileFault(error, path);
  }
}
