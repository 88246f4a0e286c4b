import {
  addressName,
  MAX_ROLE_NAME_CHARACTERS,
  serverRoleName,
  serverRolePrefix,
  uploadsBucketName,
  vendingName,
} from "../../access/names";

const deployment = { projectName: "oidc-s3", environment: "dev" };

it("names are the documented ones", () => {
  expect(serverRolePrefix(deployment)).toBe("oidc-s3-cognito-dev-");
  expect(serverRoleName(deployment, "log-shipper")).toBe("oidc-s3-cognito-dev-log-shipper");
  expect(uploadsBucketName(deployment)).toBe("oidc-s3-cognito-dev-uploads");
  expect(vendingName(deployment)).toBe("oidc-s3-dev-cred-vending");
  expect(MAX_ROLE_NAME_CHARACTERS).toBe(64);
});

it.each([
  ["backup-server-01", "backup-server-01"],
  ["a.b", "a_b"],
  ["a b/c", "a_b_c"],
  ["A_z-9", "A_z-9"],
  ["é", "_"],
])("the server %s has the address …_%s", (name, address) => {
  expect(addressName(name)).toBe(address);
});
