# The environment's name is the folder's, and the end of its stacks' names: foundation-dev, servers-dev.
environment  = "dev"
aws_region   = "eu-west-1"
project_name = "oidc-s3"

# Empty: https://s3-uploader.dev.oidc-s3
resource_server_identifier = ""

# To upload to a bucket that exists already:
#   create_s3_bucket     = false
#   existing_bucket_name = "its-name"
create_s3_bucket = true

# In an environment named dev, objects expire after 10 days unless bucket_expiration_days says otherwise.
# docs/configuration.md lists every key with its default.
