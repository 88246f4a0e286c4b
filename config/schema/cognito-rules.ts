import type { Problem } from "../source/fault";
import { matching, type Rule } from "./terraform-types";

/** https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html */
export const COGNITO_LIMITS = { resourceServers: 25, scopesOfResourceServer: 100, scopesOfClient: 50 } as const;

const MAX_SCOPE_CHARACTERS = 256;

/** The characters that RFC 6749, section 3.3, leaves for scopes. */
function scopeTextProblem(value: string, remedy: string): Problem | undefined {
  if (/^[\x21\x23-\x5b\x5d-\x7e]*$/.test(value)) return undefined;
  return { message: "holds a space, quote, backslash or non-ASCII character", remedy };
}

/** The longest of the scopes that follow the identifier and a slash in a server's list of scopes. */
const LONGEST_SCOPE = "/delete".length;

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateResourceServer.html */
export const resourceServerIdentifier: Rule<string> = (value) => {
  const problem = scopeTextProblem(value, "use a URL, or a plain word");
  if (problem !== undefined) return problem;
  const longest = MAX_SCOPE_CHARACTERS - LONGEST_SCOPE;
  return value.length <= longest
    ? undefined
    : {
        message: `has ${value.length} characters`,
        remedy: `at most ${longest} leave room for the longest scope in Cognito's ${MAX_SCOPE_CHARACTERS}: shorten it`,
      };
};

/** The same page, ResourceServerScopeType; the identifier and a slash stand before the name in tokens. */
export function scopeNameProblem(name: string, identifier: string): Problem | undefined {
  if (name === "") return { message: "is an empty name", remedy: "name the scope" };
  if (name.includes("/")) {
    return { message: "holds a slash", remedy: "write the scope alone: the identifier and a slash come before it" };
  }
  const length = identifier.length + 1 + name.length;
  if (length > MAX_SCOPE_CHARACTERS) {
    const message = `gives the scope "${identifier}/${name}" of ${length} characters, and Cognito allows ${MAX_SCOPE_CHARACTERS}`;
    return { message, remedy: `shorten it by ${length - MAX_SCOPE_CHARACTERS}` };
  }
  return scopeTextProblem(name, "use letters, digits and dots, like book.get");
}

export const MAX_NAME_CHARACTERS = 128;

/** Names of pools, app clients and resource servers. */
export const cognitoName: Rule<string> = matching(
  /^[\w\s+=,.@-]{1,128}$/,
  "a name of 1 to 128 letters, digits, spaces and _ + = , . @ - alone",
  "Cognito takes no others: rename it",
);

const MAX_DESCRIPTION_CHARACTERS = 256;

export const scopeDescription: Rule<string> = (value) =>
  value.length > 0 && value.length <= MAX_DESCRIPTION_CHARACTERS
    ? undefined
    : {
        message: `has ${value.length} characters, and Cognito asks for 1 to ${MAX_DESCRIPTION_CHARACTERS}`,
        remedy: "say in a few words what the scope allows",
      };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html */
export const MAX_DOMAIN_CHARACTERS = 63;

/** Cognito refuses a domain that looks like one of AWS's own. */
export function reservedInDomain(domain: string): string[] {
  return ["aws", "amazon", "cognito"].filter((word) => domain.includes(word));
}
