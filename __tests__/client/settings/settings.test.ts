import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { SettingsError } from "../../../client/core/errors";
import { settingPlace, tokenEndpointPlace } from "../../../client/settings/places";
import { loadSettings, loadTokenSettings, type Settings, type SettingsInput } from "../../../client/settings/settings";

const ENVIRONMENT = {
  IDP_TYPE: "cognito",
  COGNITO_DOMAIN: "oidc-s3-dev-123456789012",
  COGNITO_CLIENT_ID: "1abc2defg3hij4klmno5pqrs6",
  COGNITO_CLIENT_SECRET: "the-secret",
  COGNITO_RESOURCE_SERVER: "https://s3-uploader.dev.oidc-s3",
  COGNITO_CREDENTIAL_API_URL: "https://abc.execute-api.eu-west-1.amazonaws.com/credentials",
  AWS_REGION: "eu-west-1",
  S3_BUCKET: "uploads",
  S3_PATH_PREFIX: "logs/",
};

let folder: string;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-settings-"));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(input: Partial<SettingsInput> = {}): Settings {
  return loadSettings({
    env: ENVIRONMENT,
    defaultConfigFile: join(folder, "default.env"),
    warn: (message) => warnings.push(message),
    ...input,
  });
}

function faultsOf(input: Partial<SettingsInput>): readonly string[] {
  try {
    load(input);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  throw new Error("no fault was found");
}

function file(name: string, values: Readonly<Record<string, string | undefined>>, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    Object.entries(values)
      .map(([key, value]) => (value === undefined ? "" : `export ${key}="${value}"\n`))
      .join(""),
  );
  chmodSync(path, mode);
  return path;
}

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(ENVIRONMENT).filter(([name]) => !names.includes(name)));

describe("where settings come from", () => {
  it("all from the environment", () => {
    const settings = load();
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
    const configFile = file("a.env", named("eu-north-1"));
    const other = file("b.env", named("eu-south-1"));
    file("default.env", named("sa-east-1"));
    const env = (region?: string, config?: string) => ({ AWS_REGION: region, OIDC_S3_CONFIG: config });
    expect(load({ flags: { region: "us-east-1" }, env: env("eu-west-3", other), configFile }).region).toBe("us-east-1");
    expect(load({ env: env("eu-west-3", other), configFile }).region).toBe("eu-west-3");
    expect(load({ env: env(undefined, other), configFile }).region).toBe("eu-north-1");
    expect(load({ env: env(undefined, other) }).region).toBe("eu-south-1");
    expect(load({ env: {} }).region).toBe("sa-east-1");
  });

  it("each setting from the first place that has it, and the place is told", () => {
    const configFile = file("a.env", { S3_BUCKET: "from-file", S3_PATH_PREFIX: "file/" });
    const settings = load({ env: without("S3_BUCKET", "S3_PATH_PREFIX"), configFile, flags: { prefix: "flag/" } });
    expect(settings).toMatchObject({ bucket: "from-file", prefix: "flag/" });
    expect(settings.sources).toMatchObject({
      bucket: `${configFile}, line 1`,
      prefix: "flag --prefix",
      region: "environment variable AWS_REGION",
    });
  });

  it("a file that is named must be there; the default file need not", () => {
    expect(faultsOf({ configFile: "/nowhere/a.env" })[0]).toMatch(
      /\/nowhere\/a\.env \(named by --config\) does not exist/,
    );
    expect(faultsOf({ env: { ...ENVIRONMENT, OIDC_S3_CONFIG: folder } })[0]).toMatch(
      /named by OIDC_S3_CONFIG\) is a folder/,
    );
    expect(() => load()).not.toThrow();
  });

  it("the token endpoint may be named, which makes domain and region needless", () => {
    const env = {
      ...without("COGNITO_DOMAIN", "AWS_REGION"),
      COGNITO_TOKEN_ENDPOINT: "https://login.example.com/oauth2/token",
    };
    expect(load({ env })).toMatchObject({
      tokenEndpoint: "https://login.example.com/oauth2/token",
      domain: "",
      region: "",
    });
  });

  it("proxy, CA and S3 endpoint, from the environment or a file", () => {
    const configFile = file("a.env", {
      HTTPS_PROXY: "http://proxy:3128",
      AWS_CA_BUNDLE: "/ca.pem",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    });
    const settings = load({ configFile, env: { ...ENVIRONMENT, https_proxy: "http://second:1", NO_PROXY: ".lan" } });
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
    expect(load({ env: { ...ENVIRONMENT, ...env } }).cacheDirectory).toBe(expected);
  });
});

describe("the secret", () => {
  const env = without("COGNITO_CLIENT_SECRET");

  it("may stand in a file of its own, or in systemd's folder", () => {
    const path = join(folder, "cognito-client-secret");
    writeFileSync(path, "from-a-file\n", { mode: 0o600 });
    expect(load({ env: { ...env, COGNITO_CLIENT_SECRET_FILE: path } }).clientSecret.reveal()).toBe("from-a-file");
    expect(load({ env: { ...env, CREDENTIALS_DIRECTORY: folder } }).clientSecret.reveal()).toBe("from-a-file");
    const configFile = file("a.env", { COGNITO_CLIENT_SECRET_FILE: path });
    expect(load({ env, configFile }).clientSecret.reveal()).toBe("from-a-file");
    expect(load({ env: { ...ENVIRONMENT, COGNITO_CLIENT_SECRET_FILE: path } }).clientSecret.reveal()).toBe(
      "the-secret",
    );
  });

  it("a file that is named and not there, or empty, is a fault", () => {
    expect(faultsOf({ env: { ...env, COGNITO_CLIENT_SECRET_FILE: "/nowhere/s" } }).join()).toMatch(
      /\/nowhere\/s .*does not exist/,
    );
    const empty = join(folder, "empty");
    writeFileSync(empty, "\n");
    expect(faultsOf({ env: { ...env, COGNITO_CLIENT_SECRET_FILE: empty } }).join()).toMatch(/is empty/);
  });

  it("is never taken from another server's file than the client id", () => {
    const configFile = file("a.env", { COGNITO_CLIENT_ID: "clientofa" });
    file("default.env", { COGNITO_CLIENT_SECRET: "of-b" });
    const found = faultsOf({ env: without("COGNITO_CLIENT_ID", "COGNITO_CLIENT_SECRET"), configFile });
    expect(found.join()).toMatch(/put both in one file/);
  });

  it.each([
    [0o600, [], []],
    [0o640, [], []],
    [0o644, [/can be read by every user: chmod 0600/], []],
    [0o666, [], [/can be written by every user/]],
  ])("in a file of mode %o: warnings %p, faults %p", (mode, warned, refused) => {
    const configFile = file("a.env", ENVIRONMENT, mode);
    const found = refused.length > 0 ? faultsOf({ env: {}, configFile }) : [];
    if (refused.length === 0) load({ env: {}, configFile });
    expect(found).toEqual(refused.map((pattern) => expect.stringMatching(pattern)));
    expect(warnings).toEqual(warned.map((pattern) => expect.stringMatching(pattern)));
  });

  it("one that others could write is refused too where the secret stands elsewhere", () => {
    const configFile = file("a.env", { COGNITO_TOKEN_ENDPOINT: "https://attacker.example/" }, 0o666);
    expect(faultsOf({ configFile })).toEqual([
      expect.stringMatching(/a\.env is not used.*can be written by every user of this machine: chmod go-w/),
    ]);
    file("default.env", { COGNITO_TOKEN_ENDPOINT: "https://attacker.example/" }, 0o664);
    expect(faultsOf({})).toEqual([expect.stringMatching(/default\.env is not used.*can be written by its group/)]);
  });

  it("so is one in a folder that others could write, or reached over such a folder", () => {
    const open = join(folder, "open");
    mkdirSync(open);
    mkdirSync(join(open, "below"));
    const real = file("open/below/a.env", ENVIRONMENT);
    const private_ = file("b.env", ENVIRONMENT);
    symlinkSync(private_, join(open, "link.env"));
    symlinkSync(join(open, "below"), join(folder, "way"));
    for (const mode of [0o777, 0o775]) {
      chmodSync(open, mode);
      for (const path of [real, join(open, "link.env"), join(folder, "way/a.env")]) {
        expect(faultsOf({ env: {}, configFile: path })).toEqual([expect.stringMatching(/open can be written by/)]);
      }
    }
    // As /tmp has it: nobody can exchange what belongs to somebody else.
    chmodSync(open, 0o1777);
    expect(() => load({ env: {}, configFile: real })).not.toThrow();
  });

  it("so is one that belongs to another user, or is reached over a link or a folder of theirs", () => {
    const configFile = file("a.env", ENVIRONMENT);
    symlinkSync(configFile, join(folder, "link.env"));
    const another = 54321;
    const uid = jest.spyOn(process, "getuid").mockReturnValue(another);
    const belongs = /belongs to another user \(uid \d+\), who could change it: chown it to root or this user/;
    try {
      if (statSync(folder).uid === 0) {
        // Root may change everything anyway.
        expect(() => load({ env: {}, configFile: join(folder, "link.env") })).not.toThrow();
        lchownSync(join(folder, "link.env"), 7, 7);
        expect(faultsOf({ env: {}, configFile: join(folder, "link.env") })[0]).toMatch(/link\.env belongs to another/);
        chownSync(folder, 7, 7);
        expect(faultsOf({ env: {}, configFile })[0]).toMatch(belongs);
        chownSync(folder, another, another);
        chownSync(configFile, 7, 7);
      }
      expect(faultsOf({ env: {}, configFile })[0]).toMatch(belongs);
    } finally {
      uid.mockRestore();
    }
  });

  it("/dev/null may be named, which everybody can write", () => {
    expect(() => load({ configFile: "/dev/null" })).not.toThrow();
  });

  it("a file without a secret may be readable by all", () => {
    load({ configFile: file("a.env", { S3_BUCKET: "uploads" }, 0o644) });
    expect(warnings).toEqual([]);
  });

  it("is redacted wherever it is printed", () => {
    const settings = load();
    for (const shown of [
      `${settings.clientSecret}`,
      JSON.stringify(settings),
      inspect(settings, { depth: 9, showHidden: true }),
    ]) {
      expect(shown).not.toContain("the-secret");
      expect(shown).toContain("[redacted]");
    }
  });
});

describe("names that are no settings", () => {
  const notesOf = (input: Partial<SettingsInput>): string[] => {
    const notes: string[] = [];
    load({ ...input, note: (message) => notes.push(message) });
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
    const configFile = file("a.env", { S3_BUCKET: "uploads", [name]: "value-of-it" });
    load({ configFile });
    expect(warnings).toEqual([expect.stringMatching(/a\.env, line 2: \w+ is no setting/)]);
    expect(warnings[0]).toContain(told);
    expect(warnings[0]).not.toContain("value-of-it");
  });

  it("is told together with what is missing for it, and not twice", () => {
    const configFile = file("a.env", { ...without("COGNITO_CLIENT_ID"), COGNITO_CLENT_ID: "abc" });
    const found = faultsOf({ env: {}, configFile });
    expect(found).toEqual([
      expect.stringContaining("missing: COGNITO_CLIENT_ID;"),
      `${configFile}, line 9: COGNITO_CLENT_ID is no setting: did you mean COGNITO_CLIENT_ID?`,
    ]);
    expect(warnings).toEqual([]);
  });

  it("other programs' in a settings file are noted for those who look for a fault, and no warning", () => {
    const others = { RESTIC_PASSWORD_FILE: "/r", HTTP_PROXY: "http://p:1", AWS_ENDPOINT_URL_STS: "https://s", TZ: "x" };
    const configFile = file("a.env", others);
    expect(notesOf({ configFile })).toEqual(
      Object.keys(others).map((name, index) => `${configFile}, line ${index + 1}: ${name} is no setting of oidc-s3`),
    );
    expect(warnings).toEqual([]);
  });

  it("in the environment only those that look like this client's own, where what was meant is not set", () => {
    load({
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
    expect(warnings).toEqual([
      "environment: S3_BUKET is no setting: did you mean S3_BUCKET?",
      "environment: OIDC_S3_CONFG is no setting: did you mean OIDC_S3_CONFIG?",
    ]);
    warnings = [];
    const { COGNITO_CLIENT_ID: id, ...env } = ENVIRONMENT;
    expect(faultsOf({ env: { ...env, COGNITO_CLENT_ID: id } })).toContain(
      "environment: COGNITO_CLENT_ID is no setting: did you mean COGNITO_CLIENT_ID?",
    );
  });

  it("a line that would have been a setting is warned about where nothing is missing, and its text is not shown", () => {
    const path = join(folder, "a.env");
    writeFileSync(path, 'S3_BUCKET="uploads\nset -a\nCOGNITO_CLIENT_SECRET: abc\n', { mode: 0o600 });
    load({ configFile: path });
    expect(warnings).toEqual([
      `${path}, line 1 (a quote is not closed, or something follows it), is not understood; write NAME="value"`,
      `${path}, line 3 (YAML), is not understood; write NAME="value"`,
    ]);
  });
});

describe("the setting that an address is from", () => {
  const place = (env: Readonly<Record<string, string | undefined>>, configFile?: string) =>
    tokenEndpointPlace(load({ env, configFile }));

  it("is the token endpoint's own where it has one", () => {
    const configFile = file("a.env", { S3_BUCKET: "b", COGNITO_TOKEN_ENDPOINT: "https://login.example.com/" });
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
    expect(settingPlace(load({ flags: { bucket: "other" } }), "bucket")).toBe("--bucket");
  });
});

describe("faults", () => {
  it("everything that is missing is reported at once, with every place that was looked into", () => {
    const configFile = file("a.env", { S3_BUCKET: "uploads" });
    const found = faultsOf({ env: { IDP_TYPE: "cognito" }, configFile }).join();
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
    expect(found).toContain(`the environment, ${configFile}, ${join(folder, "default.env")} (which does not exist)`);
  });

  it("lines that were not understood are named where something is missing", () => {
    const path = join(folder, "a.env");
    writeFileSync(path, "COGNITO_CLIENT_ID: abc\n", { mode: 0o600 });
    expect(faultsOf({ env: {}, configFile: path }).join()).toMatch(/not understood in it: line 1/);
  });

  it.each([
    ["COGNITO_CLIENT_ID: abc", "line 1 (YAML)"],
    ["---", "line 1 (YAML)"],
    ['COGNITO_CLIENT_ID="abc', "line 1 (a quote is not closed"],
    ["COGNITO_CLIENT_ID='abc", "line 1 (a quote is not closed"],
    ['{"COGNITO_CLIENT_ID": "abc"}', "line 1 (JSON)"],
  ])("%j is named as what it is", (text, named) => {
    const path = join(folder, "a.env");
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    expect(faultsOf({ env: {}, configFile: path }).join()).toContain(`not understood in it: ${named}`);
  });

  it.each([
    [Buffer.from('\ufeffCOGNITO_CLIENT_ID="abc"\n', "utf16le"), /is in UTF-16 \(save it as UTF-8\)/],
    [Buffer.from("\x7fELF\0\0\0"), /is a binary file/],
  ])("a file that holds no text is named as what it is (%#)", (content, named) => {
    const path = join(folder, "a.env");
    writeFileSync(path, content, { mode: 0o600 });
    const found = faultsOf({ env: {}, configFile: path });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(named);
  });

  it("a setting that is there and empty is empty at its line, not missing alone", () => {
    const path = join(folder, "a.env");
    writeFileSync(path, 'S3_BUCKET="uploads"\n\n\nCOGNITO_CLIENT_ID=""\n', { mode: 0o600 });
    expect(faultsOf({ env: {}, configFile: path }).join()).toContain(`COGNITO_CLIENT_ID (empty at ${path}, line 4)`);
  });

  it("a wrong --config path is one fault, not followed by all that is missing", () => {
    expect(faultsOf({ env: {}, configFile: "/nowhere/a.env" })).toEqual([
      "the settings file /nowhere/a.env (named by --config) does not exist",
    ]);
  });

  it("another identity provider is refused with the reason", () => {
    const [found] = faultsOf({ env: { ...ENVIRONMENT, IDP_TYPE: "auth0" } });
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
    expect(faultsOf({ env: { ...ENVIRONMENT, [name]: value } })).toEqual([expect.stringMatching(fault)]);
  });

  it.each(["COGNITO_TOKEN_ENDPOINT", "COGNITO_CREDENTIAL_API_URL", "AWS_ENDPOINT_URL"])(
    "a password in %s is refused, and not shown",
    (name) => {
      for (const url of ["https://u:hidd@en@example.com/", "http://u:hidden@10.0.0.1/", "https://hidden@example.com"]) {
        const [found] = faultsOf({ env: { ...ENVIRONMENT, [name]: url } });
        expect(found).toContain(`${name} is "http`);
        expect(found).toContain("[redacted]@");
        expect(found).not.toMatch(/hidd/);
      }
    },
  );

  it("a clear-text S3 in a settings file is refused with its line; an endpoint for S3 alone goes before", () => {
    const configFile = file("a.env", { S3_BUCKET: "b", AWS_ENDPOINT_URL: "http://minio.lan:9000" });
    expect(faultsOf({ configFile })).toEqual([expect.stringMatching(/a\.env, line 2\): it must start with https/)]);
    const env = { ...ENVIRONMENT, AWS_ENDPOINT_URL_S3: "https://minio.lan:9000" };
    expect(load({ env, configFile }).s3Endpoint).toBe("https://minio.lan:9000");
  });

  it.each(["http://127.0.0.1:8080/c", "http://localhost/c", "http://[::1]:1/c", "https://a.example/c"])(
    "%s is accepted",
    (url) => {
      expect(load({ env: { ...ENVIRONMENT, COGNITO_CREDENTIAL_API_URL: url } }).credentialApiUrl).toBe(url);
      expect(load({ env: { ...ENVIRONMENT, AWS_ENDPOINT_URL_S3: url } }).s3Endpoint).toBe(url);
    },
  );
});

describe("the settings that a token takes", () => {
  const forToken = (env: Readonly<Record<string, string | undefined>>) =>
    loadTokenSettings({ env, defaultConfigFile: join(folder, "default.env") });
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
