# The users layer of the sandbox (npm start): Ann and Bob, who are invited there, sign in and reach what is theirs.
environment = "local"
aws_region  = "eu-west-1"

mfa         = "optional"
mfa_methods = ["totp"]

domain = { prefix = "oidc-s3-people-local" }

# To each their own folder of the bucket and their own rows of a table that the sandbox makes.
access = {
  s3       = { permissions = "read-write" }
  dynamodb = { table = "oidc-s3-local-notes" }
}

groups = {
  # Shares a folder, and has a role of its own.
  team = {
    description = "Reads and writes what the team shares"
    precedence  = 1
    access      = { s3 = { prefix = "team/", user_specific = false, permissions = "read-write" } }
  }
}

# The sandbox is thrown away after each run: nothing may resist its destruction.
deletion_protection = false
