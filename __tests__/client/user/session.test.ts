import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { answerFromCache } from "../../../client/cli/answer-from-cache";
import { SignInNeededError } from "../../../client/core/errors";
import { userCredentials } from "../../../client/user/session/credential-renewal";
import { freshSession } from "../../../client/user/session/renewal";
import { readSession } from "../../../client/user/session/session";
import { signOut } from "../../../client/user/session/sign-out";
import { userStatus, userStatusJson, userStatusLines } from "../../../client/user/session/status";
import { IDENTITY, ROLE, refuse } from "../support/fake-cognito";
import { pass, userFixture } from "../support/user-fixture";

const fixture = userFixture();
const HOUR = 3600;
const credentials = () => userCredentials(fixture.user.settings(), { report: fixture.user.report });
const session = () => readSession(fixture.user.settings());

describe("credentials of a person", () => {
  it("come from the cache until five minutes before their end, then by the sign-in, and nobody is asked", async () => {
    const { user } = fixture;
    await user.signedIn();
    expect((await credentials()).accessKeyId).toBe("ASIAFAKE0001");
    pass(3290);
    expect((await credentials()).accessKeyId).toBe("ASIAFAKE0001");
    pass(20);
    expect(await credentials()).toMatchObject({ accessKeyId: "ASIAFAKE0002", identityId: IDENTITY });
    expect(user.cognito.count("GetId")).toBe(1);
    expect(user.cognito.count("InitiateAuth")).toBe(1);
  });

  it("are renewed once by all who ask at the same time, and so is the sign-in", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    user.cognito.answers.set("GetTokensFromRefreshToken", () => undefined);
    const all = await Promise.all(Array.from({ length: 12 }, credentials));
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
    expect(user.cognito.count("GetTokensFromRefreshToken")).toBe(1);
    expect(user.cognito.count("GetCredentialsForIdentity")).toBe(2);
  });

  it("are renewed after three days asleep", async () => {
    await fixture.user.signedIn();
    pass(72 * HOUR);
    fixture.user.cognito.credentialsLifeSeconds = 73 * HOUR;
    expect((await credentials()).accessKeyId).toBe("ASIAFAKE0002");
  });

  it("are refused with what to do where nobody is signed in", async () => {
    await expect(credentials()).rejects.toMatchObject({
      message: "nobody is signed in",
      remedy: "Sign in: oidc-s3 user login",
      exitCode: 4,
    });
    expect(fixture.user.cognito.requests).toEqual([]);
  });

  it.each([
    ["User is disabled.", "this user is disabled"],
    ["Refresh Token has been revoked", "the sign-in has ended"],
    ["Refresh Token has expired", "the sign-in has ended"],
  ])("end with one sentence where the user pool says: %s", async (message, words) => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    user.cognito.answers.set("GetTokensFromRefreshToken", () => refuse("NotAuthorizedException", message));
    const failures = await Promise.all(
      [credentials(), credentials()].map((each) => each.catch((error: unknown) => error)),
    );
    for (const failure of failures)
      expect(failure).toMatchObject({
        message: expect.stringContaining(words),
        exitCode: 4,
        remedy: expect.stringMatching(/\w/),
      });
    // Whoever waited takes the answer that the other one got.
    expect(user.cognito.count("GetTokensFromRefreshToken")).toBe(1);
    expect(userStatusLines(userStatus(user.settings())).join("\n")).toContain(`last failure ${words}`);
  });

  it("that still work are given where no service answers, and that is told", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(HOUR - 100);
    user.cognito.answers.set("GetTokensFromRefreshToken", () => ({ cut: true }));
    user.cognito.answers.set("GetCredentialsForIdentity", () => ({ cut: true }));
    expect((await credentials()).accessKeyId).toBe("ASIAFAKE0001");
    expect(user.said.join()).toMatch(/could not be renewed and expire in \d+ s/);
    pass(200);
    await expect(credentials()).rejects.toMatchObject({ exitCode: 5 });
  });

  it("are asked for with a renewed ID token where the identity pool takes the old one no more", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(3400);
    const first = session()?.idToken.reveal();
    user.cognito.answers.set("GetCredentialsForIdentity", ({ Logins }) =>
      Object.values(Logins as object).includes(first)
        ? refuse("NotAuthorizedException", "Invalid login token. Token is revoked.")
        : undefined,
    );
    expect((await credentials()).accessKeyId).toMatch(/ASIAFAKE/);
    expect(session()?.idToken.reveal()).not.toBe(first);
  });

  it.each([
    ["without a key", { AccessKeyId: "ASIA", SecretKey: "", SessionToken: "t", Expiration: 4e9 }],
    ["with a shell's words", { AccessKeyId: "ASIA", SecretKey: "$(touch x)", SessionToken: "t", Expiration: 4e9 }],
    ["without an end", { AccessKeyId: "ASIA", SecretKey: "s", SessionToken: "t" }],
  ])("are not taken from an answer %s", async (_, Credentials) => {
    const { user } = fixture;
    user.cognito.answers.set("GetCredentialsForIdentity", () => ({ body: { Credentials } }));
    await expect(user.signedIn()).rejects.toThrow("without credentials");
  });
});

describe("the answer from the cache, before the whole program is loaded", () => {
  const written = () => {
    const write = jest
      .spyOn(require("node:fs"), "writeSync")
      .mockImplementation(((_: number, bytes: Uint8Array) => bytes.length) as never);
    return () => write.mock.calls.map(([, bytes]) => Buffer.from(bytes as Uint8Array).toString()).join("");
  };

  it("is the same, for the profile that is named", async () => {
    const { user } = fixture;
    await user.signedIn({ profile: "work" });
    const output = written();
    expect(answerFromCache(["user", "credentials", "--profile", "work"], user.env)).toBe(true);
    expect(JSON.parse(output())).toMatchObject({ Version: 1, AccessKeyId: "ASIAFAKE0001" });
  });

  it.each([
    [["user", "credentials"]],
    [["user", "credentials", "--profile", "none"]],
    [["user", "credentials", "--profile", "work", "--help"]],
    [["user", "status"]],
  ])("is left to the whole program: %j", async (args) => {
    const { user } = fixture;
    await user.signedIn({ profile: "work" });
    const output = written();
    expect(answerFromCache(args, user.env)).toBe(false);
    expect(output()).toBe("");
  });
});

describe("the renewal of a sign-in", () => {
  const renew = () => freshSession(fixture.user.settings(), { report: fixture.user.report });

  it("has the new refresh token on the disk before anything is done with it", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    const onDisk: string[] = [];
    user.cognito.answers.set(
      "GetCredentialsForIdentity",
      () => void onDisk.push(readFileSync(user.stateFile("session"), "utf8")),
    );
    await credentials();
    expect(onDisk[0]).toContain(user.cognito.refreshToken);
    expect(user.cognito.refreshToken).not.toBe("refresh-1");
    expect(session()).not.toHaveProperty("renewalBegunAt");
  });

  it("asks again with the old one where the answer got lost, which the user pool allows for a while", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    let lost = 0;
    user.cognito.answers.set("GetTokensFromRefreshToken", () => (lost++ === 0 ? { cut: true } : undefined));
    await renew();
    expect(user.cognito.count("GetTokensFromRefreshToken")).toBe(2);
  });

  it("that was cut off is told where what it gave is lost", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    user.cognito.answers.set("GetTokensFromRefreshToken", () => ({ cut: true }));
    await expect(renew()).rejects.toMatchObject({ exitCode: 5 });
    pass(3 * HOUR);
    user.cognito.answers.set("GetTokensFromRefreshToken", () => refuse("RefreshTokenReuseException", "reused"));
    await expect(renew()).rejects.toMatchObject({
      name: "SignInNeededError",
      message: expect.stringMatching(/was used before.*an earlier renewal was cut off/),
    });
  });

  it("is not begun where the disk would not take its result", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    const { renameSync: real } = jest.requireActual<typeof import("node:fs")>("node:fs");
    jest.spyOn(require("node:fs"), "renameSync").mockImplementation(((from: string, to: string) => {
      if (to.endsWith(".session.json")) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      real(from, to);
    }) as never);
    await expect(renew()).rejects.toMatchObject({ exitCode: 6, message: expect.stringContaining("the disk is full") });
    expect(user.cognito.count("GetTokensFromRefreshToken")).toBe(0);
    jest.restoreAllMocks();
    pass(2 * HOUR);
    await renew();
  });

  it("does not undo a sign-in that came meanwhile", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    const file = user.stateFile("session");
    user.cognito.answers.set("GetTokensFromRefreshToken", () => {
      const other = {
        ...JSON.parse(readFileSync(file, "utf8")),
        refreshToken: "of-another-sign-in",
        expiresAt: Date.now() + 9e6,
      };
      writeFileSync(file, JSON.stringify(other), { mode: 0o600 });
      return undefined;
    });
    expect((await renew()).refreshToken.reveal()).toBe("of-another-sign-in");
    expect(session()?.refreshToken.reveal()).toBe("of-another-sign-in");
  });

  it.each(["UnsupportedOperationException", "UnknownOperationException"])(
    "goes by REFRESH_TOKEN_AUTH where the user pool rotates none (%s), and remembers that",
    async (code) => {
      const { user } = fixture;
      user.cognito.rotates = false;
      await user.signedIn();
      user.cognito.answers.set("GetTokensFromRefreshToken", () => refuse(code, "not for this client"));
      pass(2 * HOUR);
      await renew();
      expect(session()).toMatchObject({ rotates: false });
      expect(session()?.refreshToken.reveal()).toBe("refresh-1");
      pass(4 * HOUR);
      await renew();
      expect(user.cognito.count("GetTokensFromRefreshToken")).toBe(1);
      expect(user.cognito.count("InitiateAuth")).toBe(3);
    },
  );

  it("takes no tokens of somebody else's user pool", async () => {
    await fixture.user.signedIn();
    pass(2 * HOUR);
    fixture.user.cognito.claims = { iss: "https://example.com/eu-west-1_AbCdEf123" };
    await expect(renew()).rejects.toMatchObject({ code: "bad_id_token" });
  });
});

describe("what is kept", () => {
  it.each([
    ["is readable by others", (file: string) => chmodSync(file, 0o640)],
    [
      "is a link",
      (file: string) => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
    ],
    ["is not whole", (file: string) => writeFileSync(file, '{"refreshToken":"x"')],
    [
      "has a value that is none",
      (file: string) => writeFileSync(file, readFileSync(file, "utf8").replace(/refresh-1|secret.key/, "a b")),
    ],
  ])("is not used where a file %s", async (_, spoil) => {
    const { user } = fixture;
    await user.signedIn();
    for (const kind of ["session", "credentials"] as const) spoil(user.stateFile(kind));
    expect(session()).toBeUndefined();
    await expect(credentials()).rejects.toBeInstanceOf(SignInNeededError);
  });

  it("is of one user pool, client and profile: other settings are another sign-in", async () => {
    const { user } = fixture;
    await user.signedIn();
    user.configure({ client_id: "another" });
    expect(session()).toBeUndefined();
    user.configure({}, "other");
    expect(readSession(user.settings("other"))).toBeUndefined();
    user.configure();
    expect(session()).toBeDefined();
  });

  it("is closed again where others could write it, and what they may have put there is gone", async () => {
    const { user } = fixture;
    await user.signedIn();
    chmodSync(user.stateFolder, 0o777);
    await expect(credentials()).rejects.toBeInstanceOf(SignInNeededError);
    user.typed = [user.cognito.password];
    await user.login();
    expect(user.said.join()).toContain("could be written by others");
    expect(statSync(user.stateFolder).mode & 0o777).toBe(0o700);
  });
});

describe("user status", () => {
  it("says who, which groups and role, where in S3 and until when, without a request", async () => {
    const { user } = fixture;
    user.cognito.claims = { email: "ann@example.com", "cognito:groups": ["editors"], "cognito:preferred_role": ROLE };
    await user.signedIn();
    const before = user.cognito.requests.length;
    const status = userStatus(user.settings());
    const lines = userStatusLines(status).join("\n");
    for (const words of ["ann (ann@example.com)", "editors", ROLE, `s3://uploads/users/${IDENTITY}/`, "ASIAFAKE0001"])
      expect(lines).toContain(words);
    expect(JSON.parse(userStatusJson(status))).toMatchObject({
      user: { name: "ann", groups: ["editors"] },
      s3: `s3://uploads/users/${IDENTITY}/`,
      credentials: { access_key_id: "ASIAFAKE0001" },
    });
    expect(`${lines}${userStatusJson(status)}`).not.toMatch(/refresh-1|secret\/key|session\/token|access\.1/);
    expect(user.cognito.requests).toHaveLength(before);
  });

  it("says that nobody is signed in", () => {
    const status = userStatus(fixture.user.settings());
    expect(userStatusLines(status).at(-1)).toContain("nobody: oidc-s3 user login");
    expect(JSON.parse(userStatusJson(status))).toMatchObject({ user: null, credentials: null });
  });
});

describe("user logout", () => {
  const leave = (everywhere = false) => signOut(fixture.user.settings(), { everywhere, report: fixture.user.report });

  it("revokes the refresh token and removes what is kept", async () => {
    const { user } = fixture;
    await user.signedIn();
    expect(await leave()).toBe(true);
    expect(user.cognito.requests.at(-1)).toMatchObject({ operation: "RevokeToken", input: { Token: "refresh-1" } });
    expect(user.traces).not.toMatch(/refresh-1|secret\/key/);
    expect(await leave()).toBe(false);
  });

  it("signs out everywhere, with a token that still counts", async () => {
    const { user } = fixture;
    await user.signedIn();
    pass(2 * HOUR);
    await leave(true);
    expect(user.cognito.requests.slice(-2)).toMatchObject([
      { operation: "GetTokensFromRefreshToken" },
      { operation: "GlobalSignOut", input: { AccessToken: "access.2.token" } },
    ]);
    expect(session()).toBeUndefined();
  });

  it("removes what is kept even where nothing could be revoked, and says so", async () => {
    const { user } = fixture;
    await user.signedIn();
    user.cognito.answers.set("RevokeToken", () => ({ cut: true }));
    await expect(leave()).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining("could not be revoked"),
    });
    expect(session()).toBeUndefined();
  });

  it("stays signed in where it could not sign out elsewhere: it may be tried again", async () => {
    const { user } = fixture;
    await user.signedIn();
    user.cognito.answers.set("GlobalSignOut", () => refuse("InternalErrorException", "", 500));
    await expect(leave(true)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining("stays signed in"),
    });
    expect(session()).toBeDefined();
  });

  it("takes what has ended already for signed out", async () => {
    const { user } = fixture;
    await user.signedIn();
    user.cognito.answers.set("RevokeToken", () => refuse("NotAuthorizedException", "Refresh Token has been revoked"));
    expect(await leave()).toBe(true);
  });
});

it("nothing that is secret is shown by an error, whatever the service echoes", async () => {
  const { user } = fixture;
  await user.signedIn();
  pass(2 * HOUR);
  user.cognito.answers.set("GetTokensFromRefreshToken", ({ RefreshToken }) =>
    refuse("InvalidParameterException", `bad token ${RefreshToken}`),
  );
  const error = await credentials().catch((thrown: unknown) => thrown);
  expect(`${(error as Error).message}${JSON.stringify(error)}`).not.toContain("refresh-1");
  expect((error as Error).message).toContain("bad token [redacted]");
});
