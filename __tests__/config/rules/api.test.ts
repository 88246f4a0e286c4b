import { join } from "node:path";
import { loadEnvironments } from "../../../config";
import type { ApiConfig } from "../../../config/schema/api-types";
import { LAYERS } from "../../../layers";
import { apiFiles, configOf, devDirectory } from "../support/load";
import { documentedFiles, temporaryDirectory } from "../support/temporary-environments";

const _API = "dev/api.tfvars";
const ofFile = async (text: string) => (await configOf(apiFiles(text))).optional.api as ApiConfig;
const SERVER =
  'resource_servers = { api = { identifier = "API", scopes = { "book.get" = "Read", "book.post" = "Add" } } }';
const CLIENT = 'clients = { reports = { scopes = { "API/book.get" = true, "API/book.post" = false } } }';
const _api = (lines: string) => apiFiles(`${SERVER}\n${CLIENT}\n${lines}\n`);

const DEFAULTS: ApiConfig = {
  environment: "dev",
  awsRegion: "us-east-1",
  userPoolName: "dev-machine-to-machine-user-pool",
  domain: "m2m-rubicon-dev-auth",
  stageName: "dev",
  projectTag: "m2m-auth",
  managedLogin: true,
  resourceServers: [
    {
      address: "m2m_resource_server",
      identifier: "m2m-client",
      name: "User API",
      scopes: { read: "Read access", write: "Write access" },
    },
  ],
  clients: [
    {
      key: "m2m_client",
      address: "m2m_client",
      name: "m2m_client",
      grantedScopes: ["m2m-client/read", "m2m-client/write"],
      accessTokenValidityMinutes: 60,
    },
  ],
  routes: [],
  functions: [],
  apiName: "REST-APIs",
  apiDescription: "Clients need an access token with a scope of the method that they call",
  authorizerName: "CognitoAuthorizer",
  apiLogging: false,
  apiThrottlingRateLimit: 50,
  apiThrottlingBurstLimit: 100,
  logRetentionDays: 30,
  deletionProtection: false,
};

describe("the documented deployment", () => {
  it("is what an empty file gives", async () => {
    expect(await ofFile("")).toEqual(DEFAULTS);
  });

  it("is what its five variables alone give", async () => {
    const text = `environment_name      = "dev"
aws_region            = "us-west-2"
user_pool_name_prefix = "batch"
domain_prefix         = "acme"
project_tag           = "billing"
`;
    expect(await ofFile(text)).toEqual({
      ...DEFAULTS,
      awsRegion: "us-west-2",
      userPoolName: "dev-batch-user-pool",
      domain: "acme-dev-auth",
      projectTag: "billing",
    });
  });

  it("has no environment in its domain in prod, and is protected there", async () => {
    const own = Object.entries(apiFiles()).map(([name, text]) => [`prod/${name}`, text]);
    const directory = temporaryDirectory({ ...documentedFiles("prod"), ...Object.fromEntries(own) });
    const [prod] = await loadEnvironments(directory, LAYERS);
    expect(prod).toMatchObject({
      config: { optional: { api: { domain: "m2m-rubicon-auth", deletionProtection: true, stageName: "prod" } } },
    });
  });
});

describe("a domain that two environments have", () => {
  const faultsWith = async (dev: string, prod: string) => {
    const files = (["dev", "prod"] as const).map((name) => {
      const text = name === "dev" ? dev : prod;
      const backend = `bucket = "oidc-s3-uploader-tfstate"\nkey = "${name}/api"\nregion = "eu-west-1"\n`;
      const own = { [`${name}/api.tfvars`]: text, [`${name}/api-backend.hcl`]: backend };
      return { ...documentedFiles(name), ...own };
    });
    const loaded = await loadEnvironments(temporaryDirectory({ ...files[0], ...files[1] }), LAYERS);
    return loaded.flatMap((each) =>
      "faults" in each ? each.faults.map(({ key, message }) => `${each.name} ${key} ${message}`) : [],
    );
  };

  it("in one region is refused in both", async () => {
    expect(await faultsWith('domain = "acme-auth"', 'domain_prefix = "acme"')).toEqual([
      'dev domain gives the Cognito domain "acme-auth", as another environment of the region does: prod',
      'prod domain_prefix gives the Cognito domain "acme-auth", as another environment of the region does: dev',
    ]);
  });

  it("in two regions, and by default, is none of the other's", async () => {
    const inTwo = await faultsWith('domain = "acme-auth"\naws_region = "eu-west-1"', 'domain_prefix = "acme"');
    expect(inTwo).toEqual([]);
    expect(await faultsWith("", "")).toEqual([]);
  });
});

it("names that were derived can be written, where another deployment's are wanted", async () => {
  const config = await ofFile('user_pool_name = "UserPool"\ndomain = "api"\nstage_name = "v1"\nmanaged_login = false');
  expect(config).toMatchObject({ userPoolName: "UserPool", domain: "api", stageName: "v1", managedLogin: false });
});

it("own resource servers leave no client of the default ones", async () => {
  const config = await ofFile(SERVER);
  expect(config.clients).toEqual([]);
  expect(config.resourceServers).toEqual([
    { address: "api", identifier: "API", name: "API", scopes: { "book.get": "Read", "book.post": "Add" } },
  ]);
});

it("a scope is granted by true alone", async () => {
  const { clients } = await ofFile(`${SERVER}
clients = {
  reports = { name = "OAuthClient", scopes = { "API/book.post" = true, "API/book.get" = "true" } }
  other   = { scopes = { "API/book.get" = false, "API/book.post" = true } }
}`);
  expect(clients.map(({ key, name, grantedScopes }) => [key, name, grantedScopes])).toEqual([
    ["other", "other", ["API/book.post"]],
    ["reports", "OAuthClient", ["API/book.get", "API/book.post"]],
  ]);
});

it("a route has a method, a path, scopes, and a function, a URL or a built-in answer behind it", async () => {
  const { routes, functions } = await ofFile(`${SERVER}\n${CLIENT}
routes = {
  "GET /book"      = { scopes = ["API/book.post", "API/book.get", "API/book.get"], function = "book" }
  "ANY /book/{id}" = { scopes = ["API/book.get"], url = "https://books.example.com/{id}" }
  "GET /"          = { scopes = ["API/book.get"] }
}
functions = { book = { source = "functions/book" } }`);
  const scopes = ["API/book.get"];
  expect(routes).toEqual([
    {
      ...{ key: "ANY /book/{id}", address: "ANY_book_id", method: "ANY", path: "/book/{id}", scopes },
      backend: { kind: "url", url: "https://books.example.com/{id}" },
    },
    { key: "GET /", address: "GET_root", method: "GET", path: "/", scopes, backend: { kind: "answer" } },
    {
      ...{ key: "GET /book", address: "GET_book", method: "GET", path: "/book" },
      scopes: ["API/book.get", "API/book.post"],
      backend: { kind: "function", key: "book" },
    },
  ]);
  expect(functions).toEqual([
    {
      key: "book",
      address: "book",
      entry: join(__dirname, "../../../functions/book/index.ts"),
      name: "dev-book-api",
      memoryMb: 256,
      timeoutSeconds: 10,
    },
  ]);
});

describe("what is allowed and hardly meant", () => {
  const warningsOf = async (text: string) => {
    const [loaded] = await loadEnvironments(devDirectory(apiFiles(text)), LAYERS);
    if (loaded === undefined || "faults" in loaded) throw new Error(JSON.stringify(loaded));
    return (loaded.warnings ?? []).map(({ key, message }) => `${key} ${message}`);
  };

  it("is a scope that no route asks for, beside others that routes ask for", async () => {
    expect(await warningsOf(`${SERVER}\n${CLIENT}\nroutes = { "GET /book" = { scopes = ["API/book.get"] } }`)).toEqual([
      'resource_servers["api"].scopes["book.post"] is a scope that no route asks for',
    ]);
  });

  it("is not a scope of an API that is somewhere else", async () => {
    expect(await warningsOf(`${SERVER}\n${CLIENT}`)).toEqual([]);
    expect(await warningsOf("")).toEqual([]);
  });

  it("is a route that no client may call, unless one has its scope as false", async () => {
    const routes = `routes = {
  "GET /book"  = { scopes = ["API/book.get"] }
  "POST /book" = { scopes = ["API/book.post"] }
}`;
    expect(await warningsOf(`${SERVER}\n${CLIENT}\n${routes}`)).toEqual([]);
    expect(await warningsOf(`${SERVER}\nclients = { c = { scopes = { "API/book.get" = true } } }\n${routes}`)).toEqual([
      'routes["POST /book"] is a route that no client may call: none has API/book.post',
    ]);
  });
});
