import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SettingsError } from "../../../client/core/errors";
import { settingPlace, tokenEndpointPlace } from "../../../client/settings/places";
import { loadTokenSettings, type SettingsInput } from "../../../client/settings/settings";
import { ENVIRONMENT, SettingsFixture, without } from "../support/settings-fixture";

const files = new SettingsFixture();

describe("where settings come from", () => {
  it("all from the environment", () => {
    const settings = files.load();
    expect(settings).toMatchObject({
      domain: "oidc-s3-dev-123456789012",
      region: "eu-west-1",
      bucket: "uploads",
      prefix: "logs/",
    });
    expect(settings.tokenEndpoint).toBe(
      "https://oidc-s3-dev-123456789012.auth.eu-west-1.amazoncognito.com/oauth2/token",
    );
    expect(settings.clientSecret.reveal()).toBe("the-secret");
  });

  it("flag, environment, --config, OIDC_S3_CONFIG and the default file, each before the next", () => {
    const named = (region: string) => ({ ...ENVIRONMENT, AWS_REGION: region });
    const configFile = files.file("a.env", named("eu-north-1"));
    const other = files.file("b.env", named("eu-south-1"));
    files.file("default.env", named("sa-east-1"));
    const env = (region?: string, config?: string) => ({ AWS_REGION: region, OIDC_S3_CONFIG: config });
    expect(files.load({ flags: { region: "us-east-1" }, env: env("eu-west-3", other), configFile }).region).toBe(
      "us-east-1",
    );
    expect(files.load({ env: env("eu-west-3", other), configFile }).region).toBe("eu-west-3");
    expect(files.load({ env: env(undefined, other), configFile }).region).toBe("eu-north-1");
    expect(files.load({ env: env(undefined, other) }).region).toBe("eu-south-1");
    expect(files.load({ env: {} }).region).toBe("sa-east-1");
  });

  it("each setting from the first place that has it, and the place is told", () => {
    const configFile = files.file("a.env", { S3_BUCKET: "from-file", S3_PATH_PREFIX: "file/" });
    const settings = files.load({
      env: without("S3_BUCKET", "S3_PATH_PREFIX"),
      configFile,
      flags: { prefix: "flag/" },
    });
    expect(settings).toMatchObject({ bucket: "from-file", prefix: "flag/" });
    expect(settings.sources).toMatchObject({
      bucket: `${configFile}, line 1`,
      prefix: "flag --prefix",
      region: "environment variable AWS_REGION",
    });
  });

  it("a file that is named must be there; the default file need not", () => {
    expect(files.faultsOf({ configFile: "/nowhere/a.env" })[0]).toMatch(
      /\/nowhere\/a\.env \(named by --config\) does not exist/,
    );
    expect(files.faultsOf({ env: { ...ENVIRONMENT, OIDC_S3_CONFIG: files.folder } })[0]).toMatch(
      /named by OIDC_S3_CONFIG\) is a folder/,
    );
    expect(() => files.load()).not.toThrow();
  });

  it("the token endpoint may be named, which makes domain and region needless", () => {
    const env = {
      ...without("COGNITO_DOMAIN", "AWS_REGION"),
      COGNITO_TOKEN_ENDPOINT: "https://login.example.com/oauth2/token",
    };
    expect(files.load({ env })).toMatchObject({
      tokenEndpoint: "https://login.example.com/oauth2/token",
      domain: "",
      region: "",
    });
  });

  it("proxy, CA and S3 endpoint, from the environment or a file", () => {
    const configFile = files.file("a.env", {
      HTTPS_PROXY: "http://proxy:3128",
      AWS_CA_BUNDLE: "/ca.pem",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    });
    const settings = files.load({
      configFile,
      env: { ...ENVIRONMENT, https_proxy: "http://second:1", NO_PROXY: ".lan" },
    });
    expect(settings.network).toMatchObject({ httpsProxy: "http://proxy:3128", noProxy: ".lan", caFile: "/ca.pem" });
    expect(settings.network).toMatchObject({
      proxyPlace: `HTTPS_PROXY (${configFile}, line 1)`,
      caPlace: `AWS_CA_BUNDLE (${configFile}, line 2)`,
    });
    expect(settings.s3EndpointPlace).toBe(`AWS_ENDPOINT_URL (${configFile}, line 3)`);
    expect(settings.s3Endpoint).toBe("http://127.0.0.1:9");
  });

  it.each([
    [{ XDG_CACHE_HOME: "/x", HOME: "/home/a" }, "/x/oidc-s3"],
    [{ XDG_CACHE_HOME: "relative", HOME: "/home/a" }, "/home/a/.cache/oidc-s3"],
    [{ HOME: "/", CACHE_DIRECTORY: "/var/cache/a:/var/cache/b" }, "/var/cache/a/oidc-s3"],
    [{}, undefined],
  ])("the cache folder of %j", (env, expected) => {
    expect(files.load({ env: { ...ENVIRONMENT, ...env } }).cacheDirectory).toBe(expected);
  });
});

describe("names that are no settings", () => {
  const notesOf = (input: Partial<SettingsInput>): string[] => {
    const notes: string[] = [];
    files.load({ ...input, note: (message) => notes.push(message) });
    return notes;
  };

  it.each([
    ["COGNITO_CLENT_ID", "did you mean COGNITO_CLIENT_ID?"],
    ["cognito-domain".replace("-", "_"), "did you mean COGNITO_DOMAIN?"],
    ["S3_BUKET", "did you mean S3_BUCKET?"],
    ["AWS_REGOIN", "did you mean AWS_REGION?"],
    ["HTTPS_PROXI", "did you mean HTTPS_PROXY?"],
    ["COGNITO_USER_POOL_ARN", "COGNITO_USER_POOL_ARN is no setting of oidc-s3"],
  ])("%s in a settings file is warned about, with its line", (name, told) => {
    const configFile = files.file("a.env", { S3_BUCKET: "uploads", [name]: "value-of-it" });
    files.load({ configFile });
    expect(files.warnings).toEqual([expect.stringMatching(/a\.env, line 2: \w+ is no setting/)]);
    expect(files.warnings[0]).toContain(told);
    expect(files.warnings[0]).not.toContain("value-of-it");
  });

  it("is told together with what is missing for it, and not twice", () => {
    const configFile = files.file("a.env", { ...without("COGNITO_CLIENT_ID"), COGNITO_CLENT_ID: "abc" });
    const found = files.faultsOf({ env: {}, configFile });
    expect(found).toEqual([
      expect.stringContaining("missing: COGNITO_CLIENT_ID;"),
      `${configFile}, line 9: COGNITO_CLENT_ID is no setting: did you mean COGNITO_CLIENT_ID?`,
    ]);
    expect(files.warnings).toEqual([]);
  });

  it("other programs' in a settings file are noted for those who look for a fault, and no warning", () => {
    const others = { RESTIC_PASSWORD_FILE: "/r", HTTP_PROXY: "http://p:1", AWS_ENDPOINT_URL_STS: "https://s", TZ: "x" };
    const configFile = files.file("a.env", others);
    expect(notesOf({ configFile })).toEqual(
      Object.keys(others).map((name, index) => `${configFile}, line ${index + 1}: ${name} is no setting of oidc-s3`),
    );
    expect(files.warnings).toEqual([]);
  });

  it("in the environment only those that look like this client's own, where what was meant is not set", () => {
    files.load({
      env: {
        ...without("S3_BUCKET"),
        S3_BUKET: "x",
        COGNITO_CLENT_ID: "x",
        OIDC_S3_CONFG: "x",
        AWS_REGOIN: "x",
        COGNITO_USER_POOL_ID: "x",
        RESTIC_REPOSITORY: "x",
      },
    });
    expect(files.warnings).toEqual([
      "environment: S3_BUKET is no setting: did you mean S3_BUCKET?",
      "environment: OIDC_S3_CONFG is no setting: did you mean OIDC_S3_CONFIG?",
    ]);
    files.warnings = [];
    const { COGNITO_CLIENT_ID: id, ...env } = ENVIRONMENT;
    expect(files.faultsOf({ env: { ...env, COGNITO_CLENT_ID: id } })).toContain(
      "environment: COGNITO_CLENT_ID is no setting: did you mean COGNITO_CLIENT_ID?",
    );
  });

  it("a line that would have been a setting is warned about where nothing is missing, and its text is not shown", () => {
    const path = join(files.folder, "a.env");
    writeFileSync(path, 'S3_BUCKET="uploads\nset -a\nCOGNITO_CLIENT_SECRET: abc\n', { mode: 0o600 });
    files.load({ configFile: path });
    expect(files.warnings).toEqual([
      `${path}, line 1 (a quote is not closed, or something follows it), is not understood; write NAME="value"`,
      `${path}, line 3 (YAML), is not understood; write NAME="value"`,
    ]);
  });
});

describe("the setting that an address is from", () => {
  const place = (env: Readonly<Record<string, string | undefined>>, configFile?: string) =>
    tokenEndpointPlace(files.load({ env, configFile }));

  it("is the token endpoint's own where it has one", () => {
    const configFile = files.file("a.env", { S3_BUCKET: "b", COGNITO_TOKEN_ENDPOINT: "https://login.example.com/" });
    expect(place(ENVIRONMENT, configFile)).toBe(`COGNITO_TOKEN_ENDPOINT (${configFile}, line 2)`);
  });

  it("is the domain where the region is right, and the region where it is not the API's", () => {
    expect(place(ENVIRONMENT)).toBe("COGNITO_DOMAIN (in the environment)");
    expect(place({ ...ENVIRONMENT, AWS_REGION: "eu-central-1" })).toBe("AWS_REGION (in the environment)");
    const api = { COGNITO_CREDENTIAL_API_URL: "https://api.example.com/credentials" };
    expect(place({ ...ENVIRONMENT, ...api })).toBe(
      "COGNITO_DOMAIN (in the environment) and AWS_REGION (in the environment)",
    );
  });

  it("a flag is named as it is typed", () => {
    expect(settingPlace(files.load({ flags: { bucket: "other" } }), "bucket")).toBe("--bucket");
  });
});

describe("the settings that a token takes", () => {
  const forToken = (env: Readonly<Record<string, string | undefined>>) =>
    loadTokenSettings({ env, defaultConfigFile: join(files.folder, "default.env") });
  const CLIENT = { COGNITO_CLIENT_ID: "1abc", COGNITO_CLIENT_SECRET: "the-secret" };

  it("are id, secret and where the token endpoint is, and no more", () => {
    expect(forToken({ ...CLIENT, COGNITO_DOMAIN: "m2m-rubicon-dev-auth", AWS_REGION: "us-east-1" })).toMatchObject({
      tokenEndpoint: "https://m2m-rubicon-dev-auth.auth.us-east-1.amazoncognito.com/oauth2/token",
      resourceServer: "",
    });
    const tokenEndpoint = "https://login.example.com/oauth2/token";
    expect(forToken({ ...CLIENT, COGNITO_TOKEN_ENDPOINT: tokenEndpoint })).toMatchObject({ tokenEndpoint });
  });

  it("what else is set is not looked at", () => {
    const others = {
      S3_BUCKET: "?",
      S3_PATH_PREFIX: "/",
      COGNITO_CREDENTIAL_API_URL: "x",
      AWS_ENDPOINT_URL: "http://localstack:1",
    };
    expect(() => forToken({ ...ENVIRONMENT, ...others })).not.toThrow();
  });

  it("all that is missing or wrong is told at once", () => {
    const faults = (() => {
      try {
        forToken({ COGNITO_DOMAIN: "https://a", COGNITO_TOKEN_ENDPOINT: "http://a.example.com" });
      } catch (error) {
        return (error as SettingsError).faults;
      }
      throw new Error("no fault was found");
    })();
    expect(faults).toEqual([
      expect.stringMatching(/^missing: COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET .*; looked in/),
      expect.stringMatching(/^COGNITO_DOMAIN is/),
      expect.stringMatching(/^COGNITO_TOKEN_ENDPOINT is .* https:/),
    ]);
  });
});
