import { type ClientRole, roleSessionName } from "../access/client-role";
import { MAX_SESSION_POLICY_CHARACTERS, policyJson, sessionPolicy } from "../access/policy";
import type { Grant } from "./authorise";
import { awsCall } from "./aws-call";
import type { Deadline } from "./deadline";
import { VendingError } from "./errors";
import type { StsAssumeRole, StsCredentials } from "./sts";

/** A fault of a clock, theirs or ours, which takes longer than a burst. */
const EXPIRED_RETRY_AFTER_SECONDS = 30;

export interface VendedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  /** How much of what STS allows session policy and tags take, in percent, where it says so. */
  readonly packedPolicySize?: number | undefined;
}

export type AssumeRole = (role: ClientRole, grant: Grant, deadline: Deadline) => Promise<VendedCredentials>;

/**
 * Makes the function that assumes a server's role, narrowed by a session policy to the granted scopes and the server's
 * prefix, and named and tagged so that CloudTrail says which server it was.
 * @throws {VendingError} throttled, temporarily_unavailable or internal_error.
 */
export function createRoleAssumer(
  stsAssumeRole: StsAssumeRole,
  bucketArn: string,
  now: () => number = Date.now,
): AssumeRole {
  return async (role, grant, deadline) => {
    const policy = policyJson(sessionPolicy(bucketArn, role.s3PathPrefix, grant.scopes, grant.allowedCidrs));
    if (policy.length > MAX_SESSION_POLICY_CHARACTERS) {
      throw new VendingError("session_policy_too_long", { characters: policy.length });
    }
    const input = {
      RoleArn: role.roleArn,
      RoleSessionName: roleSessionName(role.serverName),
      DurationSeconds: grant.durationSeconds,
      Policy: policy,
      Tags: [
        { Key: "server", Value: role.serverName },
        { Key: "client_id", Value: role.clientId },
      ],
    };
    const credentials = complete(await awsCall("sts", deadline, (signal) => stsAssumeRole(input, signal)));
    if (credentials.expiration.getTime() <= now()) {
      throw new VendingError("credentials_expired", { dependency: "sts" }, EXPIRED_RETRY_AFTER_SECONDS);
    }
    return credentials;
  };
}

/** Empty credentials served as success would fail at the caller's first upload, with nothing in our log. */
function complete(answer: StsCredentials): VendedCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration, PackedPolicySize } = answer;
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration || Number.isNaN(Expiration.getTime())) {
    throw new VendingError("credentials_incomplete", { dependency: "sts" });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
    packedPolicySize: PackedPolicySize,
  };
}
