import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadEnvironments, withUploader } from "../../config";
import { LAYERS, layersOf } from "../../layers";
import { UNWATCHED } from "../support/environment";
import { apiFiles, configOf, devDirectory, foundationFile, loadOne, serversFile } from "./support/load";
import { documentedFiles, temporaryDirectory } from "./support/temporary-environments";

describe("an environment with the files of optional layers alone", () => {
  const files = Object.fromEntries(Object.entries(apiFiles()).map(([name, text]) => [`dev/${name}`, text]));
  const load = (more: Readonly<Record<string, string>> = {}) => loadOne(temporaryDirectory({ ...files, ...more }));

  it("has these layers and no other", async () => {
    const config = await load();
    if (!("name" in config)) throw new Error(JSON.stringify(config));
    expect(layersOf(config).map(({ name }) => name)).toEqual(["api"]);
    expect(config).toMatchObject({ name: "dev", optional: { api: { environment: "dev" } } });
    expect(config).not.toHaveProperty("foundation");
  });

  it("is no uploader, and says so to whoever needs one", async () => {
    const config = await load();
    if (!("name" in config)) throw new Error(JSON.stringify(config));
    expect(() => withUploader(config)).toThrow(
      "the environment dev has nothing but optional layers: add the files of the layers foundation and servers",
    );
  });

  it.each(["foundation.tfvars", "fundation.tfvars", "backends.hcl", "servers.tfvars.json"])(
    "misses the others' files where it has %s",
    async (name) => {
      const faults = await load({ [`dev/${name}`]: name.endsWith(".json") ? "{}" : "" });
      if ("name" in faults) throw new Error("a fault was expected, and the environment was accepted");
      expect(faults.filter(({ message }) => message === "is missing").length).toBeGreaterThanOrEqual(3);
    },
  );
});

describe("the environments of this repository", () => {
  const load = () => loadEnvironments(join(__dirname, "..", "..", "environments"), LAYERS);

  it("are dev, local and prod, without a fault", async () => {
    const environments = await load();
    expect(environments.map(({ name }) => name)).toEqual(["dev", "local", "prod"]);
    expect(environments.flatMap((environment) => ("faults" in environment ? environment.faults : []))).toEqual([]);
  });

  it.each(["dev", "prod"])("%s is the documented example", async (name) => {
    const documented = await loadOne(temporaryDirectory(documentedFiles(name)), name);
    if (!("name" in documented)) throw new Error(JSON.stringify(documented));
    const found = (await load()).find((environment) => environment.name === name);
    if (found === undefined || "faults" in found) throw new Error(`${name} has faults`);
    // The optional layers are dev's alone; __tests__/config/rules has the documented examples of api.
    const { api: apiBackend, users: usersBackend, ...backends } = found.config.backends;
    const { api, users, ...optional } = found.config.optional;
    const there = [apiBackend, usersBackend, api, users].map((part) => part !== undefined);
    expect(there).toEqual(Array.from({ length: 4 }, () => name === "dev"));
    expect({ ...found, config: { ...found.config, backends, optional } }).toEqual({
      name,
      config: { ...documented, servers: { ...withUploader(documented).servers, commonTags: {} } },
    });
  });

  it("local turns off what the emulator or a thrown-away sandbox cannot have, and shows every level", async () => {
    const local = (await load()).find(({ name }) => name === "local");
    if (local === undefined || "faults" in local) throw new Error("local has faults");
    const config = withUploader(local.config);
    expect(config.foundation).toMatchObject({
      awsRegion: "eu-west-1",
      lambdaPackage: "asset",
      bucketTlsOnly: false,
      bucketExpirationDays: 0,
      abortIncompleteMultipartUploadDays: 0,
      bucketForceDestroy: true,
      deletionProtection: false,
    });
    expect(config.servers.servers.map(({ s3Permissions }) => s3Permissions).sort()).toEqual([
      "full",
      "read-write",
      "write",
    ]);
    expect(config.backends.foundation.bucket).not.toBe("oidc-s3-uploader-tfstate");
  });
});

describe("a documented folder copied unchanged", () => {
  it("gives typed configuration with every default filled in", async () => {
    const config = await configOf();
    expect(config.foundation).toEqual({
      environment: "dev",
      awsRegion: "eu-west-1",
      projectName: "oidc-s3",
      resourceServerIdentifier: "https://s3-uploader.dev.oidc-s3",
      createS3Bucket: true,
      existingBucketName: "",
      bucketVersioning: false,
      bucketExpirationDays: 10,
      abortIncompleteMultipartUploadDays: 7,
      adoptLambdaLogGroup: false,
      ...UNWATCHED,
      bucketTlsOnly: true,
      bucketForceDestroy: false,
      logRetentionDays: 30,
      apiThrottlingRateLimit: 50,
      apiThrottlingBurstLimit: 100,
      pointInTimeRecovery: false,
      deletionProtection: false,
      lambdaPackage: "archive",
      lambdaMemoryMb: 512,
    });
    expect(config.backends.foundation).toEqual({
      bucket: "oidc-s3-uploader-tfstate",
      key: "dev/cognito-foundation/terraform.tfstate",
      region: "eu-west-1",
      dynamodb_table: "oidc-s3-uploader-tflock",
      encrypt: true,
    });
    expect(config.backends.servers.key).toBe("dev/cognito-servers/terraform.tfstate");
    expect(config.servers).toMatchObject({ environment: "dev", awsRegion: "eu-west-1", adoptModuleState: false });
    expect(config.servers.commonTags).toEqual({ Team: "platform" });
    expect(config.servers.servers.map(({ name }) => name)).toEqual([
      "backup-server-01",
      "backup-server-02",
      "data-sync",
      "log-shipper",
    ]);
    expect(config.servers.servers[3]).toEqual({
      name: "log-shipper",
      s3PathPrefix: "logs/",
      s3Permissions: "write",
      maxSessionDuration: 3600,
      accessTokenValidityMinutes: 60,
      sharedPrefix: false,
      tags: {},
    });
  });

  it("may have no server yet", async () => {
    expect((await configOf({ "servers.tfvars": serversFile("") })).servers.servers).toEqual([]);
  });
});

describe("defaults by the environment's name", () => {
  it.each([
    [
      "dev",
      { bucketVersioning: false, bucketExpirationDays: 10, pointInTimeRecovery: false, deletionProtection: false },
    ],
    ["prod", { bucketVersioning: true, bucketExpirationDays: 0, pointInTimeRecovery: true, deletionProtection: true }],
    [
      "staging",
      { bucketVersioning: false, bucketExpirationDays: 0, pointInTimeRecovery: false, deletionProtection: false },
    ],
    // A name that JavaScript's objects have by themselves.
    ["constructor", { bucketVersioning: false, bucketExpirationDays: 0, pointInTimeRecovery: false }],
  ])("%s", async (name, expected) => {
    const loaded = await loadOne(temporaryDirectory(documentedFiles(name)), name);
    expect(loaded).toHaveProperty("foundation", expect.objectContaining(expected));
  });

  it("give way to what the file says", async () => {
    const files = documentedFiles("prod");
    files["prod/foundation.tfvars"] +=
      "deletion_protection = false\nbucket_versioning = null\nbucket_expiration_days = 3\n";
    expect(await loadOne(temporaryDirectory(files), "prod")).toHaveProperty(
      "foundation",
      expect.objectContaining({ deletionProtection: false, bucketVersioning: true, bucketExpirationDays: 3 }),
    );
  });
});

describe("values as Terraform reads them", () => {
  it("quoted numbers and booleans are converted, null is the default", async () => {
    const { foundation, servers } = await configOf({
      "foundation.tfvars": foundationFile(
        'bucket_expiration_days = "1e1"\ncreate_s3_bucket = "true"\nbucket_tls_only = "0"\nproject_name = null\nlog_retention_days = "007"',
      ),
      "servers.tfvars": serversFile(
        'a = { s3_path_prefix = "a/", max_session_duration = "900", shared_prefix = "1", tags = { n = 5, b = true, f = 1.50, none = null } }',
        "common_tags = null",
      ),
    });
    expect(foundation).toMatchObject({
      bucketExpirationDays: 10,
      createS3Bucket: true,
      bucketTlsOnly: false,
      projectName: "oidc-s3",
      logRetentionDays: 7,
    });
    expect(servers.servers[0]).toMatchObject({
      maxSessionDuration: 900,
      sharedPrefix: true,
      tags: { n: "5", b: "true", f: "1.5" },
    });
    expect(servers.commonTags).toEqual({});
  });

  it("comments, heredocs, escapes and templates of literals are read", async () => {
    const { servers, backends } = await configOf({
      "servers.tfvars": serversFile(
        '# { "not" = "a key" }\n  /* nor = this */ a : { "s3_path_prefix" : "${"caf\\u00e9"}/", } // end\n  "b.c" = {\n s3_path_prefix = "b/" }',
      ),
      "backend.hcl": `bucket = "oidc-s3-uploader-tfstate"\nkey = "dev/x"\nregion = "eu-west-1"\nassume_role = {
  role_arn = "arn:aws:iam::123456789012:role/state"
  policy = <<EOT
{"Resource": "arn:aws:s3:::states/$\${aws:username}/%%{x}"}
EOT
}\n`,
    });
    expect(servers.servers.map(({ name, s3PathPrefix }) => [name, s3PathPrefix])).toEqual([
      ["a", "café/"],
      ["b.c", "b/"],
    ]);
    expect(backends.foundation.assume_role).toEqual({
      role_arn: "arn:aws:iam::123456789012:role/state",
      policy: '{"Resource": "arn:aws:s3:::states/${aws:username}/%{x}"}\n',
    });
  });

  it("existing_bucket_name counts only where no bucket is made", async () => {
    const ignored = await configOf({ "foundation.tfvars": foundationFile('existing_bucket_name = "theirs"') });
    expect(ignored.foundation).toMatchObject({ createS3Bucket: true, existingBucketName: "" });
    const used = await configOf({
      "foundation.tfvars": foundationFile('existing_bucket_name = "theirs"\ncreate_s3_bucket = false'),
    });
    expect(used.foundation).toMatchObject({ createS3Bucket: false, existingBucketName: "theirs" });
  });

  it("a .tfvars file may be JSON, where ${ is only text and // is a comment", async () => {
    const { servers, foundation } = await configOf({
      "servers.tfvars": null,
      "servers.tfvars.json": JSON.stringify({
        "//": "kept by hand",
        environment: "dev",
        aws_region: "eu-west-1",
        servers: { a: { s3_path_prefix: "a/", tags: { "=": "x" } } },
      }),
      "foundation.tfvars": null,
      "foundation.tfvars.json": '{"environment": "dev", "aws_region": "eu-west-1", "lambda_memory_mb": "256"}',
    });
    expect(servers.servers).toMatchObject([
      { name: "a", s3PathPrefix: "a/", s3Permissions: "write", tags: { "=": "x" } },
    ]);
    expect(foundation.lambdaMemoryMb).toBe(256);
  });
});

describe("backend arguments", () => {
  it("any argument of the S3 backend passes through as it is, and null says nothing", async () => {
    const { backends } = await configOf({
      "backend.hcl": `bucket = "oidc-s3-uploader-tfstate"\nkey = "dev/x"\nregion = "eu-west-1"
use_lockfile = true
kms_key_id = "alias/state"
profile = "deploy"
role_arn = "arn:aws:iam::123456789012:role/state"
endpoints = { s3 = "http://127.0.0.1:9000", dynamodb = null }
use_path_style = true
skip_credentials_validation = true
allowed_account_ids = ["123456789012"]
max_retries = "3"
acl = null
`,
    });
    expect(backends.foundation).toEqual({
      bucket: "oidc-s3-uploader-tfstate",
      key: "dev/x",
      region: "eu-west-1",
      use_lockfile: true,
      kms_key_id: "alias/state",
      profile: "deploy",
      role_arn: "arn:aws:iam::123456789012:role/state",
      endpoints: { s3: "http://127.0.0.1:9000" },
      use_path_style: true,
      skip_credentials_validation: true,
      allowed_account_ids: ["123456789012"],
      max_retries: "3",
    });
  });

  it("a store that is not AWS's may have a region of its own", async () => {
    const lines = 'bucket = "oidc-s3-uploader-tfstate"\nkey = "k"\nregion = "auto"\nskip_region_validation = true\n';
    expect((await configOf({ "backend.hcl": lines })).backends.foundation.region).toBe("auto");
  });
});

describe("which folders are environments", () => {
  it("a new folder is a new environment; files and dot folders are none", async () => {
    const directory = temporaryDirectory({ ...documentedFiles("dev"), ...documentedFiles("eu-2"), "README.md": "x" });
    mkdirSync(join(directory, ".cache"));
    symlinkSync(join(directory, "dev"), join(directory, "linked"));
    expect((await loadEnvironments(directory, LAYERS)).map(({ name }) => name)).toEqual(["dev", "eu-2", "linked"]);
  });

  it("a faulty one is reported, and keeps no other from being loaded", async () => {
    const directory = devDirectory();
    mkdirSync(join(directory, "broken"));
    writeFileSync(join(directory, "broken", "backend.hcl"), "bucket = ");
    symlinkSync(join(directory, "nowhere"), join(directory, "gone"));
    const loaded = await loadEnvironments(directory, LAYERS);
    expect(loaded.map((environment) => [environment.name, "config" in environment])).toEqual([
      ["broken", false],
      ["dev", true],
      ["gone", false],
    ]);
  });

  it("a directory that is missing or holds none is an error that says so", async () => {
    const directory = temporaryDirectory({});
    await expect(loadEnvironments(directory, LAYERS)).rejects.toThrow(/has no folder/);
    await expect(loadEnvironments(join(directory, "none"), LAYERS)).rejects.toThrow(/cannot be read: .*ENOENT/);
  });
});
