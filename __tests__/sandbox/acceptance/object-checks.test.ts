import { BucketTrials, objectRows, placesOutside } from "../../../sandbox/acceptance/object-checks";
import { serverConfig } from "../../support/environment";

describe("the places that a server must not reach", () => {
  const a = serverConfig("a", { s3PathPrefix: "a/" });
  const nested = serverConfig("nested", { s3PathPrefix: "a/b/", sharedPrefix: true });
  const others = ["c", "d", "e", "f"].map((name) => serverConfig(name, { s3PathPrefix: `${name}/` }));

  it("are one that begins alike, and of some others; not one that is shared", () => {
    expect(placesOutside(a, [a, nested, ...others])).toEqual(["a-beside/", "c/", "d/", "e/"]);
    expect(placesOutside(others[3] as typeof a, [a, nested, ...others])).toEqual(["f-beside/", "a/", "a/b/", "c/"]);
  });
});

it.each([
  ["write", ["put"]],
  ["read", ["get"]],
  ["read-write", ["put", "get"]],
  ["full", ["put", "get", "list", "delete"]],
] as const)("for %s, %p must be allowed inside and nothing outside", (s3Permissions, allowed) => {
  const rows = objectRows(serverConfig("a", { s3PathPrefix: "a/", s3Permissions }), ["b/"], []);
  expect(rows).toHaveLength(8);
  expect(rows.filter(({ expected }) => expected === "allowed")).toEqual(
    allowed.map((operation) => expect.objectContaining({ operation, where: "inside a/" })),
  );
});

it("a bucket that cannot be reached is a failure, not a refusal", async () => {
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  const trials = new BucketTrials(
    { endpoint: "http://127.0.0.1:1", region: "eu-west-1", credentials },
    "b",
    "vending API",
  );
  // The SDK waits for a random part of its longest wait between attempts.
  const random = jest.spyOn(Math, "random").mockReturnValue(0);
  expect(await trials.try("delete", "a/")).toMatchObject({ outcome: "failed" });
  random.mockRestore();
  trials.close();
});
