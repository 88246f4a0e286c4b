import type { Reason } from "../../../lambda/errors";
import type { HttpEvent } from "../../../lambda/parse-request";
import {
  accessClaims,
  CLIENT_ID,
  type Claims,
  ISSUER,
  jwks,
  RESOURCE_SERVER,
  type SigningKey,
  segment,
  sign,
  signHs256,
  signingKey,
} from "./tokens";

export interface Attack {
  readonly name: string;
  readonly event: HttpEvent;
  readonly status: number;
  /** The error's code; "credentials" where they are vended all the same, for what the mapping and the token allow. */
  readonly outcome: string;
  /** The reason in the log: a refusal for another reason would say nothing of this attack. */
  readonly reason: Reason | "";
  /** Where credentials are vended: the S3 actions they reach. */
  readonly actions?: readonly string[];
}

const WRITE_READ = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject"];

/** @param attackerUrl where the attacker would serve a JWKS of their own. */
export function attacks(key: SigningKey, attackerUrl: string): Attack[] {
  return [...signatures(key, attackerUrl), ...claims(key, attackerUrl), ...grants(key), ...requests(key)];
}

const inBody = (token: unknown, more: Claims = {}): HttpEvent => ({
  body: JSON.stringify({ access_token: token, ...more }),
});
const refused = (name: string, reason: Reason, token: string): Attack => ({
  name,
  event: inBody(token),
  status: 401,
  outcome: "invalid_token",
  reason,
});

function signatures(key: SigningKey, attackerUrl: string): Attack[] {
  const [header = "", payload = "", signature = ""] = sign(key).split(".");
  const attacker = signingKey(key.kid);
  const own = jwks(attacker).keys[0];
  const none = (alg: string) => `${segment({ kid: key.kid, alg })}.${payload}.`;
  const tampered = (changes: Claims) => `${header}.${segment(accessClaims(changes))}.${signature}`;
  return [
    refused("unsigned: two segments", "token_malformed", `${header}.${payload}`),
    refused("unsigned: empty signature", "token_malformed", `${header}.${payload}.`),
    refused("alg none, empty signature", "token_malformed", none("none")),
    refused("alg nOnE, empty signature", "token_malformed", none("nOnE")),
    refused("alg none, the signature kept", "algorithm_not_allowed", `${none("none")}${signature}`),
    refused("no alg at all", "algorithm_not_allowed", `${segment({ kid: key.kid })}.${payload}.${signature}`),
    refused("HS256 with the public key as secret", "algorithm_not_allowed", signHs256(key)),
    refused(
      "RS512 named over an RS256 signature",
      "algorithm_not_allowed",
      sign(key, accessClaims(), { alg: "RS512" }),
    ),
    refused("wrong key under the pool's key id", "signature_invalid", sign(attacker)),
    refused("wrong key under a key id of its own", "key_unknown", sign(signingKey("attacker"))),
    refused("wrong key, its JWK in the header", "signature_invalid", sign(attacker, accessClaims(), { jwk: own })),
    refused(
      "wrong key, its JWKS named by jku",
      "signature_invalid",
      sign(attacker, accessClaims(), { jku: `${attackerUrl}/jku.json` }),
    ),
    refused(
      "wrong key, its chain named by x5u",
      "signature_invalid",
      sign(attacker, accessClaims(), { x5u: `${attackerUrl}/x5u.pem` }),
    ),
    refused("key id that is a path", "key_unknown", sign(attacker, accessClaims(), { kid: "../../../../dev/null" })),
    refused("key id __proto__", "key_unknown", sign(attacker, accessClaims(), { kid: "__proto__" })),
    refused(
      "critical extension in the header",
      "token_malformed",
      sign(key, accessClaims(), { crit: ["b64"], b64: true }),
    ),
    refused("tampered payload: another client", "signature_invalid", tampered({ client_id: "victim", sub: "victim" })),
    refused("tampered payload: more scopes", "signature_invalid", tampered({ scope: `${RESOURCE_SERVER}/delete` })),
    refused("tampered payload: later expiry", "signature_invalid", tampered({ exp: 4_000_000_000 })),
    refused(
      "signature of another token",
      "signature_invalid",
      `${header}.${payload}.${sign(key, accessClaims({ jti: "2" })).split(".")[2]}`,
    ),
    refused("signature spelled with padding", "token_malformed", `${header}.${payload}.${signature}==`),
    refused("four segments", "token_malformed", `${header}.${payload}.${signature}.${signature}`),
    refused(
      "an encrypted token's five segments",
      "token_malformed",
      `${header}.${payload}.${signature}.${payload}.${signature}`,
    ),
  ];
}

function claims(key: SigningKey, attackerUrl: string): Attack[] {
  const now = Math.floor(Date.now() / 1000);
  const otherPool = ISSUER.replace("TestPool1", "OtherPool");
  const token = (changes: Claims, signer = key) => sign(signer, accessClaims(changes));
  return [
    refused("wrong pool, signed by it", "issuer_wrong", token({ iss: otherPool }, signingKey("other-pool"))),
    refused("wrong pool named, signed by ours", "issuer_wrong", token({ iss: otherPool })),
    refused("wrong issuer with a JWKS of its own", "issuer_wrong", token({ iss: attackerUrl }, signingKey("evil"))),
    refused("issuer with a slash more", "issuer_wrong", token({ iss: `${ISSUER}/` })),
    refused("issuer as a list", "issuer_wrong", token({ iss: [ISSUER] })),
    refused("ID token", "token_use_wrong", token({ token_use: "id", aud: CLIENT_ID, client_id: undefined })),
    refused("refresh token's use", "token_use_wrong", token({ token_use: "refresh" })),
    refused("expired", "token_expired", token({ iat: now - 7200, exp: now - 3600 })),
    refused("expired a second ago", "token_expired", token({ exp: now - 1 })),
    refused("no expiry", "claims_malformed", token({ exp: undefined })),
    refused("not yet valid (nbf)", "token_not_yet_valid", token({ nbf: now + 300 })),
    refused("issued in the future (iat)", "token_not_yet_valid", token({ iat: now + 300, exp: now + 3900 })),
    refused("no client_id", "client_id_missing", token({ client_id: undefined })),
    refused("client_id that is an object", "client_id_missing", token({ client_id: { S: CLIENT_ID } })),
  ];
}

function grants(key: SigningKey): Attack[] {
  const scoped = (name: string, scope: string | undefined): Attack => ({
    name,
    event: inBody(sign(key, accessClaims({ scope }))),
    status: 403,
    outcome: "insufficient_scope",
    reason: "scope_insufficient",
  });
  const vended = (name: string, event: HttpEvent, actions: readonly string[] = WRITE_READ): Attack => ({
    name,
    event,
    status: 200,
    outcome: "credentials",
    reason: "",
    actions,
  });
  const all = ["write", "read", "delete", "list"].map((scope) => `${RESOURCE_SERVER}/${scope}`).join(" ");
  const token = sign(key);
  return [
    {
      name: "client without a mapping",
      event: inBody(sign(key, accessClaims({ client_id: "not-onboarded", sub: "not-onboarded" }))),
      status: 403,
      outcome: "unknown_client",
      reason: "client_unknown",
    },
    vended("scopes beyond the mapping: narrowed", inBody(sign(key, accessClaims({ scope: all })))),
    vended("read alone cannot write", inBody(sign(key, accessClaims({ scope: `${RESOURCE_SERVER}/read` }))), [
      "s3:GetObject",
    ]),
    scoped("only scopes beyond the mapping", `${RESOURCE_SERVER}/delete ${RESOURCE_SERVER}/list`),
    scoped("scopes of another resource server", "https://other/write https://other/read"),
    scoped("scopes without a resource server", "write read"),
    scoped("no scopes", undefined),
    vended("role, prefix and scopes in the body: not read", {
      body: JSON.stringify({
        access_token: token,
        role_arn: "arn:aws:iam::123456789012:role/admin",
        s3_path_prefix: "",
        scope: all,
        client_id: "victim",
      }),
    }),
  ];
}

function requests(key: SigningKey): Attack[] {
  const token = sign(key);
  const bad = (name: string, reason: Reason | "", event: HttpEvent, status = 400, outcome = "invalid_request") => ({
    name,
    event,
    status,
    outcome,
    reason,
  });
  const good = (name: string, event: HttpEvent): Attack => ({
    ...bad(name, "", event, 200, "credentials"),
    actions: WRITE_READ,
  });
  const base64 = (text: string): HttpEvent => ({ body: Buffer.from(text).toString("base64"), isBase64Encoded: true });
  const json = JSON.stringify({ access_token: token });
  const huge = JSON.stringify({ access_token: token, padding: "x".repeat(17_000) });
  return [
    bad("oversized body", "body_too_large", { body: huge }, 413, "payload_too_large"),
    bad("oversized body, base64-encoded", "body_too_large", base64(huge), 413, "payload_too_large"),
    good("base64-encoded body: read", base64(json)),
    bad("body called base64 that is none", "body_not_json", { body: json, isBase64Encoded: true }),
    bad("malformed JSON", "body_not_json", { body: `${json}}` }),
    bad("JSON list", "body_not_json", { body: `[${json}]` }),
    bad("token in both places, different values", "tokens_differ", {
      body: json,
      headers: { authorization: `Bearer ${sign(key, accessClaims({ jti: "2" }))}` },
    }),
    good("token in both places, the same value", { body: json, headers: { Authorization: `Bearer ${token}` } }),
    bad("two Authorization headers", "authorization_malformed", {
      headers: { authorization: `Bearer ${token},Bearer ${token}` },
    }),
    bad("no token", "token_missing", { body: "{}" }),
    bad("token that is an object", "token_not_text", inBody({ toString: token })),
    bad("duration over an hour", "duration_invalid", inBody(token, { duration_seconds: 43_200 })),
    bad("duration that is text", "duration_invalid", inBody(token, { duration_seconds: "3600" })),
  ];
}
