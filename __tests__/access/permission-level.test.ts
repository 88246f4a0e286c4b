import {
  isPermissionLevel,
  isScope,
  objectActionsOf,
  PERMISSION_LEVELS,
  qualifiedScope,
  SCOPE_DESCRIPTIONS,
  SCOPES,
  scopesInClaim,
  scopesOf,
} from "../../access/permission-level";

const SERVER = "https://s3-uploader.dev.oidc-s3";

it.each([
  ["write", ["write"], ["s3:PutObject", "s3:AbortMultipartUpload"]],
  ["read-write", ["write", "read"], ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject"]],
  [
    "full",
    ["write", "read", "delete", "list"],
    ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject", "s3:DeleteObject"],
  ],
] as const)("%s stands for these scopes and actions, and no others", (level, scopes, actions) => {
  expect(scopesOf(level)).toEqual(scopes);
  expect(objectActionsOf(scopesOf(level))).toEqual(actions);
});

it("there are three levels and four scopes, each scope described", () => {
  expect(PERMISSION_LEVELS).toEqual(["write", "read-write", "full"]);
  expect(SCOPES).toEqual(["write", "read", "delete", "list"]);
  for (const scope of SCOPES) expect(SCOPE_DESCRIPTIONS[scope]).not.toBe("");
});

it("each level allows what the one below it does, and more", () => {
  const actions = PERMISSION_LEVELS.map((level) => new Set(objectActionsOf(scopesOf(level))));
  for (const [index, set] of actions.slice(1).entries()) {
    const below = actions[index] ?? new Set();
    expect([...below].every((action) => set.has(action))).toBe(true);
    expect(set.size).toBeGreaterThan(below.size);
  }
});

it("list is no action on objects", () => {
  expect(objectActionsOf(["list"])).toEqual([]);
  expect(objectActionsOf([])).toEqual([]);
});

it.each(["write", "read-write", "full"])("%s is a level", (value) => expect(isPermissionLevel(value)).toBe(true));
it.each(["", "Write", "read", "admin", "toString", null, undefined, 1, ["write"]])("%p is no level", (value) =>
  expect(isPermissionLevel(value)).toBe(false),
);
it.each(["write", "read", "delete", "list"])("%s is a scope", (value) => expect(isScope(value)).toBe(true));
it.each(["", "full", "READ", "constructor", null, undefined, 0])("%p is no scope", (value) =>
  expect(isScope(value)).toBe(false),
);

describe("scopes in a token's claim", () => {
  it.each([
    ["one", `${SERVER}/write`, ["write"]],
    ["several, in our order", `${SERVER}/list ${SERVER}/read`, ["read", "list"]],
    ["twice the same", `${SERVER}/read ${SERVER}/read`, ["read"]],
    ["none", "", []],
    ["of another resource server", "https://s3-uploader.prod.oidc-s3/write", []],
    ["of one whose identifier begins with ours", `${SERVER}-2/write`, []],
    ["of one below ours", `${SERVER}/x/write`, []],
    ["unknown", `${SERVER}/admin`, []],
    ["without the identifier", "write", []],
    ["in other letters", `${SERVER}/Write ${SERVER.toUpperCase()}/write`, []],
    ["parted by something other than a space", `${SERVER}/write\t${SERVER}/read`, []],
    ["beside others", `openid ${SERVER}/delete email`, ["delete"]],
  ])("%s", (_, claim, expected) => {
    expect(scopesInClaim(claim, SERVER)).toEqual(expected);
  });

  it("are what they are written as", () => {
    const claim = SCOPES.map((scope) => qualifiedScope(SERVER, scope)).join(" ");
    expect(claim).toContain(`${SERVER}/delete`);
    expect(scopesInClaim(claim, SERVER)).toEqual(SCOPES);
  });
});
