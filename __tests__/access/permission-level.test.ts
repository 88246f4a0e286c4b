import {
  isPermissionLevel,
  isScope,
  leastLevelWith,
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
  ["read", ["read"], ["s3:GetObject"]],
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

it("there are four levels and four scopes, each scope described", () => {
  expect(PERMISSION_LEVELS).toEqual(["write", "read", "read-write", "full"]);
  expect(SCOPES).toEqual(["write", "read", "delete", "list"]);
  for (const scope of SCOPES) expect(SCOPE_DESCRIPTIONS[scope]).not.toBe("");
});

it.each([
  ["write", "read-write"],
  ["read", "read-write"],
  ["read-write", "full"],
] as const)("what %s allows, %s does too, and more", (below, above) => {
  const [less, more] = [below, above].map((level) => new Set(objectActionsOf(scopesOf(level)))) as [
    Set<string>,
    Set<string>,
  ];
  expect([...less].every((action) => more.has(action))).toBe(true);
  expect(more.size).toBeGreaterThan(less.size);
});

it("read and write have nothing in common", () => {
  expect(scopesOf("read").filter((scope) => scopesOf("write").includes(scope))).toEqual([]);
});

it.each([
  [[], "write", "write"],
  [[], "read", "read"],
  [["write"], "read", "read-write"],
  [["read"], "write", "read-write"],
  [["read"], "read", "read"],
  [["read"], "list", "full"],
  [["write", "read"], "delete", "full"],
] as const)("a server with the scopes %p that needs %s as well is one of level %s", (has, needs, level) => {
  expect(leastLevelWith([...has, needs])).toBe(level);
});

it("list is no action on objects", () => {
  expect(objectActionsOf(["list"])).toEqual([]);
  expect(objectActionsOf([])).toEqual([]);
});

it.each(["write", "read", "read-write", "full"])("%s is a level", (value) =>
  expect(isPermissionLevel(value)).toBe(true),
);
it.each(["", "Write", "Read", "list", "admin", "toString", null, undefined, 1, ["write"]])("%p is no level", (value) =>
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
