import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SettingsSources } from "../../../client/settings/settings-sources";
import type { Json } from "../../../client/settings/terraform-outputs";
import { type ConfigureUserOptions, configureUser } from "../../../client/user/settings/configure";
import { loadUserSettings } from "../../../client/user/settings/find-settings";
import { userConfiguration } from "../../../client/user/settings/user-settings";
import { CLIENT, IDENTITY_POOL, ISSUER, POOL, ROLE } from "../support/fake-cognito";
import { userFixture } from "../support/user-fixture";

const fixture = userFixture();
const path = (profile = "default") => join(fixture.user.home, ".config/oidc-s3/users", `${profile}.json`);
const FOUR = {
  COGNITO_USER_POOL_ID: POOL,
  COGNITO_CLIENT_ID: CLIENT,
  COGNITO_IDENTITY_POOL_ID: IDENTITY_POOL,
  AWS_REGION: "eu-central-1",
};

function configure(more: Partial<ConfigureUserOptions> = {}): Promise<void> {
  const { user } = fixture;
  const print = (line: string) => void user.printed.push(line);
  return configureUser({ env: user.env, prompt: undefined, readStdin: () => "", print, say: user.report, ...more });
}

describe("the settings of people", () => {
  it("are those of the output, and of AWS's addresses where it names none", () => {
    const { user } = fixture;
    user.configure({ endpoints: undefined, domain: "https://x.auth.eu-west-1.amazoncognito.com/" });
    expect(user.settings()).toMatchObject({
      userPoolId: POOL,
      issuer: ISSUER,
      domain: "https://x.auth.eu-west-1.amazoncognito.com",
      endpoints: {
        cognito_idp: "https://cognito-idp.eu-west-1.amazonaws.com/",
        cognito_identity: "https://cognito-identity.eu-west-1.amazonaws.com/",
        sts: "https://sts.eu-west-1.amazonaws.com/",
      },
    });
    const env = {
      ...user.env,
      AWS_ENDPOINT_URL: "http://localhost:5000",
      AWS_ENDPOINT_URL_STS: "https://sts.example.com",
    };
    expect(loadUserSettings({ env }).endpoints).toEqual({
      cognito_idp: "http://localhost:5000/",
      cognito_identity: "http://localhost:5000/",
      sts: "https://sts.example.com/",
    });
  });

  it("are told with all their faults at once", () => {
    const given: Json = {
      user_pool_id: "pool",
      client_id: "a b",
      issuer: "https://example.com/other",
      domain: "http://example.com",
      callback_urls: "x",
      long_sessions: { [ROLE]: 99_999 },
      authenticated_role_arn: "role",
      s3: { bucket: "" },
      endpoints: { sts: "http://sts.example.com" },
    };
    const error = (() => {
      try {
        return userConfiguration(given, "f.json");
      } catch (thrown) {
        return thrown as Error;
      }
    })() as Error;
    for (const key of Object.keys(given).filter((each) => each !== "endpoints" && each !== "issuer"))
      expect(error.message).toContain(`f.json: ${key} is `);
    expect(error.message).toContain("endpoints.sts is");
    expect(() => userConfiguration({ ...given, user_pool_id: POOL }, "f.json")).toThrow("f.json: issuer is");
  });

  it("are not taken from a file that others can write", () => {
    chmodSync(path(), 0o666);
    expect(() => fixture.user.settings()).toThrow("can be written by every user");
  });

  it("of the environment count where it names a user pool, unless a profile is asked for", () => {
    const { user } = fixture;
    const env = { ...user.env, ...FOUR, COGNITO_CLIENT_ID: "other" };
    expect(loadUserSettings({ env })).toMatchObject({
      clientId: "other",
      region: "eu-central-1",
      source: "the environment",
    });
    expect(loadUserSettings({ env, profile: "default" })).toMatchObject({ clientId: CLIENT, source: path() });
    const { COGNITO_USER_POOL_ID, ...ofServer } = env;
    expect(loadUserSettings({ env: ofServer })).toMatchObject({ clientId: CLIENT, source: path() });
  });

  it("never mix with a server's, whose client has the same name in the environment", () => {
    const { user } = fixture;
    expect(() => loadUserSettings({ env: { ...user.env, ...FOUR, COGNITO_CLIENT_SECRET: "s" } })).toThrow(
      "whose COGNITO_CLIENT_ID is, cannot be told",
    );
    const clientOf = (env: Record<string, string>) => new SettingsSources(env, () => {}).find("clientId")?.value;
    expect(clientOf(FOUR)).toBeUndefined();
    expect(clientOf({ ...FOUR, COGNITO_CLIENT_SECRET: "s" })).toBe(CLIENT);
    expect(clientOf({ COGNITO_CLIENT_ID: CLIENT })).toBe(CLIENT);
  });

  it.each(["../../evil", "a/b", ".hidden", "", "a b"])("have no profile %j", (profile) => {
    expect(() => fixture.user.settings(profile)).toThrow("is not a name for a profile");
  });

  it("are missed with the command that writes them", () => {
    expect(() => fixture.user.settings("none")).toThrow("does not exist");
  });
});

describe("user configure", () => {
  const output = () => fixture.user.cognito.configuration();
  beforeEach(() => rmSync(path()));

  it.each([
    ["the object alone", (value: Json) => value],
    ["terraform output -json", (value: Json) => ({ user_configuration: { sensitive: false, type: [], value } })],
    ["terraform output -json user_configuration of a file", (value: Json) => ({ sensitive: false, value })],
    ["cdktf output", (value: Json) => ({ "users-dev": { user_configuration: value } })],
  ])("takes %s", async (_, wrap) => {
    await configure({ from: "-", readStdin: () => JSON.stringify(wrap({ ...output(), surprise: "x" })) });
    expect(JSON.parse(readFileSync(path(), "utf8"))).toMatchObject({ user_pool_id: POOL });
    expect(readFileSync(path(), "utf8")).not.toContain("surprise");
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(fixture.user.settings().userPoolId).toBe(POOL);
  });

  it("asks which of several stacks is meant, and takes nothing else for settings", async () => {
    const both = { "users-dev": { user_configuration: output() }, "users-prod": { user_configuration: output() } };
    const readStdin = () => JSON.stringify(both);
    await expect(configure({ from: "-", readStdin })).rejects.toThrow("users-dev, users-prod");
    await configure({ from: "-", readStdin, stack: "users-prod", profile: "prod" });
    expect(existsSync(path("prod"))).toBe(true);
    for (const text of ["no", "{}", '{"server_configurations": {}}'])
      await expect(configure({ from: "-", readStdin: () => text })).rejects.toMatchObject({ exitCode: 2 });
    await expect(configure({ from: join(fixture.user.home, "none") })).rejects.toThrow("does not exist");
  });

  it("imports an older tool's file, with nobody to ask", async () => {
    await expect(configure()).rejects.toThrow("there is no terminal");
    const older = {
      user_pool_id: POOL,
      client_id: CLIENT,
      identity_pool_id: IDENTITY_POOL,
      region: "eu-west-1",
      lambda: "x",
    };
    writeFileSync(join(fixture.user.home, ".cognito-cli-config.json"), JSON.stringify(older));
    await configure();
    expect(fixture.user.settings()).toMatchObject({ identityPoolId: IDENTITY_POOL, issuer: ISSUER, domain: undefined });
  });

  it("asks, begins with what is known, and asks again where an answer is wrong", async () => {
    const { user } = fixture;
    user.typed = ["nonsense", "", "", "", POOL, "", "", "https://x.example.com"];
    await configure({ prompt: user.prompt, env: { ...user.env, ...FOUR } });
    expect(user.asked[0]).toBe(`User pool id [${POOL}]: `);
    expect(user.said.join()).toContain('user_pool_id is "nonsense"');
    expect(user.settings()).toMatchObject({
      clientId: CLIENT,
      domain: "https://x.example.com",
      callbackUrls: [
        "http://localhost:18271/callback",
        "http://localhost:18272/callback",
        "http://localhost:18273/callback",
      ],
    });
  });
});
