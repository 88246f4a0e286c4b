# Where Terraform keeps the state of the foundation layer (user pool, API, table, bucket).
# Any argument of Terraform's S3 backend may stand here: docs/configuration.md lists them.
bucket         = "oidc-s3-uploader-tfstate"
key            = "dev/cognito-foundation/terraform.tfstate"
region         = "eu-west-1"
dynamodb_table = "oidc-s3-uploader-tflock"
encrypt        = true
