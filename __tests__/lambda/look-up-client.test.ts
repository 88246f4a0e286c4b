import { clientControlItem, noControl } from "../../access/client-control";
import { clientRoleItem } from "../../access/client-role";
import { deadlineOf } from "../../lambda/deadline";
import type { Item } from "../../lambda/dynamodb";
import { createClientLookUp } from "../../lambda/look-up-client";
import { CLIENT_ROLE, ROLE_PREFIX } from "./support/cloud-stub";
import { CLIENT_ID } from "./support/tokens";

const readItems = jest.fn();
const lookUp = createClientLookUp(readItems, { roles: "client-roles", controls: "client-controls" }, ROLE_PREFIX);
const deadline = deadlineOf(() => 10_000);
const item = clientRoleItem(CLIENT_ROLE);
const disabled = { ...noControl(CLIENT_ID), disabled: true, reason: "stolen", version: 3 };
const found = (role: Item | undefined, control?: Item) =>
  readItems.mockResolvedValue({ "client-roles": role, "client-controls": control });

beforeEach(() => {
  readItems.mockReset();
  found(item);
});

it("the client's two entries are read at once, by their key", async () => {
  expect(await lookUp(CLIENT_ID, deadline)).toEqual({ role: CLIENT_ROLE, control: undefined });
  const key = { client_id: { S: CLIENT_ID } };
  expect(readItems.mock.calls).toEqual([[{ "client-roles": key, "client-controls": key }, expect.any(AbortSignal)]]);
});

it("a control is given as it is stored", async () => {
  found(item, clientControlItem(disabled));
  expect((await lookUp(CLIENT_ID, deadline)).control).toEqual(disabled);
});

it("a shorter session of the entry's own is read", async () => {
  found({ ...item, max_session_duration: { N: "1200" } });
  expect((await lookUp(CLIENT_ID, deadline)).role.maxSessionDuration).toBe(1200);
});

it.each([undefined, clientControlItem(disabled)])(
  "a client without an entry is unknown, with the control %j",
  async (control) => {
    found(undefined, control);
    await expect(lookUp(CLIENT_ID, deadline)).rejects.toMatchObject({ status: 403, code: "unknown_client" });
  },
);

it.each<[string, Item]>([
  ["of another client", clientControlItem(noControl("other"))],
  ["without a client", { disabled: { BOOL: false } }],
  ["with text for a switch", { ...clientControlItem(disabled), disabled: { S: "false" } }],
  ["with an attribute from the future", { ...clientControlItem(disabled), quarantine_level: { N: "2" } }],
])("a control %s is a fault of ours, and nobody is served by it", async (_, control) => {
  found(item, control);
  await expect(lookUp(CLIENT_ID, deadline)).rejects.toMatchObject({
    status: 500,
    reason: "control_malformed",
    detail: { detail: expect.stringMatching(/client_id|attribute/) },
  });
});

it.each<[string, Item]>([
  ["no role", { role_arn: undefined }],
  ["a prefix of another type", { s3_path_prefix: { N: "1" } }],
  ["an empty prefix", { s3_path_prefix: { S: "" } }],
  ["a prefix without a slash", { s3_path_prefix: { S: "backups" } }],
  ["a prefix with a wildcard", { s3_path_prefix: { S: "*/" } }],
  ["a prefix with a policy variable", { s3_path_prefix: { S: `$\{aws:username}/` } }],
  ["a prefix that climbs", { s3_path_prefix: { S: "a/../" } }],
  ["an unknown level", { s3_permissions: { S: "admin" } }],
  ["an unknown scope", { allowed_scopes: { SS: ["write", "admin"] } }],
  ["scopes of another type", { allowed_scopes: { S: "write" } }],
  ["a session too long", { max_session_duration: { N: "7200" } }],
  ["another client's id", { client_id: { S: "other" } }],
])("an entry with %s is a fault of ours", async (_, changes) => {
  found({ ...item, ...changes });
  await expect(lookUp(CLIENT_ID, deadline)).rejects.toMatchObject({ status: 500, reason: "client_role_malformed" });
});

it.each([
  "arn:aws:iam::123456789012:role/admin",
  "arn:aws:iam::999999999999:role/oidc-s3-cognito-dev-backup-server-01",
  "arn:aws:iam::123456789012:role/oidc-s3-cognito-prod-backup-server-01",
  ROLE_PREFIX,
  `${ROLE_PREFIX}*`,
  `${ROLE_PREFIX}a/b`,
  `x${ROLE_PREFIX}a`,
])("the role %s is outside of the deployment", async (roleArn) => {
  found({ ...item, role_arn: { S: roleArn } });
  await expect(lookUp(CLIENT_ID, deadline)).rejects.toMatchObject({ status: 500, reason: "role_outside_deployment" });
});
