import { BACKEND, backend, type Case, testFaults } from "../support/fault-cases";
import { devDirectory, loadOne } from "../support/load";

const backends: readonly Case[] = [
  [
    "an unknown argument",
    backend("use_lockfil = true"),
    { file: BACKEND, at: "4:1", key: "use_lockfil", message: /not a key/, remedy: /use_lockfile\?/ },
  ],
  [
    "an unknown argument of an object",
    backend('endpoints = { s33 = "http://x" }'),
    {
      file: BACKEND,
      at: "4:15",
      key: "endpoints.s33",
      message: /not a key/,
      remedy: /did you mean s3\?/,
    },
  ],
  [
    "a missing argument of an object",
    backend('assume_role = { session_name = "xy" }'),
    { file: BACKEND, key: "assume_role.role_arn", message: /is missing/, remedy: /add it/ },
  ],
  [
    "a wrong type",
    backend("dynamodb_table = {}"),
    { file: BACKEND, key: "dynamodb_table", value: {}, message: /is a map, not a string/, remedy: /quotes/ },
  ],
  [
    "a missing key",
    { "backend.hcl": 'bucket = "oidc-s3-uploader-tfstate"\nregion = "eu-west-1"' },
    { file: BACKEND, key: "key", message: /is missing/, remedy: /add it/ },
  ],
  [
    "a state path that Terraform refuses",
    { "backend.hcl": 'bucket = "oidc-s3-uploader-tfstate"\nkey = "/x"\nregion = "eu-west-1"' },
    { file: BACKEND, at: "2:1", key: "key", value: "/x", message: /slash/, remedy: /write a path/ },
  ],
  [
    "an unknown region",
    { "backend.hcl": 'bucket = "oidc-s3-uploader-tfstate"\nkey = "x"\nregion = "auto"' },
    { file: BACKEND, at: "3:1", key: "region", value: "auto", message: /AWS region/, remedy: /skip_region_validation/ },
  ],
  ...["access_key", "secret_key", "token", "sse_customer_key"].map(
    (name): Case => [
      `the secret ${name}`,
      backend(`${name} = "hunter2"`),
      { file: BACKEND, at: "4:1", key: name, message: /is a secret/, remedy: /AWS_[A-Z_]+ in the environment/ },
    ],
  ),
  [
    "a web identity token",
    backend('assume_role_with_web_identity = { role_arn = "arn:aws:iam::1:role/r", web_identity_token = "hunter2" }'),
    {
      file: BACKEND,
      key: "assume_role_with_web_identity.web_identity_token",
      message: /is a secret/,
      remedy: /token_file/,
    },
  ],
  [
    "a proxy's password",
    backend('https_proxy = "http://me:hunter2@proxy:3128"'),
    { file: BACKEND, key: "https_proxy", message: /holds a password/, remedy: /HTTPS_PROXY/ },
  ],
  ...["endpoint", "sts_endpoint", "ec2_metadata_service_endpoint"].map(
    (name): Case => [
      `a password in ${name}`,
      backend(`${name} = "https://me:hunter2@store:9000"`),
      { file: BACKEND, key: name, message: /holds a password/, remedy: /requests are signed/ },
    ],
  ),
  [
    "a password in an endpoint of an object",
    backend('endpoints = { s3 = "https://me:hunter2@store:9000" }'),
    { file: BACKEND, at: "4:15", key: "endpoints.s3", message: /holds a password/, remedy: /requests are signed/ },
  ],
  [
    "a password in a proxy without a scheme",
    backend('http_proxy = "me:hunter2@proxy:3128"'),
    { file: BACKEND, key: "http_proxy", message: /holds a password/, remedy: /HTTP_PROXY/ },
  ],
  [
    "a misspelt secret, for which no key is suggested that would be refused",
    backend('secretkey = "hunter2"'),
    {
      file: BACKEND,
      key: "secretkey",
      message: /not a key/,
      remedy: /^(?!.*(secret_key|access_key|token)).*the keys are/,
    },
  ],
  [
    "another misspelt secret",
    backend('acess_key = "hunter2"'),
    { file: BACKEND, key: "acess_key", message: /not a key/, remedy: /^(?!.*access_key)/ },
  ],
  [
    "an unknown argument, which may be a secret whatever its name",
    backend('credentials = "AKIAhunter2"'),
    { file: BACKEND, key: "credentials", message: /not a key/, remedy: /./ },
  ],
  ...(
    [
      ["https_proxy", '["http://me:hunter2@proxy"]', /is a list/],
      ["endpoints", '"http://me:hunter2@store"', /not an object/],
      ["secret_key", '["hunter2"]', /is a secret/],
      ["secret_key", '"hunter2${x}"', /is an expression/],
      ["secret_key", "hunter2", /is an expression/],
      ["endpoint", '"http://me:hunter2@${x}"', /is an expression/],
      ["secret_key", '"TfToken[hunter2"', /TfToken/],
    ] as const
  ).map(
    ([name, value, message]): Case => [
      `a secret in a fault of another kind: ${name} = ${value}`,
      backend(`${name} = ${value}`),
      { file: BACKEND, at: "4:1", key: name, message, remedy: /./ },
    ],
  ),
  ...(
    [
      ["endpoints", 's3 = ["http://me:hunter2@store"]', "endpoints.s3", /is a list/],
      ["endpoints", 's3 = "http://me:hunter2@${x}"', "endpoints.s3", /is an expression/],
      [
        "assume_role",
        'role_arn = "arn:aws:iam::1:role/r", secret_key = "hunter2"',
        "assume_role.secret_key",
        /not a key/,
      ],
      [
        "assume_role_with_web_identity",
        'role_arn = "arn:aws:iam::1:role/r", web_identity_token = "hunter2${x}"',
        "assume_role_with_web_identity.web_identity_token",
        /is an expression/,
      ],
    ] as const
  ).map(
    ([name, entries, key, message]): Case => [
      `a secret in an object: ${name} = { ${entries} }`,
      backend(`${name} = { ${entries} }`),
      { file: BACKEND, key, message, remedy: /./ },
    ],
  ),
  [
    "a region of another partition",
    { "backend.hcl": 'bucket = "oidc-s3-uploader-tfstate"\nkey = "x"\nregion = "cn-north-1"' },
    { file: BACKEND, key: "region", value: "cn-north-1", message: /commercial partition/, remedy: /eu-west-1/ },
  ],
];

describe("backends", () => testFaults(backends));

it("addresses without a password are accepted", async () => {
  const lines =
    'endpoint = "http://[::1]:5000/a:b"\nhttp_proxy = "http://me@proxy:3128"\nendpoints = { sts = "https://sts" }';
  expect(await loadOne(devDirectory(backend(lines)))).toHaveProperty("foundation");
});
