/**
 * Text that users wrote (a tag, a prefix), for a place in Terraform JSON: Terraform reads every string there as a
 * template, so `${` and `%{` in it are escaped. The markers of cdktf's own tokens, which no escape hides from it, are
 * refused when the configuration is read. Rule: https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function literal(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => `${opening[0]}${opening}`);
}

/** {@link literal} for every string in a value, names of keys included. */
export function literals<T>(value: T): T;
export function literals(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map((element) => literals(element));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [literal(key), literals(inner)]));
}

/**
 * A reference to an attribute, as Terraform writes it. A plain string instead of a cdktf token: one token captures a
 * stack trace and is resolved three times, which is most of the synthesis of a thousand servers.
 */
export function reference(address: string, attribute: string): string {
  return `\${${address}.${attribute}}`;
}
