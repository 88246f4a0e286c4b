import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

// The HCL parser is a WebAssembly module, which takes its time to start on a machine with other work.
jest.setTimeout(30_000);

const created: string[] = [];

/** A directory of its own with these files, path → text; removed after the tests of the file. */
export function temporaryDirectory(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "oidc-s3-config-"));
  created.push(directory);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

afterAll(() => {
  for (const directory of created.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** The four files of an environment as the original Terraform modules have them. */
export function documentedFiles(environment: string): Record<string, string> {
  return {
    [`${environment}/backend.hcl`]: `bucket         = "oidc-s3-uploader-tfstate"
key            = "${environment}/cognito-foundation/terraform.tfstate"
region         = "eu-west-1"
dynamodb_table = "oidc-s3-uploader-tflock"
encrypt        = true
`,
    [`${environment}/servers-backend.hcl`]: `bucket         = "oidc-s3-uploader-tfstate"
key            = "${environment}/cognito-servers/terraform.tfstate"
region         = "eu-west-1"
dynamodb_table = "oidc-s3-uploader-tflock"
encrypt        = true
`,
    [`${environment}/foundation.tfvars`]: `environment                = "${environment}"
aws_region                 = "eu-west-1"
project_name               = "oidc-s3"
resource_server_identifier = ""
create_s3_bucket           = true
existing_bucket_name       = ""
`,
    [`${environment}/servers.tfvars`]: `environment    = "${environment}"
aws_region     = "eu-west-1"
tfstate_bucket = "oidc-s3-uploader-tfstate"

servers = {
  "backup-server-01" = {
    s3_path_prefix = "backups/server-01/"
    s3_permissions = "read-write"
  }
  "backup-server-02" = {
    s3_path_prefix = "backups/server-02/"
    s3_permissions = "write"
  }
  "log-shipper" = {
    s3_path_prefix = "logs/"
    s3_permissions = "write"
  }
  "data-sync" = {
    s3_path_prefix                = "sync/"
    s3_permissions                = "full"
    max_session_duration          = 3600
    access_token_validity_minutes = 60
    tags                          = {}
  }
}

common_tags = {
  Team = "platform"
}
`,
  };
}
