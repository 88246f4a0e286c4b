import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiConfig } from "../../../config/schema/api-types";
import { copyWithScopesGranted, findClosedScopes } from "../../../sandbox/acceptance/switched-scopes";

const TEXT = `
environment_name = "local"
clients = {
  open = { scopes = { "API/book.get" = true, "OTHER/unused" = false } }
  # false = true here
  reports = {
    name   = "OAuthClient"
    scopes = { "API/book.get" = true, "API/user.get" = false, "OTHER/unused" = false }
  }
}
`;
const API = { routes: [{ scopes: ["API/book.get"] }, { scopes: ["API/user.get"] }] } as unknown as ApiConfig;

let folder: string;
let environment: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-switch-"));
  environment = join(folder, "local");
  mkdirSync(environment);
  writeFileSync(join(environment, "api.tfvars"), TEXT);
  writeFileSync(join(environment, "api-backend.hcl"), 'key = "x"\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("finds the first client to which routes are closed by a scope that is false", async () => {
  expect(await findClosedScopes(environment, API)).toEqual({ client: "reports", scopes: ["API/user.get"] });
});

it("finds none where every scope that a route asks for is true or not mentioned", async () => {
  writeFileSync(join(environment, "api.tfvars"), TEXT.replace('"API/user.get" = false', '"API/user.get" = true'));
  expect(await findClosedScopes(environment, API)).toBeUndefined();
  writeFileSync(join(environment, "api.tfvars"), 'environment_name = "local"\n');
  expect(await findClosedScopes(environment, API)).toBeUndefined();
});

it.each([
  ["HCL", "api.tfvars", TEXT],
  [
    "JSON",
    "api.tfvars.json",
    JSON.stringify({
      environment_name: "local",
      clients: {
        open: { scopes: { "API/book.get": true, "OTHER/unused": false } },
        reports: {
          name: "OAuthClient",
          scopes: { "API/book.get": true, "API/user.get": false, "OTHER/unused": false },
        },
      },
    }),
  ],
])("grants them in a copy, of %s too, and leaves the environment as it is", async (_, name, text) => {
  rmSync(join(environment, "api.tfvars"));
  writeFileSync(join(environment, name), text);
  const copy = join(folder, "copies", "local");
  await copyWithScopesGranted(environment, copy, { client: "reports", scopes: ["API/user.get"] });
  expect(readdirSync(copy).sort()).toEqual(["api-backend.hcl", "api.tfvars.json"]);
  expect(JSON.parse(readFileSync(join(copy, "api.tfvars.json"), "utf8"))).toEqual({
    environment_name: "local",
    clients: {
      open: { scopes: { "API/book.get": true, "OTHER/unused": false } },
      reports: { name: "OAuthClient", scopes: { "API/book.get": true, "API/user.get": true, "OTHER/unused": false } },
    },
  });
  expect(readFileSync(join(environment, name), "utf8")).toBe(text);
});
