import type { FoundationConfig, ServerConfig, ServersConfig, UploaderEnvironment } from "../../config/schema/types";

export interface EnvironmentChanges {
  readonly name?: string;
  readonly foundation?: Partial<FoundationConfig>;
  readonly servers?: Partial<ServersConfig>;
}

/** What is watched where the file does not say it: nothing. */
export const UNWATCHED = {
  dashboard: false,
  alarmTableWriters: [],
  alarmLatencyMs: 1000,
  alarmQuotaPercent: 70,
  alarmRefusals: 10,
  alarmServerErrors: 5,
} as const;

/** A checked environment with the documented defaults, without any file: what `config/` gives to the stacks. */
export function environmentConfig({ name = "dev", foundation, servers }: EnvironmentChanges = {}): UploaderEnvironment {
  const backend = (key: string) => ({
    bucket: "oidc-s3-uploader-tfstate",
    key: `${name}/${key}/terraform.tfstate`,
    region: "eu-west-1",
    dynamodb_table: "oidc-s3-uploader-tflock",
    encrypt: true,
  });
  return {
    name,
    backends: { foundation: backend("cognito-foundation"), servers: backend("cognito-servers") },
    optional: {},
    foundation: {
      environment: name,
      awsRegion: "eu-west-1",
      projectName: "oidc-s3",
      resourceServerIdentifier: `https://s3-uploader.${name}.oidc-s3`,
      createS3Bucket: true,
      existingBucketName: "",
      bucketVersioning: name === "prod",
      bucketExpirationDays: name === "dev" ? 10 : 0,
      abortIncompleteMultipartUploadDays: 7,
      bucketTlsOnly: true,
      bucketForceDestroy: false,
      logRetentionDays: 30,
      apiThrottlingRateLimit: 50,
      apiThrottlingBurstLimit: 100,
      pointInTimeRecovery: name === "prod",
      deletionProtection: name === "prod",
      lambdaPackage: "asset",
      lambdaMemoryMb: 256,
      adoptLambdaLogGroup: false,
      ...UNWATCHED,
      ...foundation,
    },
    servers: {
      environment: name,
      awsRegion: "eu-west-1",
      servers: [
        serverConfig("backup-server-01", { s3PathPrefix: "backups/server-01/", s3Permissions: "read-write" }),
        serverConfig("backup-server-02", { s3PathPrefix: "backups/server-02/" }),
        serverConfig("data-sync", { s3PathPrefix: "sync/", s3Permissions: "full" }),
        serverConfig("log-shipper", { s3PathPrefix: "logs/" }),
      ],
      commonTags: {},
      adoptModuleState: false,
      ...servers,
    },
  };
}

/** A checked server with the documented defaults. */
export function serverConfig(name: string, changes: Partial<ServerConfig> = {}): ServerConfig {
  return {
    name,
    s3PathPrefix: `${name}/`,
    s3Permissions: "write",
    maxSessionDuration: 3600,
    accessTokenValidityMinutes: 60,
    sharedPrefix: false,
    tags: {},
    ...changes,
  };
}
