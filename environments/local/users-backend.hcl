# As backend.hcl, with a key of its own.
bucket         = "oidc-s3-local-tfstate"
key            = "local/users/terraform.tfstate"
region         = "eu-west-1"
dynamodb_table = "oidc-s3-local-tflock"
use_path_style = true
