import type { ServiceAnswer, ServiceCall, ServiceFront } from "../aws/service-front";
import type { Federation } from "./federation";
import type { People } from "./people";
import { type Json, ServiceError } from "./service-error";
import { issuerOf } from "./tokens";
import type { WebIdentitySessions } from "./web-identity";

const USER_POOLS = "AWSCognitoIdentityProviderService.";
const IDENTITY_POOLS = "AWSCognitoIdentityService.";
const WEB_IDENTITY = "AssumeRoleWithWebIdentity";
const JWKS = /^\/([\w-]+_\w+)\/\.well-known\/jwks\.json$/;

/** Cognito and STS, as far as people are concerned, at the sandbox's address of AWS. */
export class IdentityFront implements ServiceFront {
  constructor(
    private readonly people: People,
    private readonly federation: Federation,
    private readonly webIdentity: WebIdentitySessions,
  ) {}

  kindOf(operation: string): "public" | "administrator" | undefined {
    if (operation === WEB_IDENTITY) return "public";
    if (operation.startsWith(USER_POOLS)) return this.people.kindOf(operation.slice(USER_POOLS.length));
    if (!operation.startsWith(IDENTITY_POOLS)) return undefined;
    return Object.hasOwn(this.federation.calls, operation.slice(IDENTITY_POOLS.length)) ? "public" : undefined;
  }

  async answer({ operation, body, forward }: ServiceCall): Promise<ServiceAnswer> {
    if (operation === WEB_IDENTITY) return this.webIdentity.assume(new URLSearchParams(body));
    const name = operation.slice(operation.indexOf(".") + 1);
    const pass = async (changed: Json): Promise<Json> => {
      const answer = await forward(JSON.stringify(changed));
      if (answer.status !== 200) throw new RefusedByDirectory(answer);
      return answer.body as Json;
    };
    try {
      const input = parse(body);
      const answered = operation.startsWith(USER_POOLS)
        ? await this.people.call(name, input, pass)
        : await this.federation.calls[name]?.(input);
      return { status: 200, body: answered ?? {} };
    } catch (error) {
      if (error instanceof RefusedByDirectory) return error.answer;
      if (error instanceof ServiceError) {
        return { status: error.status, body: { __type: error.type, message: error.message } };
      }
      throw error;
    }
  }

  /** The keys of a user pool whose people sign in here. */
  document(path: string): unknown {
    const poolId = JWKS.exec(path)?.[1];
    return poolId === undefined ? undefined : this.people.keys.known(issuerOf(poolId))?.jwks;
  }
}

class RefusedByDirectory extends Error {
  constructor(readonly answer: ServiceAnswer) {
    super("the directory refused");
  }
}

function parse(body: string): Json {
  try {
    const input: unknown = JSON.parse(body);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Json;
  } catch {
    // Said below.
  }
  throw new ServiceError("SerializationException", "The request is no JSON object.");
}
