import { createRoleAssumer } from "../../lambda/assume-role";
import { deadlineOf } from "../../lambda/deadline";
import { CLIENT_ROLE } from "./support/cloud-stub";
import { CLIENT_ID } from "./support/tokens";

const NOW = -1;
const send = jest.fn();
const assume = createRoleAssumer(send, "arn:aws:s3:::bucket", () => NOW);
const deadline = deadlineOf(() => 10_000);
const Credentials = { AccessKeyId: "A", SecretAccessKey: "S", SessionToken: "T", Expiration: new Date(0) };

beforeEach(() => send.mockReset().mockResolvedValue(Credentials));

it("the role is assumed for the server, narrowed to the grant", async () => {
  const grant = { scopes: ["read", "list"], durationSeconds: 1800 } as const;
  expect(await assume(CLIENT_ROLE, grant, deadline)).toEqual({
    accessKeyId: "A",
    secretAccessKey: "S",
    sessionToken: "T",
    expiration: new Date(0),
  });
  const { Policy, ...input } = send.mock.calls[0][0];
  expect(input).toEqual({
    RoleArn: CLIENT_ROLE.roleArn,
    RoleSessionName: "backup-server-01",
    DurationSeconds: 1800,
    Tags: [
      { Key: "server", Value: "backup-server-01" },
      { Key: "client_id", Value: CLIENT_ID },
    ],
  });
  expect(JSON.parse(Policy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::bucket/backups/server-01/*" },
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::bucket",
        Condition: { StringLike: { "s3:prefix": "backups/server-01/*" } },
      },
    ],
  });
});

it("a one-letter server gets a session name that STS takes", async () => {
  await assume({ ...CLIENT_ROLE, serverName: "a" }, { scopes: ["write"], durationSeconds: 900 }, deadline);
  expect(send.mock.calls[0][0].RoleSessionName).toMatch(/^[\w+=,.@-]{2,64}$/);
});

it("a session policy longer than STS takes is not sent", async () => {
  const role = { ...CLIENT_ROLE, s3PathPrefix: `${"日".repeat(170)}/` };
  const grant = { scopes: ["write", "list"], durationSeconds: 900 } as const;
  await expect(assume(role, grant, deadline)).rejects.toMatchObject({ status: 500, reason: "session_policy_too_long" });
  expect(send).not.toHaveBeenCalled();
});

it.each<[string, unknown]>([
  ["no credentials", {}],
  ["no access key", { ...Credentials, AccessKeyId: undefined }],
  ["an empty secret", { ...Credentials, SecretAccessKey: "" }],
  ["no session token", { ...Credentials, SessionToken: undefined }],
  ["no expiration", { ...Credentials, Expiration: undefined }],
  ["an expiration that is no date", { ...Credentials, Expiration: new Date("x") }],
])("an answer with %s is never success", async (_, credentials) => {
  send.mockResolvedValue(credentials);
  const call = assume(CLIENT_ROLE, { scopes: ["write"], durationSeconds: 900 }, deadline);
  await expect(call).rejects.toMatchObject({ status: 500, reason: "credentials_incomplete" });
});

it.each([NOW, NOW - 1, NOW - 3_600_000])("credentials that ended at %d are never success", async (end) => {
  send.mockResolvedValue({ ...Credentials, Expiration: new Date(end) });
  const call = assume(CLIENT_ROLE, { scopes: ["write"], durationSeconds: 900 }, deadline);
  const expected = { status: 503, reason: "credentials_expired", retryAfterSeconds: expect.any(Number) };
  await expect(call).rejects.toMatchObject(expected);
});
