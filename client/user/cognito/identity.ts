import { RefusedError, SettingsError } from "../../core/errors";
import type { Secret } from "../../core/secret";
import { type AwsKeys, keyFaults } from "../../credentials/vended";
import type { Json } from "../../settings/terraform-outputs";
import { providerName, type UserSettings } from "../settings/user-settings";
import { callCognito, lacking, type Operation, type OperationOptions } from "./operation";

/** Keys with the moment when they expire. */
export interface IssuedCredentials extends AwsKeys {
  readonly expiration: Date;
  readonly clockAheadSeconds: number;
}

/** The id that the identity pool knows a person by; the same for each sign-in. */
export async function getIdentityId(
  settings: UserSettings,
  idToken: Secret,
  options: OperationOptions,
): Promise<string> {
  const operation = identityOperation("GetId", {
    IdentityPoolId: requireIdentityPool(settings),
    Logins: { [providerName(settings)]: idToken },
  });
  const { output } = await callCognito(settings, operation, options);
  const { IdentityId: id } = output;
  if (typeof id === "string" && /^[\w-]+:[0-9a-f-]+$/.test(id)) return id;
  throw lacking(settings, operation, "an identity id");
}

/** Credentials for an hour, of the role that the identity pool chooses: the enhanced flow. */
export async function credentialsForIdentity(
  settings: UserSettings,
  identityId: string,
  idToken: Secret,
  options: OperationOptions,
): Promise<IssuedCredentials> {
  const operation = identityOperation("GetCredentialsForIdentity", {
    IdentityId: identityId,
    Logins: { [providerName(settings)]: idToken },
  });
  const { output, clockAheadSeconds } = await callCognito(settings, operation, options);
  const { AccessKeyId, SecretKey, SessionToken, Expiration } = (output.Credentials ?? {}) as Json;
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken };
  const faults = keyFaults(keys);
  if (typeof Expiration !== "number" || !(Expiration > 0)) faults.push("no expiration");
  if (faults.length > 0) throw lacking(settings, operation, `credentials (${faults.join(", ")})`);
  return { ...(keys as AwsKeys), expiration: new Date(Number(Expiration) * 1000), clockAheadSeconds };
}

/** A token of the identity pool, good for ten minutes, that roles of AWS trust: the first half of the basic flow. */
export async function openIdToken(
  settings: UserSettings,
  identityId: string,
  idToken: Secret,
  options: OperationOptions,
): Promise<string> {
  const operation = identityOperation("GetOpenIdToken", {
    IdentityId: identityId,
    Logins: { [providerName(settings)]: idToken },
  });
  const { output } = await callCognito(settings, operation, options).catch((error: unknown) => {
    if (error instanceof RefusedError && error.code === "InvalidParameterException") {
      throw new RefusedError("the identity pool gives credentials for an hour only (basic flow off)", error.code, {
        ...error,
        remedy: "Leave --duration out, or ask for a session_duration above 3600 in users.tfvars",
      });
    }
    throw error;
  });
  if (typeof output.Token === "string" && output.Token !== "") return output.Token;
  throw lacking(settings, operation, "a token");
}

function identityOperation(name: string, input: Json): Operation {
  return { service: "cognito_identity", name, input, occasion: "credentials" };
}

function requireIdentityPool({ identityPoolId, source }: UserSettings): string {
  if (identityPoolId !== undefined) return identityPoolId;
  throw new SettingsError([`${source} names no identity pool, so there are no AWS credentials to get`], {
    remedy: 'Ask for one (identity_pool in users.tfvars), then take its settings: "oidc-s3 user configure --from FILE"',
  });
}
