# The api layer of the sandbox (npm start): the same two examples as in dev, deployed to an emulator on this machine.
environment_name      = "local"
aws_region            = "eu-west-1"
user_pool_name_prefix = "machine-to-machine"
domain_prefix         = "oidc-s3-m2m"
project_tag           = "m2m-auth"

# The emulator forgets it, and every plan would show a change.
managed_login = false

# The sandbox is thrown away after each run: nothing may resist its destruction.
deletion_protection = false

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
