import { join } from "node:path";
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsEndpoint } from "../aws/aws-endpoint";
import type { ReadRolePolicies } from "../aws/role-policies";
import type { SigningKeys } from "../cognito/signing-key";
import { administratorConfig, type ClientConfig } from "../process/administrator";
import { DeployedDirectory } from "./deployed-directory";
import { DeployedIdentityPools } from "./deployed-identity-pools";
import { Federation } from "./federation";
import { IdentityFront } from "./identity-front";
import { OpenIdTokens } from "./open-id-tokens";
import { Outbox } from "./outbox";
import { People } from "./people";
import { type AssumeRequest, type Issued, TrustedRoleSessions } from "./role-sessions";
import { WebIdentitySessions } from "./web-identity";

export interface MountOptions {
  readonly aws: AwsEndpoint;
  readonly emulatorUrl: string;
  readonly region: string;
  readonly readRolePolicies: ReadRolePolicies;
  readonly keys: SigningKeys;
  /** Where the outbox's file goes; without it, messages are in memory only. */
  readonly folder?: string;
  readonly now?: () => number;
}

export interface Identity {
  readonly people: People;
  readonly outbox: Outbox;
  /** For tests of what STS refuses. */
  readonly openIdTokens: OpenIdTokens;
}

/** Puts people's side of Cognito before the emulator: from now on it answers at the sandbox's address of AWS. */
export function mountIdentity(options: MountOptions): Identity {
  const { aws, emulatorUrl, region, readRolePolicies, keys, folder, now = Date.now } = options;
  const completed = administratorConfig(aws.url, region);
  const emulator = administratorConfig(emulatorUrl, region);
  const directory = new DeployedDirectory(
    new CognitoIdentityProviderClient(completed),
    new CognitoIdentityProviderClient(emulator),
  );
  const outbox = new Outbox(folder === undefined ? undefined : join(folder, "outbox.jsonl"));
  const people = new People({ directory, outbox, keys, now });
  const openIdTokens = new OpenIdTokens(keys, now);
  const sessions = new TrustedRoleSessions({
    readRolePolicies,
    issue: issuerAt(emulator),
    remember: (session) => aws.sessions.add(session),
  });
  const pools = new DeployedIdentityPools(new CognitoIdentityClient(completed));
  const federation = new Federation({ people, pools, openIdTokens, sessions });
  aws.mount(new IdentityFront(people, federation, new WebIdentitySessions(openIdTokens, sessions)));
  return { people, outbox, openIdTokens };
}

/** The emulator's own STS, which has no trust policies to speak of: so it knows afterwards whose credentials they are. */
function issuerAt(emulator: ClientConfig): (request: AssumeRequest) => Promise<Issued> {
  const sts = new STSClient(emulator);
  return async ({ roleArn, sessionName, seconds }) => {
    const input = { RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds: seconds };
    const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand(input));
    return {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
      expires: Credentials?.Expiration?.getTime() ?? 0,
      assumedRoleId: AssumedRoleUser?.AssumedRoleId ?? "",
      assumedRoleArn: AssumedRoleUser?.Arn ?? "",
    };
  };
}
