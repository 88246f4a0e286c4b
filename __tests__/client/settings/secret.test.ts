import { chmodSync, chownSync, lchownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { ENVIRONMENT, SettingsFixture, without } from "../support/settings-fixture";

const files = new SettingsFixture();

describe("the secret", () => {
  const env = without("COGNITO_CLIENT_SECRET");

  it("may stand in a file of its own, or in systemd's folder", () => {
    const path = join(files.folder, "cognito-client-secret");
    writeFileSync(path, "from-a-file\n", { mode: 0o600 });
    expect(files.load({ env: { ...env, COGNITO_CLIENT_SECRET_FILE: path } }).clientSecret.reveal()).toBe("from-a-file");
    expect(files.load({ env: { ...env, CREDENTIALS_DIRECTORY: files.folder } }).clientSecret.reveal()).toBe(
      "from-a-file",
    );
    const configFile = files.file("a.env", { COGNITO_CLIENT_SECRET_FILE: path });
    expect(files.load({ env, configFile }).clientSecret.reveal()).toBe("from-a-file");
    expect(files.load({ env: { ...ENVIRONMENT, COGNITO_CLIENT_SECRET_FILE: path } }).clientSecret.reveal()).toBe(
      "the-secret",
    );
  });

  it("a file that is named and not there, or empty, is a fault", () => {
    expect(files.faultsOf({ env: { ...env, COGNITO_CLIENT_SECRET_FILE: "/nowhere/s" } }).join()).toMatch(
      /\/nowhere\/s .*does not exist/,
    );
    const empty = join(files.folder, "empty");
    writeFileSync(empty, "\n");
    expect(files.faultsOf({ env: { ...env, COGNITO_CLIENT_SECRET_FILE: empty } }).join()).toMatch(/is empty/);
  });

  it("is never taken from another server's file than the client id", () => {
    const configFile = files.file("a.env", { COGNITO_CLIENT_ID: "clientofa" });
    files.file("default.env", { COGNITO_CLIENT_SECRET: "of-b" });
    const found = files.faultsOf({ env: without("COGNITO_CLIENT_ID", "COGNITO_CLIENT_SECRET"), configFile });
    expect(found.join()).toMatch(/put both in one file/);
  });

  it.each([
    [0o600, [], []],
    [0o640, [], []],
    [0o644, [/can be read by every user: chmod 0600/], []],
    [0o666, [], [/can be written by every user/]],
  ])("in a file of mode %o: warnings %p, faults %p", (mode, warned, refused) => {
    const configFile = files.file("a.env", ENVIRONMENT, mode);
    const found = refused.length > 0 ? files.faultsOf({ env: {}, configFile }) : [];
    if (refused.length === 0) files.load({ env: {}, configFile });
    expect(found).toEqual(refused.map((pattern) => expect.stringMatching(pattern)));
    expect(files.warnings).toEqual(warned.map((pattern) => expect.stringMatching(pattern)));
  });

  it("one that others could write is refused too where the secret stands elsewhere", () => {
    const configFile = files.file("a.env", { COGNITO_TOKEN_ENDPOINT: "https://attacker.example/" }, 0o666);
    expect(files.faultsOf({ configFile })).toEqual([
      expect.stringMatching(/a\.env is not used.*can be written by every user of this machine: chmod go-w/),
    ]);
    files.file("default.env", { COGNITO_TOKEN_ENDPOINT: "https://attacker.example/" }, 0o664);
    expect(files.faultsOf({})).toEqual([
      expect.stringMatching(/default\.env is not used.*can be written by its group/),
    ]);
  });

  it("so is one in a folder that others could write, or reached over such a folder", () => {
    const open = join(files.folder, "open");
    mkdirSync(open);
    mkdirSync(join(open, "below"));
    const real = files.file("open/below/a.env", ENVIRONMENT);
    const private_ = files.file("b.env", ENVIRONMENT);
    symlinkSync(private_, join(open, "link.env"));
    symlinkSync(join(open, "below"), join(files.folder, "way"));
    for (const mode of [0o777, 0o775]) {
      chmodSync(open, mode);
      for (const path of [real, join(open, "link.env"), join(files.folder, "way/a.env")]) {
        expect(files.faultsOf({ env: {}, configFile: path })).toEqual([
          expect.stringMatching(/open can be written by/),
        ]);
      }
    }
    // As /tmp has it: nobody can exchange what belongs to somebody else.
    chmodSync(open, 0o1777);
    expect(() => files.load({ env: {}, configFile: real })).not.toThrow();
  });

  it("so is one that belongs to another user, or is reached over a link or a folder of theirs", () => {
    const configFile = files.file("a.env", ENVIRONMENT);
    symlinkSync(configFile, join(files.folder, "link.env"));
    const another = 54321;
    const uid = jest.spyOn(process, "getuid").mockReturnValue(another);
    const belongs = /belongs to another user \(uid \d+\), who could change it: chown it to root or this user/;
    try {
      if (statSync(files.folder).uid === 0) {
        // Root may change everything anyway.
        expect(() => files.load({ env: {}, configFile: join(files.folder, "link.env") })).not.toThrow();
        lchownSync(join(files.folder, "link.env"), 7, 7);
        expect(files.faultsOf({ env: {}, configFile: join(files.folder, "link.env") })[0]).toMatch(
          /link\.env belongs to another/,
        );
        chownSync(files.folder, 7, 7);
        expect(files.faultsOf({ env: {}, configFile })[0]).toMatch(belongs);
        chownSync(files.folder, another, another);
        chownSync(configFile, 7, 7);
      }
      expect(files.faultsOf({ env: {}, configFile })[0]).toMatch(belongs);
    } finally {
      uid.mockRestore();
    }
  });

  it("/dev/null may be named, which everybody can write", () => {
    expect(() => files.load({ configFile: "/dev/null" })).not.toThrow();
  });

  it("a file without a secret may be readable by all", () => {
    files.load({ configFile: files.file("a.env", { S3_BUCKET: "uploads" }, 0o644) });
    expect(files.warnings).toEqual([]);
  });

  it("is redacted wherever it is printed", () => {
    const settings = files.load();
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
