import { clientRoleItem } from "../../access/client-role";
import { deadlineOf } from "../../lambda/deadline";
import { createRoleLookUp } from "../../lambda/look-up-role";
import { CLIENT_ROLE, ROLE_PREFIX } from "./support/cloud-stub";
import { CLIENT_ID } from "./support/tokens";

const getItem = jest.fn();
const lookUp = createRoleLookUp(getItem, "client-roles", ROLE_PREFIX);
const deadline = deadlineOf(() => 10_000);
const item = clientRoleItem(CLIENT_ROLE);

beforeEach(() => getItem.mockReset().mockResolvedValue(item));

it("the client's entry is read by its key, consistently", async () => {
  expect(await lookUp(CLIENT_ID, deadline)).toEqual(CLIENT_ROLE);
  expect(getItem.mock.calls[0][0]).toEqual({
    TableName: "client-roles",
    Key: { client_id: { S: CLIENT_ID } },
    ConsistentRead: true,
  });
});

it("a shorter session of the entry's own is read", async () => {
  getItem.mockResolvedValue({ ...item, max_session_duration: { N: "1200" } });
  expect((await lookUp(CLIENT_ID, deadline)).maxSessionDuration).toBe(1200);
});

it("a client without an entry is unknown", async () => {
  getItem.mockResolvedValue(undefined);
  await expect(lookUp(CLIENT_ID, deadline)).rejects.toMatchObject({ status: 403, code: "unknown_client" });
});

it.each<[string, object]>([
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
  getItem.mockResolvedValue({ ...item, ...changes });
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
  getItem.mockResolvedValue({ ...item, role_arn: { S: roleArn } });
  await expect(lookUp(CLIENT_ID, deadline)).rejects.toMatchObject({ status: 500, reason: "role_outside_deployment" });
});
