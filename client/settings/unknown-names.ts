import { nearest } from "../../terminal/nearest";
import { lineOf, type NamedContent, SETTING_NAMES } from "./settings-file";

/** What is read from the environment and from settings files besides the settings; others know these names as well. */
const SHARED = [
  "OIDC_S3_CONFIG",
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "no_proxy",
  "AWS_CA_BUNDLE",
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  "AWS_ENDPOINT_URL_S3",
  "AWS_ENDPOINT_URL",
];
/** What `user` reads, and a server may have in the same file or environment. */
const OF_PEOPLE = ["COGNITO_USER_POOL_ID", "COGNITO_IDENTITY_POOL_ID"];
const KNOWN: readonly string[] = [...Object.values(SETTING_NAMES).map(({ variable }) => variable), ...SHARED];

/** How this client's own names begin; the shared ones are not among them. */
const LIKE_OURS = /^(?:COGNITO|OIDC_S3|IDP|S3)_/i;
/** Other programs' names that are spelt nearly as one that is known here. */
const OF_OTHERS = /^(?:(?:https?|ftp|all|no)_proxy|AWS_ENDPOINT_URL_\w+|SSL_CERT_DIR)$/i;

/** What stands where settings are looked for and is none. */
export interface UnknownNames {
  /** A sentence on each that was meant for this client, most likely: nobody would notice a typing error otherwise. */
  readonly ours: readonly string[];
  /** A sentence on each that is another program's, as files for several may have it. */
  readonly others: readonly string[];
}

/** Names that are no settings, in settings files and, if they look like this client's own, in the environment. */
export function unknownNames(
  files: readonly NamedContent[],
  env: Readonly<Record<string, string | undefined>>,
): UnknownNames {
  const [ours, others]: [string[], string[]] = [[], []];
  for (const { path, content } of files) {
    for (const [name, { line }] of content.values) {
      if (isKnown(name)) continue;
      const meant = meantBy(name);
      const isOurs = meant !== undefined || LIKE_OURS.test(name);
      (isOurs ? ours : others).push(`${lineOf(path, line)}: ${isNone(name, meant)}`);
    }
  }
  for (const name of Object.keys(env).filter((each) => LIKE_OURS.test(each) && !isKnown(each))) {
    const meant = meantBy(name);
    // Others have variables that begin so too: what they are near to is set by its own name then.
    if ((meant !== undefined && !env[meant]) || /^OIDC_S3_/i.test(name))
      ours.push(`environment: ${isNone(name, meant)}`);
  }
  return { ours, others };
}

function isKnown(name: string): boolean {
  return KNOWN.includes(name) || OF_PEOPLE.includes(name);
}

function meantBy(name: string): string | undefined {
  return OF_OTHERS.test(name) ? undefined : nearest(name, KNOWN);
}

function isNone(name: string, meant: string | undefined): string {
  return `${name} is no setting${meant === undefined ? " of oidc-s3" : `: did you mean ${meant}?`}`;
}

/** Whether a line names something that this client reads. */
export function mentionsKnown(line: string): boolean {
  return (line.match(/\w+/g) ?? []).some((word) => KNOWN.includes(word));
}
