# The environment's name is the folder's, and the end of its stacks' names: foundation-prod, servers-prod.
environment  = "prod"
aws_region   = "eu-west-1"
project_name = "oidc-s3"

# Empty: https://s3-uploader.prod.oidc-s3
resource_server_identifier = ""

# To upload to a bucket that exists already:
#   create_s3_bucket     = false
#   existing_bucket_name = "its-name"
create_s3_bucket = true

# In an environment named prod, bucket_versioning, point_in_time_recovery and deletion_protection are on by default.
# docs/configuration.md lists every key with its default.
