import { accessReport } from "../../audit/access-report";
import { configOf, foundationFile, serversFile, usersFiles } from "../config/support/load";
import { synthesise, synthesiseUsers } from "../support/synthesise";
import { deployment } from "./support/environment";

// What the configuration allows must never be told as a difference from it.

const SERVERS = serversFile('"db" = { s3_path_prefix = "db/", s3_permissions = "full" }');
const COMMON =
  'permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"\niam_path = "/uploader/"\ncommon_tags = { Team = "ops" }';
const OWN =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"},{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}';

it.each<[what: string, files: Readonly<Record<string, string>>]>([
  [
    "boundaries, paths and tags",
    {
      "foundation.tfvars": foundationFile(`${COMMON}\nproject_name = "other"`),
      "servers.tfvars": serversFile(
        '"db" = { s3_path_prefix = "db/é/", s3_permissions = "full", tags = { Owner = "dba" } }',
        'common_tags = { Team = "dba" }',
      ),
    },
  ],
  [
    "alarms, watchers and a dashboard",
    {
      "foundation.tfvars": foundationFile(
        'alarm_topic_arn = "arn:aws:sns:eu-west-1:123456789012:ops"\ndashboard = true\nalarm_table_writers = ["arn:aws:iam::123456789012:role/terraform"]\nbucket_expiration_days = 30',
      ),
    },
  ],
  [
    "a bucket that is not made here",
    { "foundation.tfvars": foundationFile('create_s3_bucket = false\nexisting_bucket_name = "kept"') },
  ],
  ["a bucket that answers without TLS", { "foundation.tfvars": foundationFile("bucket_tls_only = false") }],
  [
    "servers that share, and live shortly",
    {
      "servers.tfvars": serversFile(
        '"a" = { s3_path_prefix = "logs/", shared_prefix = true, max_session_duration = 900 }\n"b" = { s3_path_prefix = "logs/", s3_permissions = "read-write", shared_prefix = true, access_token_validity_minutes = 5 }',
      ),
    },
  ],
  ["no servers", { "servers.tfvars": serversFile("") }],
  [
    "people with everything",
    {
      ...usersFiles(`${COMMON}
        self_sign_up = true
        implicit_grant = true
        domain = { prefix = "people-of-dev" }
        callback_urls = ["https://app.example.com/back"]
        auth_flows = ["srp", "refresh", "password", "admin_password"]
        id_token_validity_minutes = 30
        refresh_token_validity_days = 1
        role_tag_guard = true
        triggers = {
          pre_token_generation = "arn:aws:lambda:eu-west-1:123456789012:function:claims"
          pre_sign_up = "arn:aws:lambda:eu-west-1:123456789012:function:invited"
        }
        access = {
          s3       = { prefix = "people/", permissions = "read-write" }
          dynamodb = { table = "notes", permissions = "read-write" }
          lambda   = ["arn:aws:lambda:eu-west-1:123456789012:function:hello", "other"]
        }
        groups = {
          admins = { precedence = 1, session_duration = 3600, access = { s3 = { prefix = "shared/", user_specific = false, permissions = "full" }, dynamodb = { table = "notes", user_specific = false, permissions = "read" } } }
          staff  = { precedence = 2, policy_file = "own.json" }
          none   = { precedence = 3 }
        }
        resource_servers = { reports = { identifier = "reports", scopes = { read = "Read" } } }
        service_clients  = { nightly = { scopes = { "reports/read" = true } } }
        identity_pool    = { guests = true, guest_policy_file = "own.json" }`),
      "own.json": OWN,
    },
  ],
  [
    "people with long sessions",
    usersFiles(`session_duration = 7200
      role_tag_guard = true
      groups = { admins = { precedence = 1, session_duration = 43200, access = { s3 = { prefix = "shared/", user_specific = false, permissions = "full" } } } }`),
  ],
  [
    "a policy file with the text of what is granted",
    {
      ...usersFiles(
        'groups = { staff = { precedence = 1, policy_file = "own.json", access = { s3 = { prefix = "r/", user_specific = false, permissions = "read" } } } }',
      ),
      "own.json":
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::oidc-s3-cognito-dev-uploads/r/*"}]}',
    },
  ],
  ["people who get no credentials", usersFiles('identity_pool = { enabled = false }\nauth_flows = ["srp"]')],
  [
    "people without access or renewal",
    usersFiles('auth_flows = ["srp"]\ngroups = { staff = { precedence = 1, access = { lambda = ["hello"] } } }'),
  ],
  [
    "a role's tags without a guard",
    usersFiles(
      'role_tag_guard = false\naccess = { s3 = { bucket = "elsewhere", prefix = "p/", user_specific = false, permissions = "write" } }',
    ),
  ],
])("finds no difference in %s", async (_, files) => {
  const config = await configOf({ "servers.tfvars": SERVERS, ...files });
  const users = config.optional.users === undefined ? {} : { users: synthesiseUsers(config).document };
  const { foundation, servers } = synthesise(config);
  const report = await accessReport(config, deployment({ foundation, servers, ...users }));
  expect(report.differences).toEqual([]);
});
