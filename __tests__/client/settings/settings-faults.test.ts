import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENVIRONMENT, SettingsFixture } from "../support/settings-fixture";

const files = new SettingsFixture();

describe("faults", () => {
  it("everything that is missing is reported at once, with every place that was looked into", () => {
    const configFile = files.file("a.env", { S3_BUCKET: "uploads" });
    const found = files.faultsOf({ env: { IDP_TYPE: "cognito" }, configFile }).join();
    for (const name of [
      "COGNITO_DOMAIN",
      "COGNITO_CLIENT_ID",
      "COGNITO_CLIENT_SECRET",
      "COGNITO_RESOURCE_SERVER",
      "COGNITO_CREDENTIAL_API_URL",
      "AWS_REGION",
    ]) {
      expect(found).toContain(name);
    }
    expect(found).toContain(
      `the environment, ${configFile}, ${join(files.folder, "default.env")} (which does not exist)`,
    );
  });

  it("lines that were not understood are named where something is missing", () => {
    const path = join(files.folder, "a.env");
    writeFileSync(path, "COGNITO_CLIENT_ID: abc\n", { mode: 0o600 });
    expect(files.faultsOf({ env: {}, configFile: path }).join()).toMatch(/not understood in it: line 1/);
  });

  it.each([
    ["COGNITO_CLIENT_ID: abc", "line 1 (YAML)"],
    ["---", "line 1 (YAML)"],
    ['COGNITO_CLIENT_ID="abc', "line 1 (a quote is not closed"],
    ["COGNITO_CLIENT_ID='abc", "line 1 (a quote is not closed"],
    ['{"COGNITO_CLIENT_ID": "abc"}', "line 1 (JSON)"],
  ])("%j is named as what it is", (text, named) => {
    const path = join(files.folder, "a.env");
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    expect(files.faultsOf({ env: {}, configFile: path }).join()).toContain(`not understood in it: ${named}`);
  });

  it.each([
    [Buffer.from('\ufeffCOGNITO_CLIENT_ID="abc"\n', "utf16le"), /is in UTF-16 \(save it as UTF-8\)/],
    [Buffer.from("\x7fELF\0\0\0"), /is a binary file/],
  ])("a file that holds no text is named as what it is (%#)", (content, named) => {
    const path = join(files.folder, "a.env");
    writeFileSync(path, content, { mode: 0o600 });
    const found = files.faultsOf({ env: {}, configFile: path });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(named);
  });

  it("a setting that is there and empty is empty at its line, not missing alone", () => {
    const path = join(files.folder, "a.env");
    writeFileSync(path, 'S3_BUCKET="uploads"\n\n\nCOGNITO_CLIENT_ID=""\n', { mode: 0o600 });
    expect(files.faultsOf({ env: {}, configFile: path }).join()).toContain(
      `COGNITO_CLIENT_ID (empty at ${path}, line 4)`,
    );
  });

  it("a wrong --config path is one fault, not followed by all that is missing", () => {
    expect(files.faultsOf({ env: {}, configFile: "/nowhere/a.env" })).toEqual([
      "the settings file /nowhere/a.env (named by --config) does not exist",
    ]);
  });

  it("another identity provider is refused with the reason", () => {
    const [found] = files.faultsOf({ env: { ...ENVIRONMENT, IDP_TYPE: "auth0" } });
    expect(found).toMatch(/IDP_TYPE is "auth0" .*only "cognito" works.*STS/);
  });

  it.each([
    ["COGNITO_DOMAIN", "https://x.auth.eu-west-1.amazoncognito.com", /the domain's prefix alone/],
    ["AWS_REGION", "Ireland", /a region such as/],
    ["COGNITO_CLIENT_ID", "a b", /app client/],
    ["S3_BUCKET", "s3://bucket", /bucket's name/],
    ["S3_PATH_PREFIX", "logs", /does not end with \//],
    ["S3_PATH_PREFIX", "a/../b/", /holds \.\./],
    ["COGNITO_CREDENTIAL_API_URL", "http://api.example.com/credentials", /must start with https/],
    ["COGNITO_CREDENTIAL_API_URL", "http://127.0.0.1.example.com/credentials", /must start with https/],
    ["COGNITO_CREDENTIAL_API_URL", "api.example.com", /whole URL/],
    ["COGNITO_TOKEN_ENDPOINT", "https://u:p@example.com/", /user name/],
    ["COGNITO_TOKEN_ENDPOINT", "file:///etc/passwd", /must start with https/],
    ["COGNITO_TOKEN_ENDPOINT", "https://example.com/\ntoken", /line breaks/],
    [
      "AWS_ENDPOINT_URL",
      "http://minio.lan:9000",
      /^AWS_ENDPOINT_URL is .*environment variable AWS_ENDPOINT_URL\): it must start with https/,
    ],
    ["AWS_ENDPOINT_URL_S3", "http://10.0.0.5:9000", /^AWS_ENDPOINT_URL_S3 is .*must start with https/],
    ["AWS_ENDPOINT_URL_S3", "minio.lan:9000", /must start with https|whole URL/],
    ["AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9\ncredential_process = id", /line breaks/],
  ])("%s = %s", (name, value, fault) => {
    expect(files.faultsOf({ env: { ...ENVIRONMENT, [name]: value } })).toEqual([expect.stringMatching(fault)]);
  });

  it.each(["COGNITO_TOKEN_ENDPOINT", "COGNITO_CREDENTIAL_API_URL", "AWS_ENDPOINT_URL"])(
    "a password in %s is refused, and not shown",
    (name) => {
      for (const url of ["https://u:hidd@en@example.com/", "http://u:hidden@10.0.0.1/", "https://hidden@example.com"]) {
        const [found] = files.faultsOf({ env: { ...ENVIRONMENT, [name]: url } });
        expect(found).toContain(`${name} is "http`);
        expect(found).toContain("[redacted]@");
        expect(found).not.toMatch(/hidd/);
      }
    },
  );

  it("a clear-text S3 in a settings file is refused with its line; an endpoint for S3 alone goes before", () => {
    const configFile = files.file("a.env", { S3_BUCKET: "b", AWS_ENDPOINT_URL: "http://minio.lan:9000" });
    expect(files.faultsOf({ configFile })).toEqual([
      expect.stringMatching(/a\.env, line 2\): it must start with https/),
    ]);
    const env = { ...ENVIRONMENT, AWS_ENDPOINT_URL_S3: "https://minio.lan:9000" };
    expect(files.load({ env, configFile }).s3Endpoint).toBe("https://minio.lan:9000");
  });

  it.each(["http://127.0.0.1:8080/c", "http://localhost/c", "http://[::1]:1/c", "https://a.example/c"])(
    "%s is accepted",
    (url) => {
      expect(files.load({ env: { ...ENVIRONMENT, COGNITO_CREDENTIAL_API_URL: url } }).credentialApiUrl).toBe(url);
      expect(files.load({ env: { ...ENVIRONMENT, AWS_ENDPOINT_URL_S3: url } }).s3Endpoint).toBe(url);
    },
  );
});
