import { z } from "zod";
import { accountKeys } from "./account-keys";
import { aboveZero, burst, logRetention, namePart, region } from "./aws-rules";
import { cognitoName, resourceServerIdentifier, scopeDescription } from "./cognito-rules";
import { flag, matching, number, text, texts, wholeNumber } from "./terraform-types";

// The defaults are those of a documented deployment of Cognito for machines: an api.tfvars without any key gives it.

const flags = () => z.record(z.string(), flag());
const filledIn = matching(/\S/, "filled in", "write its text, or remove the key");

/** https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html */
const stageName = matching(
  /^[A-Za-z0-9_-]{1,128}$/,
  "the name of a stage",
  "it is a part of the API's address: use letters, digits, hyphens and underscores alone",
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html; the function's role has the same name. */
export const functionName = matching(
  /^[A-Za-z0-9_-]{1,64}$/,
  "a name of 1 to 64 letters, digits, hyphens and underscores",
  "Lambda takes no others: rename it",
);

/** Every key of `api.tfvars`. None is required. */
export const apiKeys = {
  environment_name: text(namePart).optional().describe("Name of the environment: the folder's own name."),
  aws_region: text(region).default("us-east-1").describe("AWS region that everything of the layer is in."),
  ...accountKeys("the layer"),
  user_pool_name_prefix: text(cognitoName)
    .default("machine-to-machine")
    .describe("Part of the user pool's name, `<environment>-<prefix>-user-pool`."),
  user_pool_name: text(cognitoName).optional().describe("The user pool's whole name, where another one is wanted."),
  domain_prefix: text(namePart)
    .default("m2m-rubicon")
    .describe("Part of the token endpoint's domain, `<prefix>-<environment>-auth`; `<prefix>-auth` in `prod`."),
  domain: text(namePart)
    .optional()
    .describe("The domain's whole prefix, where another one is wanted; unique in the region over all AWS accounts."),
  project_tag: text().default("m2m-auth").describe("Value of the tag `Project`."),
  managed_login: flag()
    .default(true)
    .describe("Whether the domain has Cognito's newer sign-in pages, which nobody of the layer sees."),
  resource_servers: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'APIs that define scopes, by the ends of their Terraform addresses; by default `m2m_resource_server`, which is "User API" with the scopes `m2m-client/read` and `m2m-client/write`.',
    ),
  clients: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "Who may get tokens, by the ends of their Terraform addresses; with the default resource server `m2m_client`, which has both of its scopes, else none.",
    ),
  routes: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('The REST API, by method and path, like "GET /book"; without any there is none.'),
  functions: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("Lambda functions that answer routes, by the ends of their Terraform addresses."),
  api_name: text(filledIn).default("REST-APIs").describe("Name of the REST API."),
  api_description: text(filledIn)
    .default("Clients need an access token with a scope of the method that they call")
    .describe("Description of the REST API."),
  authorizer_name: text(filledIn).default("CognitoAuthorizer").describe("Name of the REST API's authorizer."),
  stage_name: text(stageName)
    .optional()
    .describe("Name of the REST API's stage, the first folder of its address; the environment's name by default."),
  api_logging: flag()
    .default(false)
    .describe(
      "Whether there are an access log and an error log of the REST API; the account needs a role of API Gateway's for it (docs/api.md#logs).",
    ),
  api_throttling_rate_limit: number(aboveZero)
    .default(50)
    .describe("Requests per second that the REST API lets through, of all clients together."),
  api_throttling_burst_limit: number(burst)
    .default(100)
    .describe("Requests at once that the REST API lets through above its rate."),
  log_retention_days: number(logRetention)
    .default(30)
    .describe("Days that the logs of the REST API and of the functions are kept; 0 is for ever."),
  deletion_protection: flag()
    .optional()
    .describe(
      "Whether AWS refuses to delete the user pool, and Terraform to destroy or replace what holds identity: pool, domain, resource servers, clients, the REST API.",
    ),
} satisfies Readonly<Record<string, z.ZodType>>;

/** Of a file that writes neither: what the deployment has that the layer was made after. */
export const DEFAULT_RESOURCE_SERVERS = {
  m2m_resource_server: {
    identifier: "m2m-client",
    name: "User API",
    scopes: { read: "Read access", write: "Write access" },
  },
};
export const DEFAULT_CLIENTS = { m2m_client: { scopes: { "m2m-client/read": true, "m2m-client/write": true } } };

/** Every key of one entry of `resource_servers`. */
export const resourceServerKeys = {
  identifier: text(resourceServerIdentifier).describe("What stands before the slash in each of its scopes."),
  name: text(cognitoName).optional().describe("Its name in Cognito's console; the identifier by default."),
  scopes: z.record(z.string(), text(scopeDescription)).default({}).describe("What each scope allows, by its name."),
} satisfies Readonly<Record<string, z.ZodType>>;

/** Every key of one entry of `clients`. */
export const clientKeys = {
  name: text(cognitoName).optional().describe("The app client's name in Cognito's console; the entry's by default."),
  scopes: flags()
    .default({})
    .describe("Scopes in full, like `API/book.get`: true grants one, false withholds it; at least one is granted."),
  access_token_validity_minutes: number(wholeNumber(5, 1440, "Cognito allows 5 minutes to 1 day"))
    .default(60)
    .describe("Minutes that an access token is valid; a scope that is withdrawn lives on in tokens as long."),
} satisfies Readonly<Record<string, z.ZodType>>;

/** Every key of one entry of `routes`. */
export const routeKeys = {
  scopes: texts().default([]).describe("Scopes in full, of which a token needs any one; at least one."),
  function: text().optional().describe("Entry of `functions` that answers."),
  url: text()
    .optional()
    .describe("URL that requests are passed on to; without function and url, API Gateway itself answers."),
} satisfies Readonly<Record<string, z.ZodType>>;

/** Every key of one entry of `functions`. */
export const functionKeys = {
  source: text().describe("Folder with its `index.ts` or `index.js`, from the project's folder."),
  name: text(functionName)
    .optional()
    .describe("Name of the function and its role; `<environment>-<entry>-api` by default."),
  memory_mb: number(wholeNumber(128, 10_240, "write MB of memory that AWS Lambda has"))
    .default(256)
    .describe("Its memory in MB; its share of a CPU grows with it."),
  timeout_seconds: number(wholeNumber(1, 29, "API Gateway waits no longer than 29 seconds"))
    .default(10)
    .describe("Seconds that it has for an answer."),
} satisfies Readonly<Record<string, z.ZodType>>;
