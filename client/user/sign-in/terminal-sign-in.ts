import { Secret } from "../../core/secret";
import type { Json } from "../../settings/terraform-outputs";
import { callCognito, lacking, type Operation, type OperationAnswer } from "../cognito/operation";
import { type Tokens, tokensOfApi } from "../cognito/tokens";
import { answerChallenge, type Challenge, respond } from "./challenges";
import type { SignInContext } from "./questions";
import { type SrpExchange, srpProof, srpTimestamp, startSrp } from "./srp";

/** No sign-in has more steps; a user pool that goes on asking is not one. */
const MOST_CHALLENGES = 10;

/**
 * Signs in with a user name and a password, which stays on this machine, and with whatever else the user pool asks for.
 * @throws {RefusedError} the name or the password is wrong, in the same words for both, or the user may not sign in.
 */
export async function signInAtTerminal(
  context: SignInContext,
  login: { readonly userName: string; readonly password: Secret },
): Promise<Tokens> {
  const exchange = startSrp();
  let answer = await initiate(context, exchange, login.userName);
  let { userName } = login;
  for (let step = 0; step < MOST_CHALLENGES; step++) {
    const { ChallengeName: name, AuthenticationResult: result } = answer.output;
    if (typeof name !== "string" || name === "") {
      const tokens = tokensOfApi(result, answer.clockAheadSeconds);
      if (tokens?.refreshToken === undefined) throw lacking(context.settings, RESPOND, "tokens");
      if ((result as Json).NewDeviceMetadata !== undefined)
        context.say("this user pool remembers devices, which oidc-s3 does not: it may refuse to renew the sign-in");
      return tokens;
    }
    const challenge = challengeIn(answer.output, name, userName);
    // Later challenges may leave it out.
    userName = challenge.userName;
    answer =
      name === "PASSWORD_VERIFIER"
        ? await prove(context, challenge, exchange, login.password)
        : await answerChallenge(context, challenge);
  }
  throw lacking(context.settings, RESPOND, "an end");
}

const RESPOND = { service: "cognito_idp", name: "RespondToAuthChallenge" } as const;

function initiate(
  { settings, signal }: SignInContext,
  exchange: SrpExchange,
  userName: string,
): Promise<OperationAnswer> {
  const operation: Operation = {
    service: "cognito_idp",
    name: "InitiateAuth",
    input: {
      AuthFlow: "USER_SRP_AUTH",
      ClientId: settings.clientId,
      AuthParameters: { USERNAME: userName, SRP_A: exchange.publicValue },
    },
    occasion: "sign-in",
  };
  return callCognito(settings, operation, { signal });
}

function prove(
  context: SignInContext,
  challenge: Challenge,
  exchange: SrpExchange,
  password: Secret,
): Promise<OperationAnswer> {
  const { SRP_B, SALT, SECRET_BLOCK, USER_ID_FOR_SRP } = challenge.parameters;
  const { settings } = context;
  if (SRP_B === undefined || SALT === undefined || SECRET_BLOCK === undefined || USER_ID_FOR_SRP === undefined)
    throw lacking(settings, { service: "cognito_idp", name: "InitiateAuth" }, "the values of SRP");
  const timestamp = srpTimestamp();
  const proof = srpProof(
    exchange,
    { publicValue: SRP_B, salt: SALT, secretBlock: SECRET_BLOCK, userId: USER_ID_FOR_SRP },
    { poolName: settings.userPoolId.split("_")[1] ?? "", password, timestamp },
  );
  return respond(
    context,
    { ...challenge, userName: USER_ID_FOR_SRP },
    { PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK, PASSWORD_CLAIM_SIGNATURE: new Secret(proof), TIMESTAMP: timestamp },
  );
}

function challengeIn({ ChallengeParameters, Session }: Json, name: string, typed: string): Challenge {
  const parameters = Object.fromEntries(
    Object.entries((ChallengeParameters ?? {}) as Json).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
  return {
    name,
    parameters,
    session: typeof Session === "string" && Session !== "" ? new Secret(Session) : undefined,
    userName: parameters.USER_ID_FOR_SRP ?? parameters.USERNAME ?? typed,
  };
}
