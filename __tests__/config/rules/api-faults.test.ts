import { type Case, testFaults } from "../support/fault-cases";
import { apiFiles, faultsOf } from "../support/load";

const API = "dev/api.tfvars";
const SERVER =
  'resource_servers = { api = { identifier = "API", scopes = { "book.get" = "Read", "book.post" = "Add" } } }';
const CLIENT = 'clients = { reports = { scopes = { "API/book.get" = true, "API/book.post" = false } } }';
const api = (lines: string) => apiFiles(`${SERVER}\n${CLIENT}\n${lines}\n`);
const GRANT = 'scopes = { "m2m-client/read" = true }';
const GRANTED = `{ ${GRANT} }`;

const route = (name: string, keys = 'scopes = ["API/book.get"]') => api(`routes = { "${name}" = { ${keys} } }`);
const at = (name: string, rest = "") => ({ file: API, key: `routes["${name}"]${rest}` });
const many = (count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => entry(index)).join("\n");

const CASES: readonly Case[] = [
  [
    "another environment's name",
    api('environment_name = "prod"'),
    {
      file: API,
      key: "environment_name",
      message: /not the name of its folder, "dev"/,
      remedy: /environment_name = "dev"/,
    },
  ],
  [
    "the foundation's key for the environment",
    api('environment = "dev"'),
    { file: API, key: "environment", message: /not a key/, remedy: /did you mean environment_name\?/ },
  ],
  [
    "a misspelt key",
    api("route = {}"),
    { file: API, key: "route", message: /not a key/, remedy: /did you mean routes\?/ },
  ],
  [
    "an unknown region",
    api('aws_region = "eu-wset-1"'),
    { file: API, key: "aws_region", message: /not a region/, remedy: /did you mean "eu-west-1"/ },
  ],
  [
    "a domain that looks like AWS's own",
    api('domain_prefix = "my-cognito"'),
    {
      file: API,
      key: "domain_prefix",
      value: "my-cognito",
      message: /"my-cognito-dev-auth".*"cognito"/,
      remedy: /rename/,
    },
  ],
  [
    "a domain that is too long",
    api(`domain = "${"d".repeat(64)}"`),
    { file: API, key: "domain", message: /64 characters, and Cognito allows 63/, remedy: /shorten it by 1/ },
  ],
  [
    "a user pool's name that is too long",
    api(`user_pool_name_prefix = "${"p".repeat(120)}"`),
    { file: API, key: "user_pool_name_prefix", message: /134 characters/, remedy: /shorten it by 6/ },
  ],
  [
    "a tag that AWS refuses",
    api('project_tag = "a;b"'),
    { file: API, key: "project_tag", message: /characters that IAM does not allow/, remedy: /use letters/ },
  ],
  [
    "a common tag that differs from a built-in one by capitals",
    api('common_tags = { project = "x" }'),
    { file: API, key: 'common_tags["project"]', message: /differs from the tag Project/, remedy: /write Project/ },
  ],
  [
    "two resource servers with one identifier",
    apiFiles('resource_servers = {\n a = { identifier = "API" }\n b = { identifier = "API" }\n}\nclients = {}'),
    {
      file: API,
      at: "3:8",
      key: 'resource_servers["b"].identifier',
      message: /identifier of "a" too/,
      remedy: /change one/,
    },
  ],
  [
    "two resource servers with one address",
    apiFiles('resource_servers = {\n "a.b" = { identifier = "A" }\n a_b = { identifier = "B" }\n}\nclients = {}'),
    { file: API, key: 'resource_servers["a_b"]', message: /aws_cognito_resource_server\.a_b/, remedy: /rename one/ },
  ],
  [
    "two clients with one address",
    apiFiles(`clients = {\n "a b" = ${GRANTED}\n a_b = ${GRANTED}\n}`),
    { file: API, key: 'clients["a_b"]', message: /aws_cognito_user_pool_client\.a_b/, remedy: /rename one/ },
  ],
  [
    "an empty identifier",
    apiFiles('resource_servers = { a = { identifier = "" } }'),
    { file: API, key: 'resource_servers["a"].identifier', message: /is empty/, remedy: /name the API/ },
  ],
  [
    "a scope with its identifier",
    apiFiles('resource_servers = { a = { identifier = "API", scopes = { "API/read" = "Read" } } }'),
    { file: API, key: 'resource_servers["a"].scopes["API/read"]', message: /slash/, remedy: /the scope alone/ },
  ],
  [
    "a scope that is too long with its identifier",
    apiFiles(`resource_servers = { a = { identifier = "API", scopes = { "${"s".repeat(253)}" = "Read" } } }`),
    { file: API, message: /257 characters, and Cognito allows 256/, remedy: /shorten it by 1/ },
  ],
  [
    "a scope without a description",
    apiFiles('resource_servers = { a = { identifier = "API", scopes = { read = "" } } }'),
    {
      file: API,
      key: 'resource_servers["a"].scopes["read"]',
      message: /0 characters/,
      remedy: /what the scope allows/,
    },
  ],
  [
    "more scopes than a resource server may have",
    apiFiles(`resource_servers = { a = { identifier = "API", scopes = {\n${many(101, (i) => `s${i} = "x"`)}\n} } }`),
    { file: API, key: 'resource_servers["a"].scopes', message: /has 101, and Cognito allows 100/, remedy: /split/ },
  ],
  [
    "more resource servers than a user pool may have",
    apiFiles(`resource_servers = {\n${many(26, (i) => `a${i} = { identifier = "a${i}" }`)}\n}`),
    { file: API, key: "resource_servers", message: /has 26, and Cognito allows 25/, remedy: /split/ },
  ],
  [
    "more scopes than a client may be granted",
    apiFiles(
      `resource_servers = { a = { identifier = "A", scopes = {\n${many(51, (i) => `s${i} = "x"`)}\n} } }\nclients = { c = { scopes = {\n${many(51, (i) => `"A/s${i}" = true`)}\n} } }`,
    ),
    { file: API, key: 'clients["c"].scopes', message: /has 51, and Cognito allows 50/, remedy: /split/ },
  ],
  [
    "a client's scope that no resource server has",
    apiFiles(`${SERVER}\nclients = { c = { scopes = { "API/bok.get" = true } } }`),
    {
      file: API,
      key: 'clients["c"].scopes["API/bok.get"]',
      message: /no resource server has/,
      remedy: /did you mean "API\/book\.get"/,
    },
  ],
  [
    "a client's scope without its identifier",
    apiFiles(`${SERVER}\nclients = { c = { scopes = { "API/book.get" = true, "book.post" = false } } }`),
    { file: API, message: /no resource server has/, remedy: /did you mean "API\/book\.post"/ },
  ],
  [
    "a client's scope that is neither true nor false",
    apiFiles(`${SERVER}\nclients = { c = { scopes = { "API/book.get" = "yes" } } }`),
    {
      file: API,
      key: 'clients["c"].scopes["API/book.get"]',
      message: /is a string, not true or false/,
      remedy: /true or false/,
    },
  ],
  [
    "a client that is granted nothing",
    apiFiles(`${SERVER}\nclients = { c = { scopes = { "API/book.get" = false } } }`),
    {
      file: API,
      key: 'clients["c"]',
      message: /no client .* without one/,
      remedy: /write true for a scope, or remove/,
    },
  ],
  [
    "a client without scopes",
    apiFiles("clients = { c = {} }"),
    { file: API, key: 'clients["c"]', message: /granted no scope/, remedy: /write true/ },
  ],
  [
    "tokens that live longer than a day",
    apiFiles(`clients = { c = { ${GRANT}, access_token_validity_minutes = 1441 } }`),
    { file: API, key: 'clients["c"].access_token_validity_minutes', message: /from 5 to 1440/, remedy: /1 day/ },
  ],
  [
    "a client that is no object",
    apiFiles('clients = { c = "API/book.get" }'),
    { file: API, key: 'clients["c"]', message: /not an object/, remedy: /in braces: \{ scopes/ },
  ],
  [
    "a route's scope that no resource server has",
    route("GET /book", 'scopes = ["API/book.got"]'),
    { ...at("GET /book", '.scopes["0"]'), message: /no resource server has/, remedy: /did you mean "API\/book\.get"/ },
  ],
  [
    "a route without scopes",
    route("GET /book", ""),
    {
      ...at("GET /book", ".scopes"),
      message: /would then let ID tokens in and refuse access tokens/,
      remedy: /at least one/,
    },
  ],
  [
    "a route with an empty list of scopes",
    route("GET /book", "scopes = []"),
    { ...at("GET /book", ".scopes"), message: /has no scope/, remedy: /at least one/ },
  ],
  [
    "a route with two backends",
    api(
      'functions = { book = { source = "functions/book" } }\nroutes = { "GET /book" = { scopes = ["API/book.get"], function = "book", url = "https://x.example" } }',
    ),
    { ...at("GET /book", ".url"), message: /one backend/, remedy: /remove one/ },
  ],
  [
    "a function that is not there",
    api(
      'functions = { book = { source = "functions/book" } }\nroutes = { "GET /book" = { scopes = ["API/book.get"], function = "bok" } }',
    ),
    {
      ...at("GET /book", ".function"),
      value: "bok",
      message: /not an entry of functions/,
      remedy: /did you mean "book"/,
    },
  ],
  [
    "a method in small letters",
    route("get /book"),
    { ...at("get /book"), message: /not a method, a space and a path/, remedy: /did you mean "GET \/book"/ },
  ],
  ["a path alone", route("/book"), { ...at("/book"), message: /not a method/, remedy: /like "GET \/book"/ }],
  [
    "a path without a slash in front",
    route("GET book"),
    { ...at("GET book"), message: /begin with a slash/, remedy: /"GET \/book"/ },
  ],
  [
    "a path with a slash at its end",
    route("GET /book/"),
    { ...at("GET /book/"), message: /ends with a slash/, remedy: /write "GET \/book"/ },
  ],
  [
    "a path with an empty part",
    route("GET /a//b"),
    { ...at("GET /a//b"), message: /has "" as a part/, remedy: /letters, digits/ },
  ],
  [
    "a path with characters that API Gateway refuses",
    route("GET /bücher"),
    { ...at("GET /bücher"), message: /has "bücher" as a part/, remedy: /\{id\}/ },
  ],
  [
    "a greedy variable in the middle",
    route("GET /{all+}/x"),
    { ...at("GET /{all+}/x"), message: /has more after "\{all\+\}"/, remedy: /let it be the last/ },
  ],
  [
    "two paths with one address",
    api('routes = {\n "GET /a/b" = { scopes = ["API/book.get"] }\n "POST /a_b" = { scopes = ["API/book.get"] }\n}'),
    {
      ...at("POST /a_b"),
      message: /\/a_b the same Terraform address as \/a\/b, aws_api_gateway_resource\.a_b/,
      remedy: /rename/,
    },
  ],
  [
    "two variables in one place",
    api(
      'routes = {\n "GET /a/{id}" = { scopes = ["API/book.get"] }\n "GET /a/{no}/b" = { scopes = ["API/book.get"] }\n}',
    ),
    { ...at("GET /a/{no}/b"), message: /\{no\} where another route has \{id\}/, remedy: /write \{id\} in both/ },
  ],
  [
    "a URL without TLS",
    route("GET /book", 'scopes = ["API/book.get"], url = "http://books.example.com"'),
    { ...at("GET /book", ".url"), message: /not an https URL/, remedy: /access token/ },
  ],
  [
    "a URL that is none",
    route("GET /book", 'scopes = ["API/book.get"], url = "books.example.com"'),
    { ...at("GET /book", ".url"), message: /not a URL/, remedy: /whole/ },
  ],
  [
    "a URL with a password",
    route("GET /book", 'scopes = ["API/book.get"], url = "https://me:pass@books.example.com"'),
    { ...at("GET /book", ".url"), message: /user or a password/, remedy: /remove/ },
  ],
  [
    "a URL with a variable that the path lacks",
    route("GET /book/{id}", 'scopes = ["API/book.get"], url = "https://books.example.com/{ID_}"'),
    { ...at("GET /book/{id}", ".url"), message: /variable \{ID_\}/, remedy: /did you mean \{id\}/ },
  ],
  [
    "a function's folder that is not there",
    api('functions = { book = { source = "functions/bok" } }'),
    { file: API, key: 'functions["book"].source', message: /not a folder/, remedy: /functions\/bok/ },
  ],
  [
    "a function's folder without code",
    api('functions = { book = { source = "docs" } }'),
    { file: API, key: 'functions["book"].source', message: /none of index\.ts/, remedy: /handler/ },
  ],
  [
    "two functions with one name",
    api('functions = {\n a = { source = "functions/book" }\n b = { source = "functions/user", name = "dev-a-api" }\n}'),
    { file: API, key: 'functions["b"]', message: /"dev-a-api", as "a" does/, remedy: /set the name/ },
  ],
  [
    "a function's derived name that is too long",
    api(`functions = { ${"f".repeat(60)} = { source = "functions/book" } }`),
    { file: API, message: /AWS allows 64/, remedy: /set its name/ },
  ],
  [
    "a function that waits longer than API Gateway",
    api('functions = { a = { source = "functions/book", timeout_seconds = 30 } }'),
    { file: API, key: 'functions["a"].timeout_seconds', message: /from 1 to 29/, remedy: /29 seconds/ },
  ],
];
testFaults(CASES);

it("every fault is told at once", async () => {
  const faults = await faultsOf(
    apiFiles(`domain_prefix = "Upper"
resource_servers = { api = { identifier = "API", scopes = { a = "A" } } }
clients = { c = { scopes = { "API/b" = true } } }
routes = {
  "GET /x"  = {}
  "PULL /x" = { scopes = ["API/c"] }
}
functions = { f = {} }
`),
  );
  expect(faults.map(({ line, key }) => `${line} ${key}`)).toEqual([
    "1 domain_prefix",
    '3 clients["c"].scopes["API/b"]',
    '5 routes["GET /x"].scopes',
    '6 routes["PULL /x"]',
    '6 routes["PULL /x"].scopes["0"]',
    '8 functions["f"].source',
  ]);
});
