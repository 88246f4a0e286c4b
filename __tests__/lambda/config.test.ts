import { readConfig } from "../../lambda/config";
import { functionEnvironment } from "./support/bundled-function";

const { JWKS_URI: _, ...complete } = functionEnvironment("http://127.0.0.1:1");

it("the settings that the foundation stack gives are read", () => {
  expect(readConfig(complete)).toEqual({
    issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1",
    jwksUri: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1/.well-known/jwks.json",
    resourceServerIdentifier: "https://s3-uploader.dev.oidc-s3",
    clientRolesTable: "oidc-s3-dev-client-roles",
    clientControlsTable: "oidc-s3-dev-client-controls",
    clientActivityTable: "oidc-s3-dev-client-activity",
    bucket: "oidc-s3-cognito-dev-uploads",
    bucketArn: "arn:aws:s3:::oidc-s3-cognito-dev-uploads",
    serverRolePrefix: "arn:aws:iam::123456789012:role/oidc-s3-cognito-dev-",
    region: "eu-west-1",
  });
});

it("roles may have a path", () => {
  const serverRolePrefix = "arn:aws:iam::123456789012:role/team/up+loads/oidc-s3-cognito-dev-";
  expect(readConfig({ ...complete, SERVER_ROLE_PREFIX: serverRolePrefix })).toMatchObject({ serverRolePrefix });
});

it("the region of the keys is the pool's", () => {
  const config = readConfig({ ...complete, USER_POOL_ID: "us-east-1_AbC123xyz" });
  expect(config.issuer).toBe("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbC123xyz");
});

it.each([
  "USER_POOL_ID",
  "RESOURCE_SERVER_IDENTIFIER",
  "CLIENT_ROLES_TABLE",
  "CLIENT_CONTROLS_TABLE",
  "CLIENT_ACTIVITY_TABLE",
  "S3_BUCKET",
  "SERVER_ROLE_PREFIX",
  "AWS_REGION",
])("%s that is missing or empty is named, with the remedy", (name) => {
  for (const value of [undefined, ""]) {
    expect(() => readConfig({ ...complete, [name]: value })).toThrow(
      new RegExp(`${name} is not set: deploy the foundation`),
    );
  }
});

it.each([
  ["USER_POOL_ID", "no-region"],
  ["USER_POOL_ID", "eu-west-1_../evil"],
  ["USER_POOL_ID", "evil.example/_x"],
  ["SERVER_ROLE_PREFIX", "arn:aws:iam::123456789012:role/"],
  ["SERVER_ROLE_PREFIX", "arn:aws:iam::123456789012:role/*-"],
  ["SERVER_ROLE_PREFIX", "arn:aws:iam::123456789012:role/*/p-cognito-dev-"],
  ["SERVER_ROLE_PREFIX", "arn:aws:iam::123456789012:role//p-cognito-dev-"],
  ["SERVER_ROLE_PREFIX", "arn:aws-us-gov:iam::123456789012:role/p-cognito-dev-"],
  ["SERVER_ROLE_PREFIX", "arn:aws:iam::123456789012:role/no-dash-at-the-end"],
  ["JWKS_URI", "http://keys.example/jwks.json"],
  ["JWKS_URI", "http://127.0.0.1.example/jwks.json"],
  ["JWKS_URI", "file:///etc/jwks.json"],
  ["JWKS_URI", "nonsense"],
])("%s=%s is refused", (name, value) => {
  expect(() => readConfig({ ...complete, [name]: value })).toThrow(`environment variable ${name} is not`);
});

it.each([
  "https://keys.example/jwks.json",
  "http://127.0.0.1:8000/jwks.json",
  "http://[::1]:8000/j",
  "http://localhost/j",
])("JWKS_URI=%s is used", (value) => {
  expect(readConfig({ ...complete, JWKS_URI: value }).jwksUri).toBe(value);
});
