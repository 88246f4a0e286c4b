import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startUsersServices, type UsersServices } from "../../../sandbox/cloud/users-services";
import type { Identity } from "../../../sandbox/identity/mounted-identity";
import { Outbox } from "../../../sandbox/identity/outbox";
import { createPeople, FakeDirectory, POOL_ID, START } from "../identity/support/fake-directory";

const CONFIGURATION = {
  region: "eu-west-1",
  user_pool_id: POOL_ID,
  client_id: "cli",
  issuer: `https://cognito-idp.eu-west-1.amazonaws.com/${POOL_ID}`,
  identity_pool_id: null,
  domain: "https://people.auth.eu-west-1.amazoncognito.com",
  callback_urls: ["http://localhost:8910/callback"],
  account_id: "123456789012",
};
const AWS = "http://127.0.0.1:1";

let folder: string;
let services: UsersServices;

async function start(domain: string | null) {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-users-"));
  const people = await createPeople(new FakeDirectory(), { now: START });
  const outbox = new Outbox(join(folder, "outbox.jsonl"));
  const identity = { people, outbox } as unknown as Identity;
  const outputs = { user_configuration: { ...CONFIGURATION, domain } };
  services = await startUsersServices({ folder, awsEndpoint: AWS, outputs, identity, report: () => {} });
}
afterEach(async () => {
  await services.stop();
  rmSync(folder, { recursive: true });
});

it("people's clients find everything on this machine by one file, which is for this user alone", async () => {
  await start(CONFIGURATION.domain);
  const { settingsFile, domain, loginUrl = "", outboxFile } = services;
  expect(statSync(settingsFile).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(settingsFile, "utf8"))).toEqual({
    ...CONFIGURATION,
    domain,
    endpoints: { cognito_idp: AWS, cognito_identity: AWS, sts: AWS },
  });
  expect(outboxFile).toBe(join(folder, "outbox.jsonl"));
  const page = await fetch(loginUrl);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<h1>Sign in</h1>")]);
});

it("a pool without sign-in pages has none here", async () => {
  await start(null);
  expect(services.settings.domain).toBeNull();
  expect(services.loginUrl).toBeUndefined();
  expect((await fetch(`${services.domain}/login`)).status).toBe(404);
});
