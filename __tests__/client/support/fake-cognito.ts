import { createHash, createHmac, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Json } from "../../../client/settings/terraform-outputs";
import type { Reply } from "./fake-services";
import { LoopbackServer } from "./loopback";

export const POOL = "eu-west-1_AbCdEf123";
export const CLIENT = "1abc2defg3hij4klmno5pqrs6";
export const IDENTITY_POOL = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";
export const IDENTITY = "eu-west-1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
export const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL}`;
export const ROLE = "arn:aws:iam::123456789012:role/users-dev-authenticated";
export const LONG_ROLE = "arn:aws:iam::123456789012:role/users-dev-group-editors";

const WRONG = "Incorrect username or password.";

/** A step after the password: what is asked, and whether the answers are right. */
interface Step {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly check?: (answers: Readonly<Record<string, string>>) => Reply | undefined;
}

export function refuse(code: string, message: string, status = 400): Reply {
  return { status, body: { __type: code, message } };
}

/** Cognito's two services, STS and the token endpoint on loopback, with one user, who knows a password. */
export class FakeCognito extends LoopbackServer {
  readonly requests: { readonly operation: string; readonly input: Json; readonly body: string }[] = [];
  /** Answers of a test's own, by operation; the good ones where it gives none. */
  readonly answers = new Map<string, (input: Json) => Reply | undefined>();
  userName = "ann";
  userId = "11111111-2222-3333-4444-555555555555";
  password = "Correct-Horse-1";
  steps: Step[] = [];
  claims: Record<string, unknown> = {};
  rotates = true;
  credentialsLifeSeconds = 3600;
  /** The refresh token that counts. */
  refreshToken = "refresh-0";
  #issued = 0;
  #srp:
    | {
        readonly b: bigint;
        readonly publicB: bigint;
        readonly salt: string;
        readonly block: string;
        readonly a: bigint;
      }
    | undefined;
  protected readonly server: Server = createServer((request, response) => this.#receive(request, response));

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What `user configure --from` takes. */
  configuration(more: Json = {}): Json {
    const endpoint = `${this.origin}/`;
    return {
      region: "eu-west-1",
      user_pool_id: POOL,
      client_id: CLIENT,
      identity_pool_id: IDENTITY_POOL,
      issuer: ISSUER,
      domain: null,
      callback_urls: [],
      account_id: "123456789012",
      long_sessions: {},
      authenticated_role_arn: ROLE,
      s3: { bucket: "uploads", prefix: "users/", user_specific: true },
      endpoints: { cognito_idp: endpoint, cognito_identity: endpoint, sts: endpoint },
      ...more,
    };
  }

  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  idToken(more: Json = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      aud: CLIENT,
      token_use: "id",
      sub: this.userId,
      "cognito:username": this.userName,
      exp: now + 3600,
      ...this.claims,
      ...more,
    };
    return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
  }

  /** Tokens as Cognito's API has them; the refresh token is the next one. */
  tokens(renewal = false): Json {
    this.#issued++;
    const keeps = renewal && !this.rotates;
    if (!keeps) this.refreshToken = `refresh-${this.#issued}`;
    return {
      IdToken: this.idToken({ jti: String(this.#issued) }),
      AccessToken: `access.${this.#issued}.token`,
      ...(keeps ? {} : { RefreshToken: this.refreshToken }),
      ExpiresIn: 3600,
      TokenType: "Bearer",
    };
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const target = String(request.headers["x-amz-target"] ?? "").split(".")[1];
      const form = Object.fromEntries(new URLSearchParams(target === undefined ? body : ""));
      const operation = target ?? (request.url === "/oauth2/token" ? "token" : (form.Action ?? ""));
      const input = target === undefined ? form : (JSON.parse(body) as Json);
      this.requests.push({ operation, input, body });
      const reply = this.answers.get(operation)?.(input) ?? this.#answer(operation, input);
      if (reply.cut) return void response.destroy();
      setTimeout(() => {
        response.writeHead(reply.status ?? 200, { date: new Date().toUTCString(), ...reply.headers });
        response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body ?? {}));
      }, reply.delayMs ?? 0);
    });
  }

  #answer(operation: string, input: Json): Reply {
    switch (operation) {
      case "InitiateAuth":
        return this.#initiate(input);
      case "RespondToAuthChallenge":
        return this.#respond(input);
      case "GetTokensFromRefreshToken":
        if (input.RefreshToken !== this.refreshToken) return refuse("NotAuthorizedException", "Invalid Refresh Token");
        return { body: { AuthenticationResult: this.tokens(true) } };
      case "GetId":
        return { body: { IdentityId: IDENTITY } };
      case "GetCredentialsForIdentity":
        return { body: { IdentityId: IDENTITY, Credentials: this.#keys() } };
      case "GetOpenIdToken":
        return { body: { IdentityId: IDENTITY, Token: "openid.token.signed" } };
      case "AssumeRoleWithWebIdentity":
        return { body: this.#assumed(Number(input.DurationSeconds)) };
      case "AssociateSoftwareToken":
        return { body: { SecretCode: "JBSWY3DPEHPK3PXP", Session: "session-of-the-app" } };
      case "VerifySoftwareToken":
        if (input.UserCode !== "123456") return refuse("EnableSoftwareTokenMFAException", "Code mismatch");
        return { body: { Status: "SUCCESS", Session: "session-after-the-app" } };
      case "token":
        return { body: this.#endpointTokens() };
      case "GetUser":
        return { body: { Username: this.userName, UserAttributes: [{ Name: "email", Value: "ann@example.com" }] } };
      default:
        return { body: {} };
    }
  }

  /** As the token endpoint has them. */
  #endpointTokens(): Json {
    const { IdToken, AccessToken, RefreshToken, ExpiresIn } = this.tokens();
    return { id_token: IdToken, access_token: AccessToken, refresh_token: RefreshToken, expires_in: ExpiresIn };
  }

  #keys() {
    return {
      AccessKeyId: `ASIAFAKE${String(this.count("GetCredentialsForIdentity")).padStart(4, "0")}`,
      SecretKey: "secret/key+1",
      SessionToken: "session/token+1",
      Expiration: Date.now() / 1000 + this.credentialsLifeSeconds,
    };
  }

  #assumed(seconds: number): string {
    const expiration = new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, "");
    return `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>long/token</SessionToken><SecretAccessKey>long/secret</SecretAccessKey><Expiration>${expiration}</Expiration><AccessKeyId>ASIALONG0001</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  }

  #initiate({ AuthFlow, AuthParameters }: Json): Reply {
    const parameters = AuthParameters as Record<string, string>;
    if (AuthFlow === "REFRESH_TOKEN_AUTH") {
      if (parameters.REFRESH_TOKEN !== this.refreshToken)
        return refuse("NotAuthorizedException", "Invalid Refresh Token");
      return { body: { AuthenticationResult: this.tokens(true) } };
    }
    const salt = "8dbcb21f18ae3216";
    // Short, since it protects nothing here: the tests' time goes into it.
    const b = BigInt(`0x${randomBytes(8).toString("hex")}`);
    const publicB = (K * this.#verifier(salt) + power(2n, b)) % N;
    this.#srp = { a: BigInt(`0x${parameters.SRP_A}`), b, publicB, salt, block: randomBytes(64).toString("base64") };
    return {
      body: {
        ChallengeName: "PASSWORD_VERIFIER",
        ChallengeParameters: {
          SALT: salt,
          SECRET_BLOCK: this.#srp.block,
          SRP_B: publicB.toString(16),
          USERNAME: parameters.USERNAME,
          USER_ID_FOR_SRP: this.userId,
        },
      },
    };
  }

  #respond({ ChallengeName, ChallengeResponses }: Json): Reply {
    const answers = ChallengeResponses as Record<string, string>;
    if (ChallengeName === "PASSWORD_VERIFIER") {
      if (answers.PASSWORD_CLAIM_SIGNATURE !== this.#expectedProof(answers.TIMESTAMP ?? ""))
        return refuse("NotAuthorizedException", WRONG);
    } else {
      const refused = this.steps[0]?.check?.(answers);
      if (refused) return refused;
      this.steps.shift();
    }
    const next = this.steps[0];
    if (next === undefined) return { body: { AuthenticationResult: this.tokens() } };
    const ChallengeParameters = next.parameters ?? {};
    return { body: { ChallengeName: next.name, ChallengeParameters, Session: `session-before-${next.name}` } };
  }

  /** Made once for each password. */
  #verifier(salt: string): bigint {
    const inner = sha256(Buffer.from(`AbCdEf123${this.userId}:${this.password}`));
    const x = integer(sha256(padded(BigInt(`0x${salt}`)), inner));
    const verifier = verifiers.get(x) ?? power(2n, x);
    verifiers.set(x, verifier);
    return verifier;
  }

  #expectedProof(timestamp: string): string {
    if (this.#srp === undefined) throw new Error("no sign-in was begun");
    const { a, b, publicB, salt, block } = this.#srp;
    const u = integer(sha256(padded(a), padded(publicB)));
    const shared = power(a * power(this.#verifier(salt), u), b);
    const key = Buffer.from(hkdfSync("sha256", padded(shared), padded(u), "Caldera Derived Key", 16));
    const parts = [Buffer.from(`AbCdEf123${this.userId}`), Buffer.from(block, "base64"), Buffer.from(timestamp)];
    return createHmac("sha256", key).update(Buffer.concat(parts)).digest("base64");
  }
}

const N = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);
const K = integer(sha256(padded(N), Buffer.of(2)));

const verifiers = new Map<bigint, bigint>();

/** By squaring, in other words than the client's. */
function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % N];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

function padded(value: bigint): Buffer {
  const text = value.toString(16);
  const even = text.length % 2 === 0 ? text : `0${text}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}
