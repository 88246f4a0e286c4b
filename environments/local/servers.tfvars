# Servers that upload alone, download too, and do everything, so that npm start shows what each of them may do and may not.
environment    = "local"
aws_region     = "eu-west-1"
tfstate_bucket = "oidc-s3-local-tfstate"

servers = {
  # Uploads, and reads nothing.
  "log-shipper" = {
    s3_path_prefix = "logs/"
    s3_permissions = "write"
  }

  # Uploads and downloads. Its prefix begins like log-shipper's, and must be out of that server's reach all the same.
  "log-archive" = {
    s3_path_prefix = "logs-archive/"
    s3_permissions = "read-write"
  }

  # Uploads, downloads, lists and deletes. Shorter credentials than the usual hour show max_session_duration at work.
  "data-sync" = {
    s3_path_prefix       = "sync/"
    s3_permissions       = "full"
    max_session_duration = 900
    tags                 = { Purpose = "sandbox" }
  }
}

common_tags = {
  Team = "sandbox"
}
