# Two examples in one user pool (docs/api.md): scopes for an API that runs somewhere else, and a REST API whose methods
# ask for scopes. Every key has a default, and the layer needs no other layer.
environment_name      = "dev"
aws_region            = "eu-west-1"
user_pool_name_prefix = "machine-to-machine"

# The domain, oidc-s3-m2m-dev-auth, is unique in the region over all AWS accounts: choose a prefix of your own.
domain_prefix = "oidc-s3-m2m"
project_tag   = "m2m-auth"

resource_servers = {
  # An API that runs somewhere else and checks its tokens itself.
  m2m_resource_server = {
    identifier = "m2m-client"
    name       = "User API"
    scopes     = { read = "Read access", write = "Write access" }
  }

  # The REST API below.
  book_and_user = {
    identifier = "API"
    name       = "Book and user API"
    scopes = {
      "book.get"  = "Read books"
      "book.post" = "Add books"
      "user.get"  = "Read users"
      "user.post" = "Add users"
    }
  }
}

clients = {
  m2m_client = {
    scopes = { "m2m-client/read" = true, "m2m-client/write" = true }
  }

  # To let it call /user too, write true, deploy, and have it get a new token.
  reports = {
    name = "OAuthClient"
    scopes = {
      "API/book.get"  = true
      "API/book.post" = true
      "API/user.get"  = false
      "API/user.post" = false
    }
    access_token_validity_minutes = 1440
  }
}

routes = {
  "GET /book"  = { scopes = ["API/book.get"], function = "book" }
  "POST /book" = { scopes = ["API/book.post"], function = "book" }
  "GET /user"  = { scopes = ["API/user.get"], function = "user" }
  "POST /user" = { scopes = ["API/user.post"], function = "user" }
}

functions = {
  book = { source = "functions/book" }
  user = { source = "functions/user" }
}
