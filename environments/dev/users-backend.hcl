# Where Terraform keeps the state of the users layer. The bucket may be the same as in backend.hcl; the key may not.
bucket         = "oidc-s3-uploader-tfstate"
key            = "dev/users/terraform.tfstate"
region         = "eu-west-1"
dynamodb_table = "oidc-s3-uploader-tflock"
encrypt        = true
