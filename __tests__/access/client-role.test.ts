import fc from "fast-check";
import {
  type ClientRole,
  ClientRoleItemError,
  clientRoleItem,
  MAX_SESSION_SECONDS,
  MIN_SESSION_SECONDS,
  parseClientRoleItem,
  roleSessionName,
} from "../../access/client-role";
import { PERMISSION_LEVELS, SCOPES } from "../../access/permission-level";
import { anyCharacter } from "../support/any-character";

const role: ClientRole = {
  clientId: "1abc2defg3hij4klmno5pqrs6",
  serverName: "log-shipper",
  roleArn: "arn:aws:iam::123456789012:role/oidc-s3-cognito-dev-log-shipper",
  s3PathPrefix: "logs/",
  s3Permissions: "write",
  allowedScopes: ["write"],
  maxSessionDuration: 3600,
};

it("the item has the documented attributes, and no session duration where it is the default", () => {
  expect(clientRoleItem(role)).toEqual({
    client_id: { S: role.clientId },
    server_name: { S: "log-shipper" },
    role_arn: { S: role.roleArn },
    s3_path_prefix: { S: "logs/" },
    s3_permissions: { S: "write" },
    allowed_scopes: { SS: ["write"] },
  });
});

it("another session duration is written as a number", () => {
  expect(clientRoleItem({ ...role, maxSessionDuration: 900 }).max_session_duration).toEqual({ N: "900" });
});

it("what is written is read back", () => {
  const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 30 });
  const roles = fc.record({
    clientId: text,
    serverName: text,
    roleArn: text,
    s3PathPrefix: text,
    s3Permissions: fc.constantFrom(...PERMISSION_LEVELS),
    allowedScopes: fc.subarray([...SCOPES], { minLength: 1 }),
    maxSessionDuration: fc.integer({ min: MIN_SESSION_SECONDS, max: MAX_SESSION_SECONDS }),
  });
  fc.assert(fc.property(roles, (any) => expect(parseClientRoleItem(clientRoleItem(any))).toEqual(any)));
});

it("scopes may stand with the resource server's identifier in front", () => {
  const item = { ...clientRoleItem(role), allowed_scopes: { SS: ["https://s3-uploader.dev.oidc-s3/write", "read"] } };
  expect(parseClientRoleItem(item).allowedScopes).toEqual(["write", "read"]);
});

it("attributes that are not known are passed over", () => {
  expect(parseClientRoleItem({ ...clientRoleItem(role), note: { S: "x" } })).toEqual(role);
});

describe("an item that is not as it is written is refused, by the attribute's name", () => {
  const faults: readonly (readonly [attribute: string, value: unknown])[] = [
    ...["client_id", "server_name", "role_arn", "s3_path_prefix", "s3_permissions"].flatMap((attribute) =>
      [undefined, {}, { S: "" }, { N: "1" }, { S: 1 }, { S: null }, "text", null].map(
        (value) => [attribute, value] as const,
      ),
    ),
    ["s3_permissions", { S: "admin" }],
    ["s3_permissions", { S: "toString" }],
    ["allowed_scopes", undefined],
    ["allowed_scopes", { S: "write" }],
    ["allowed_scopes", { SS: "write" }],
    ["allowed_scopes", { SS: ["write", "admin"] }],
    ["allowed_scopes", { SS: ["write", 1] }],
    ["allowed_scopes", { SS: ["write/"] }],
    ...["899", "3601", "900.5", "", "x", "NaN", "Infinity", "-900"].map(
      (text) => ["max_session_duration", { N: text }] as const,
    ),
    ["max_session_duration", {}],
    ["max_session_duration", { S: "3600" }],
  ];

  it.each(faults)("%s = %j", (attribute, value) => {
    const item = { ...clientRoleItem(role), [attribute]: value };
    expect(() => parseClientRoleItem(item)).toThrow(ClientRoleItemError);
    expect(() => parseClientRoleItem(item)).toThrow(new RegExp(`attribute ${attribute} is not`));
  });

  it("without showing what it holds", () => {
    const item = { ...clientRoleItem(role), s3_permissions: { S: "hunter2" } };
    expect(() => parseClientRoleItem(item)).not.toThrow(/hunter2/);
  });
});

it("the session name is the server's, of two characters at least and none that STS refuses", () => {
  expect(roleSessionName("log-shipper")).toBe("log-shipper");
  expect(roleSessionName("a")).toBe("a@");
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_.-]{1,44}$/), fc.stringMatching(/^[A-Za-z0-9_.-]{1,44}$/), (a, b) => {
      expect(roleSessionName(a)).toMatch(/^[\w+=,.@-]{2,64}$/);
      expect(roleSessionName(a) === roleSessionName(b)).toBe(a === b);
    }),
  );
});
