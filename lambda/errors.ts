/** The codes of docs/interfaces.md, each with its HTTP status. */
const STATUS = {
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  unknown_client: 403,
  client_disabled: 403,
  payload_too_large: 413,
  throttled: 429,
  internal_error: 500,
  temporarily_unavailable: 503,
} as const;
export type ErrorCode = keyof typeof STATUS;

const NEW_TOKEN = "Request a new access token from the token endpoint and try again.";
const RETRY = "Try again after the seconds that the Retry-After header names.";
const OPERATOR = "Give the operator of this service the request_id.";
const CONTROL = "Ask the operator of this service, and give them the request_id.";
const ONBOARDING = "Ask the operator of this service to add it, and give them the request_id.";

/**
 * Why a request was not served: the key goes to the log and to the metric's dimension, the code and the fixed sentence
 * to the caller. A sentence never holds a value, so that nothing of a token or of AWS's own texts can leak through it.
 */
const REASONS = {
  body_too_large: ["payload_too_large", "The request body is larger than 16 KiB. Send only the access token."],
  body_not_json: ["invalid_request", "The request body is not a JSON object in UTF-8."],
  token_missing: [
    "invalid_request",
    'No access token in the request. Send it as "access_token" in a JSON body or as "Authorization: Bearer".',
  ],
  token_not_text: ["invalid_request", 'The value of "access_token" is not a non-empty string.'],
  authorization_malformed: ["invalid_request", 'The Authorization header is not "Bearer" and one access token.'],
  tokens_differ: [
    "invalid_request",
    "The body and the Authorization header hold different access tokens. Send only one.",
  ],
  duration_invalid: ["invalid_request", '"duration_seconds" is not a whole number from 900 to 3600.'],

  token_malformed: ["invalid_token", `The access token is not a well-formed JSON Web Token. ${NEW_TOKEN}`],
  algorithm_not_allowed: ["invalid_token", `The access token is not signed with RS256. ${NEW_TOKEN}`],
  issuer_wrong: [
    "invalid_token",
    "The access token is from another user pool. Use the token endpoint of this environment.",
  ],
  token_use_wrong: ["invalid_token", "The token is not an access token. Use the client credentials grant."],
  client_id_missing: ["invalid_token", "The access token names no app client. Use the client credentials grant."],
  claims_malformed: ["invalid_token", `The access token's claims are not as Amazon Cognito writes them. ${NEW_TOKEN}`],
  token_expired: ["invalid_token", `The access token has expired. ${NEW_TOKEN}`],
  token_not_yet_valid: ["invalid_token", "The access token is not valid yet. Check the clock of the issuing system."],
  key_unknown: [
    "invalid_token",
    `The access token is signed with a key that the user pool does not have. ${NEW_TOKEN}`,
  ],
  signature_invalid: ["invalid_token", `The signature of the access token is wrong. ${NEW_TOKEN}`],
  token_revoked: ["invalid_token", `The access token has been revoked. ${NEW_TOKEN}`],

  scope_insufficient: [
    "insufficient_scope",
    "The access token holds no scope that this client may use here. Request a token with the client's own scopes.",
  ],
  client_unknown: ["unknown_client", `This client is not onboarded in this environment. ${ONBOARDING}`],

  client_disabled: ["client_disabled", `This client is switched off. ${CONTROL}`],
  client_write_only: [
    "client_disabled",
    `This client may only write at present, and the access token is for something else. ${CONTROL}`,
  ],
  source_not_allowed: ["client_disabled", `This client may not be used from this network. ${CONTROL}`],

  dependency_throttled: ["throttled", `Too many requests at the moment. ${RETRY}`],
  dependency_unavailable: ["temporarily_unavailable", `A service that this one needs does not answer. ${RETRY}`],
  key_newer: [
    "temporarily_unavailable",
    `The access token may be signed with a key that is newer than those known here. ${RETRY}`,
  ],
  keys_unavailable: ["temporarily_unavailable", `The user pool's signing keys cannot be fetched. ${RETRY}`],

  credentials_expired: ["temporarily_unavailable", `The credentials for this client have expired already. ${RETRY}`],

  configuration_faulty: ["internal_error", `The service is not set up correctly. ${OPERATOR}`],
  client_role_malformed: ["internal_error", `The entry of this client is not set up correctly. ${OPERATOR}`],
  control_malformed: ["internal_error", `The entry of this client is not set up correctly. ${OPERATOR}`],
  role_outside_deployment: ["internal_error", `The entry of this client is not set up correctly. ${OPERATOR}`],
  session_policy_too_long: ["internal_error", `The entry of this client is not set up correctly. ${OPERATOR}`],
  session_policy_malformed: ["internal_error", `The entry of this client is not set up correctly. ${OPERATOR}`],
  role_not_assumable: ["internal_error", `The access of this client is not set up correctly. ${OPERATOR}`],
  dependency_refused: ["internal_error", `The request could not be served. ${OPERATOR}`],
  credentials_incomplete: ["internal_error", `The request could not be served. ${OPERATOR}`],
  unexpected: ["internal_error", `The request could not be served. ${OPERATOR}`],
} as const satisfies Readonly<Record<string, readonly [ErrorCode, string]>>;
export type Reason = keyof typeof REASONS;

/** Facts for the log only. Never a message of AWS, a token, a credential or a role ARN. */
export type LogDetail = Readonly<Record<string, string | number | undefined>>;

/** A request that is not served, with all that the answer, the log line and the metric need. */
export class VendingError extends Error {
  override readonly name = "VendingError";
  readonly code: ErrorCode;
  readonly status: number;
  /** The sentence for the caller. */
  readonly description: string;

  /** @param retryAfterSeconds for 429 and 503: when it makes sense to try again. */
  constructor(
    readonly reason: Reason,
    readonly detail: LogDetail = {},
    readonly retryAfterSeconds?: number,
  ) {
    super(reason);
    [this.code, this.description] = REASONS[reason];
    this.status = STATUS[this.code];
  }
}
