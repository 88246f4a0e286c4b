# The sandbox's own state (npm start): bucket and table of their own, so that it can never reach the state of dev or prod.
bucket         = "oidc-s3-local-tfstate"
key            = "local/cognito-foundation/terraform.tfstate"
region         = "eu-west-1"
dynamodb_table = "oidc-s3-local-tflock"

# The emulator answers at an IP address, which cannot have a bucket's name in front of it.
use_path_style = true
