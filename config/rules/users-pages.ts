import { MAX_DOMAIN_CHARACTERS, reservedInDomain } from "../schema/cognito-rules";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";

const MAX_URLS = 100;

/** What Cognito would refuse of the sign-in pages: where they are, and where they lead to. */
export function pageFaults(file: UsersFile): Fault[] {
  return [...domainFaults(file), ...urlFaults(file)];
}

/** A prefix of Cognito's domain, or a domain with a certificate: one of the two. */
function domainFaults({ source, parts, values }: UsersFile): Fault[] {
  const faults: Fault[] = [];
  const refuse = (path: KeyPath, problem: Problem, value?: unknown) =>
    faults.push(faultAt(source, path, problem, value));
  const written = (key: string) => ((source.values.domain ?? {}) as Record<string, unknown>)[key] !== undefined;
  if (parts.domain !== undefined) {
    const { prefix, name, certificate_arn: certificate } = parts.domain.values;
    if (written("prefix") && written("name")) {
      refuse(
        ["domain", "name"],
        { message: "stands beside prefix, and there is one domain", remedy: "remove one of the two" },
        name,
      );
    } else if (!written("prefix") && !written("name")) {
      const remedy = 'write prefix = "…", which is unique in the region, or name and certificate_arn';
      refuse(["domain"], { message: "names no domain", remedy });
    } else if (written("name") !== written("certificate_arn")) {
      const message = written("name")
        ? "has no certificate"
        : "stands beside prefix, and Cognito's own domains have one already";
      const path = ["domain", written("name") ? "name" : "certificate_arn"];
      const remedy = written("name")
        ? "add certificate_arn, of us-east-1"
        : "remove it, or write name in place of prefix";
      refuse(path, { message, remedy }, written("name") ? name : certificate);
    }
    for (const word of reservedInDomain(prefix ?? "")) {
      refuse(
        ["domain", "prefix"],
        { message: `holds "${word}", which Cognito keeps out of its domains`, remedy: "rename it" },
        prefix,
      );
    }
    const excess = (prefix?.length ?? 0) - MAX_DOMAIN_CHARACTERS;
    if (excess > 0) {
      const message = `has ${prefix?.length} characters, and Cognito allows ${MAX_DOMAIN_CHARACTERS}`;
      refuse(["domain", "prefix"], { message, remedy: `shorten it by ${excess}` }, prefix);
    }
  } else if (
    (source.values.domain ?? undefined) === undefined &&
    Object.keys(values.service_clients ?? {}).length > 0
  ) {
    const message = "get their tokens at the domain, and there is none";
    refuse(["service_clients"], { message, remedy: 'add domain = { prefix = "…" }' });
  }
  return faults;
}

/** The domain, for the check across environments: prefixes are one's own in a region, whole names everywhere. */
export function domainsOf({ values, parts }: UsersFile) {
  const { prefix, name } = parts.domain?.values ?? {};
  const { aws_region: region } = values;
  if (prefix !== undefined && region !== undefined) return [{ name: prefix, region, path: ["domain", "prefix"] }];
  return name === undefined ? [] : [{ name, region: "every region", path: ["domain", "name"] }];
}

function urlFaults({ source, values }: UsersFile): Fault[] {
  const faults: Fault[] = [];
  for (const key of ["callback_urls", "logout_urls"] as const) {
    const urls = values[key] ?? [];
    for (const [index, url] of urls.entries()) {
      const problem = urlProblem(url);
      if (problem !== undefined) faults.push(faultAt(source, [key, String(index)], problem, url));
    }
    if (urls.length > MAX_URLS) {
      const message = `has ${urls.length}, and Cognito allows ${MAX_URLS}`;
      faults.push(faultAt(source, [key], { message, remedy: `remove ${urls.length - MAX_URLS}` }));
    }
  }
  const { oauth_scopes: scopes } = values;
  if (scopes !== undefined && !scopes.includes("openid")) {
    const message = "lacks openid, without which there is no ID token, and so neither a name nor AWS credentials";
    faults.push(faultAt(source, ["oauth_scopes"], { message, remedy: 'add "openid"' }, scopes));
  }
  return faults;
}

function urlProblem(url: string): Problem | undefined {
  const example = '"https://example.com/callback" or "http://localhost:18271/callback"';
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return { message: "is not a URL", remedy: `write it whole, like ${example}` };
  }
  if (/[*\s]/.test(url)) {
    return {
      message: "holds a wildcard or space, and Cognito compares every character",
      remedy: "write each URL by itself",
    };
  }
  if (parsed.hash !== "" || url.endsWith("#")) {
    return { message: "has a fragment, which Cognito refuses", remedy: "remove what begins with #" };
  }
  if (parsed.username !== "" || parsed.password !== "") {
    return { message: "holds a user or a password", remedy: "remove them: the URL is no secret" };
  }
  if (parsed.protocol === "https:") return undefined;
  if (parsed.protocol !== "http:") {
    return {
      message: "is neither https nor http on localhost",
      remedy: `write it like ${example}: codes come back by it`,
    };
  }
  if (parsed.hostname !== "localhost") {
    const remedy = /^(127\.|\[::1\]$)/.test(parsed.hostname)
      ? 'write "localhost": Cognito knows no other'
      : "use https";
    return { message: "is http on another host than localhost, which Cognito refuses", remedy };
  }
  if (/^http:\/\/localhost:[1-9]\d*(\/|\?|$)/i.test(url)) return undefined;
  return {
    message: "has no port",
    remedy: 'write a fixed one, like "http://localhost:18271/callback": nobody may listen at 80',
  };
}
