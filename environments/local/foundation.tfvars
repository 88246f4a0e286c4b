# The environment of the sandbox (npm start): the same stacks, deployed to an emulator on this machine.
environment  = "local"
aws_region   = "eu-west-1"
project_name = "oidc-s3"

# The sandbox is thrown away after each run: nothing may resist its destruction.
deletion_protection    = false
point_in_time_recovery = false
bucket_versioning      = false
bucket_force_destroy   = true

# The emulator ignores the conditions of bucket policies and has no TLS: a TLS-only policy would shut everyone out.
bucket_tls_only = false

# Both off leave no lifecycle configuration, which takes Terraform 55 s to settle on the emulator.
bucket_expiration_days                 = 0
abort_incomplete_multipart_upload_days = 0

# The zip is made at synth: the machine may have no archive provider and no network to get it from.
lambda_package = "asset"

# As an environment that is watched has it.
dashboard = true
