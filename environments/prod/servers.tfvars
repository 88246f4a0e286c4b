# The servers that may upload. A new server is a new entry here, and a deployment of servers-prod.
environment    = "prod"
aws_region     = "eu-west-1"
tfstate_bucket = "oidc-s3-uploader-tfstate"

servers = {
  # "read-write" downloads as well: a backup that cannot be read back is none.
  "backup-server-01" = {
    s3_path_prefix = "backups/server-01/"
    s3_permissions = "read-write"
  }

  # "write" only uploads: whoever breaks into this server can read no earlier backup.
  "backup-server-02" = {
    s3_path_prefix = "backups/server-02/"
    s3_permissions = "write"
  }

  "log-shipper" = {
    s3_path_prefix = "logs/"
    s3_permissions = "write"
  }

  # "full" also lists and deletes, which keeping two sides equal needs.
  "data-sync" = {
    s3_path_prefix = "sync/"
    s3_permissions = "full"
  }
}

# On the role of every server; a server may have tags of its own beside them.
common_tags = {}
