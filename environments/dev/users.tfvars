# People who sign in and get AWS credentials: the optional layer `users`. Without this file there is none.
# Every key is in docs/configuration.md; docs/users.md has the way from nothing to a colleague's first upload.
environment = "dev"
aws_region  = "eu-west-1"

# How people name themselves. It cannot be changed later without losing everybody in the pool.
sign_in             = ["email"]
required_attributes = ["email", "given_name", "family_name"]

# An authenticator app as a second factor for whoever wants one; "required" for everybody.
mfa         = "optional"
mfa_methods = ["totp"]

# Sign-in pages for `oidc-s3 user login` in the browser; without a domain there is only the login at the terminal.
domain = { prefix = "oidc-s3-uploader-people" }

# What everybody reaches who has signed in: users/<own identity id>/ of the environment's bucket.
access = {
  s3 = { permissions = "full" }
}

# Who is in more than one group has the role of the one with the lowest precedence.
groups = {
  admin = {
    description = "Keeps the reports, which its members share"
    precedence  = 1
    access      = { s3 = { prefix = "reports/", user_specific = false, permissions = "full" } }
  }
  user = {
    description = "Standard user group"
    precedence  = 10
  }
}

# The first few people; each is billed by the month. Invite the others by `npm run users -- dev invite`.
users = {
  "admin@example.com" = {
    groups     = ["admin"]
    attributes = { given_name = "Ada", family_name = "Admin" }
  }
}
