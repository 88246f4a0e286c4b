import type { PermissionLevel } from "../../access/permission-level";

/** Arguments of Terraform's S3 backend, passed through as they are in `backend.hcl` and `servers-backend.hcl`. */
export interface BackendConfig {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  readonly [argument: string]: unknown;
}

/** How the Lambda's zip is made: by `data.archive_file` when Terraform plans, or at synth. */
export type LambdaPackage = "archive" | "asset";

/** What a file says of the AWS provider and of everything's tags and roles. */
export interface AccountConfig {
  /** Whether the AWS provider, too, is told to accept a region that it does not know. */
  readonly skipRegionValidation?: boolean | undefined;
  /** Profile, role and accounts of the AWS provider; the role's keys are as in the file. */
  readonly profile?: string | undefined;
  readonly assumeRole?: Readonly<Record<string, unknown>> | undefined;
  readonly allowedAccountIds?: readonly string[] | undefined;
  /** Of everything that takes tags. */
  readonly commonTags?: Readonly<Record<string, string>> | undefined;
  /** ARN of a policy, for every role. */
  readonly permissionsBoundary?: string | undefined;
  /** Path of every role; "/" by default. */
  readonly iamPath?: string | undefined;
}

/** `foundation.tfvars`, checked, with every default filled in; its account's settings are those of both layers. */
export interface FoundationConfig extends AccountConfig {
  readonly environment: string;
  readonly awsRegion: string;
  readonly projectName: string;
  readonly resourceServerIdentifier: string;
  readonly createS3Bucket: boolean;
  /** Empty when `createS3Bucket` is true. */
  readonly existingBucketName: string;
  readonly bucketVersioning: boolean;
  /** Days after which an object expires; 0 is never. */
  readonly bucketExpirationDays: number;
  /** Days after which the parts of an unfinished multipart upload are removed; 0 is never. */
  readonly abortIncompleteMultipartUploadDays: number;
  readonly bucketTlsOnly: boolean;
  /** Whether `destroy` may remove a bucket that still holds objects. */
  readonly bucketForceDestroy: boolean;
  /** Days that both log groups keep their events. */
  readonly logRetentionDays: number;
  /** Requests per second, and the burst above it, that the API stage lets through. */
  readonly apiThrottlingRateLimit: number;
  readonly apiThrottlingBurstLimit: number;
  /** Of the tables about clients. */
  readonly pointInTimeRecovery: boolean;
  /** Of the user pool and the tables about clients. */
  readonly deletionProtection: boolean;
  readonly lambdaPackage: LambdaPackage;
  readonly lambdaMemoryMb: number;
  /** Whether the Lambda's log group, which Lambda makes itself where nobody else does, is taken over and not made. */
  readonly adoptLambdaLogGroup: boolean;
  /** Whether CloudWatch gets a dashboard. */
  readonly dashboard: boolean;
  /** The SNS topic that alarms go to; without one there are none. */
  readonly alarmTopicArn?: string | undefined;
  /** The roles that write to the tables about clients: of any other writer the topic is told. Empty: of none. */
  readonly alarmTableWriters: readonly string[];
  /** From what value an alarm goes on: milliseconds, percent of a quota, and requests in five minutes. */
  readonly alarmLatencyMs: number;
  readonly alarmQuotaPercent: number;
  readonly alarmRefusals: number;
  readonly alarmServerErrors: number;
}

type ThrottleKey = "apiThrottlingRateLimit" | "apiThrottlingBurstLimit";

/** `foundation.tfvars` by itself: without the defaults that come from the number of servers. */
export type WrittenFoundationConfig = Omit<FoundationConfig, ThrottleKey> & {
  readonly [K in ThrottleKey]?: FoundationConfig[K] | undefined;
};

/** One entry of the map `servers` in `servers.tfvars`. */
export interface ServerConfig {
  readonly name: string;
  readonly s3PathPrefix: string;
  readonly s3Permissions: PermissionLevel;
  /** Seconds that vended credentials live at most. */
  readonly maxSessionDuration: number;
  readonly accessTokenValidityMinutes: number;
  readonly sharedPrefix: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** `servers.tfvars`, checked, with every default filled in; `servers` sorted by name. */
export interface ServersConfig {
  readonly environment: string;
  readonly awsRegion: string;
  readonly servers: readonly ServerConfig[];
  readonly commonTags: Readonly<Record<string, string>>;
  /** Whether `moved` blocks take over the resources of the original Terraform module `server-access`. */
  readonly adoptModuleState: boolean;
}

/** One folder of `environments/`, checked. */
export interface EnvironmentConfig {
  readonly name: string;
  /** Missing, as `servers` is, where the folder has nothing but optional layers. */
  readonly foundation?: FoundationConfig | undefined;
  readonly servers?: ServersConfig | undefined;
  /** The checked configuration of those optional layers that the environment has, by their names. */
  readonly optional: Readonly<Record<string, unknown>>;
  /** Where the state of each layer that the environment has is kept, by the layers' names, in order of deployment. */
  readonly backends: Readonly<Record<string, BackendConfig>>;
}

/** An environment that has the two layers of the uploader. */
export interface UploaderEnvironment extends EnvironmentConfig {
  readonly foundation: FoundationConfig;
  readonly servers: ServersConfig;
  readonly backends: EnvironmentConfig["backends"] & Readonly<Record<"foundation" | "servers", BackendConfig>>;
}
