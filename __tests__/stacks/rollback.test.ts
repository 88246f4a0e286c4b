import { readFileSync } from "node:fs";
import { apiRollback, foundationRollback, serversRollback } from "../../stacks/rollback";
import { apiFiles, configOf } from "../config/support/load";
import { environmentConfig, serverConfig } from "../support/environment";
import { addresses, synthesise, synthesiseApi } from "../support/synthesise";

/** The blocks of one type, as [from, to]. */
function blocks(hcl: string, type: string): (string | undefined)[][] {
  const all = hcl.matchAll(new RegExp(`^${type} \\{\\n([\\s\\S]*?)^\\}`, "gm"));
  return [...all].map(([, body = ""]) =>
    ["from", "to"].map((key) => new RegExp(`^ *${key} *= (.*)$`, "m").exec(body)?.[1]),
  );
}

const servers = [
  serverConfig("2nd-site_archive", { s3PathPrefix: "a/", s3Permissions: "full" }),
  serverConfig("data.sync.eu", { s3PathPrefix: "b/" }),
];

it("servers move back by exactly the moves that took them over, turned round", () => {
  const environment = environmentConfig({ servers: { servers, adoptModuleState: true } });
  const { moved = [] } = synthesise(environment).servers;
  const back = blocks(serversRollback(environment), "moved");
  expect(moved.length).toBeGreaterThanOrEqual(9);
  expect(back).toEqual(moved.map(({ from, to }) => [to, from]));
});

describe("of the foundation, what the original modules do not know is forgotten, not destroyed", () => {
  const forgotten = (foundation: Parameters<typeof environmentConfig>[0]) =>
    blocks(foundationRollback(environmentConfig(foundation)), "removed").map(([from]) => from);

  const ALWAYS = [
    "aws_cloudwatch_log_group.credential_vending",
    "aws_dynamodb_table.client_controls",
    "aws_dynamodb_table.client_activity",
    "aws_iam_role_policy.credential_vending_activity",
  ];

  it("everywhere the log group and what controls need, and with a bucket its policy and a lifecycle that only aborts", () => {
    expect(forgotten({ name: "prod" })).toEqual([
      ...ALWAYS,
      "aws_s3_bucket_policy.uploads",
      "aws_s3_bucket_lifecycle_configuration.uploads",
    ]);
  });

  it("but not the lifecycle that the original modules have themselves, for the expiry in dev", () => {
    expect(forgotten({ name: "dev" })).toEqual([...ALWAYS, "aws_s3_bucket_policy.uploads"]);
  });

  it("and nothing of a bucket that is somebody else's", () => {
    expect(forgotten({ foundation: { createS3Bucket: false, existingBucketName: "theirs" } })).toEqual(ALWAYS);
  });

  it("by addresses that the stack really has, each with destroy = false", () => {
    const document = synthesise(environmentConfig({ name: "prod" })).foundation;
    const hcl = foundationRollback(environmentConfig({ name: "prod" }));
    expect(hcl.match(/destroy = false/g)).toHaveLength(6);
    for (const address of forgotten({ name: "prod" })) {
      const [type = "", name = ""] = (address ?? "").split(".");
      expect(document.resource[type]?.[name]).toBeDefined();
    }
  });
});

describe("of the api layer, what a user pool for machines did not have is forgotten, not destroyed", () => {
  const forgottenOf = async (text: string) => {
    const environment = await configOf(apiFiles(text));
    const forgotten = blocks(apiRollback(environment), "removed").map(([from]) => from);
    return { forgotten, deployed: addresses(synthesiseApi(environment).document) };
  };
  const POOL = ["aws_cognito_user_pool.m2m_user_pool", "aws_cognito_user_pool_domain.m2m_domain"];

  it("that is nothing without routes, for the one resource server and the one client are the team's own", async () => {
    expect((await forgottenOf("")).forgotten).toEqual([]);
  });

  it("that is everything but the pool, its domain, and what there is one of", async () => {
    const { forgotten, deployed } = await forgottenOf(`api_logging = true
routes = {
  "GET /"           = { scopes = ["m2m-client/read"] }
  "GET /a/{id}"     = { scopes = ["m2m-client/read"], function = "f" }
  "POST /a/{id}/b"  = { scopes = ["m2m-client/read"], url = "https://x.example" }
}
functions = {
  f = { source = "functions/book" }
  g = { source = "functions/user" }
}`);
    const own = [...POOL, "aws_cognito_resource_server.m2m_resource_server", "aws_cognito_user_pool_client.m2m_client"];
    expect([...forgotten, ...own].sort()).toEqual(deployed);
  });

  it("that is also every client and resource server, where there are several", async () => {
    const { forgotten, deployed } = await forgottenOf(readFileSync("environments/dev/api.tfvars", "utf8"));
    expect([...forgotten, ...POOL].sort()).toEqual(deployed);
  });

  it("and older versions of Terraform are told how", async () => {
    const GRANTED = '{ scopes = { "m2m-client/read" = true } }';
    const text = apiRollback(await configOf(apiFiles(`clients = {\n a = ${GRANTED}\n b = ${GRANTED}\n}`)));
    expect(text).toContain("#   terraform state rm aws_cognito_user_pool_client.a\n");
    // A block of the team's own client is rejected; a command is not.
    expect(text).toMatch(
      /^# Take out resource servers and clients that your own files have, here and from the commands/m,
    );
  });
});
