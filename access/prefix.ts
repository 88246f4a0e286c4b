/** The longest prefix in bytes of UTF-8: half of what S3 allows a whole key, so that names below it have room. */
export const MAX_PREFIX_BYTES = 512;

const FORBIDDEN: readonly { readonly pattern: RegExp; readonly fault: string; readonly remedy: string }[] = [
  { pattern: /^\//, fault: "starts with /", remedy: "S3 keys have no leading slash: remove it" },
  { pattern: /[^/]$/, fault: "does not end with /", remedy: "add the slash, or the prefix a would also reach ab/" },
  { pattern: /\.\./, fault: "holds ..", remedy: "name the folder itself" },
  { pattern: /\/\//, fault: "holds //", remedy: "use single slashes" },
  {
    pattern: /[*?]/,
    fault: "holds a wildcard (* or ?)",
    remedy: "IAM would match it against other prefixes: remove it",
  },
  { pattern: /\$/, fault: "holds $", remedy: "IAM reads $ as the start of a policy variable: remove it" },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the purpose
  { pattern: /[\u0000-\u001f\u007f-\u009f]/, fault: "holds a control character", remedy: "remove it" },
  { pattern: /\p{Surrogate}/u, fault: "is not valid Unicode", remedy: "write it in UTF-8" },
];

export interface PrefixFault {
  readonly fault: string;
  readonly remedy: string;
}

/** Everything that is wrong with an S3 prefix as the one place a server may reach; empty when it is right. */
export function prefixFaults(prefix: string): PrefixFault[] {
  if (prefix === "")
    return [{ fault: "is empty", remedy: 'name a folder of the server\'s own, like "backups/server-01/"' }];
  const faults: PrefixFault[] = FORBIDDEN.filter(({ pattern }) => pattern.test(prefix));
  const bytes = Buffer.byteLength(prefix, "utf8");
  if (bytes > MAX_PREFIX_BYTES) {
    faults.push({ fault: `has ${bytes} bytes`, remedy: `at most ${MAX_PREFIX_BYTES} are allowed: shorten it` });
  }
  return faults;
}

/** Whether a key, or another prefix, lies under the prefix. */
export function isUnderPrefix(prefix: string, key: string): boolean {
  return key.startsWith(prefix);
}

/** Whether one of two prefixes reaches into the other: they are equal or nested. */
export function prefixesOverlap(a: string, b: string): boolean {
  return isUnderPrefix(a, b) || isUnderPrefix(b, a);
}
