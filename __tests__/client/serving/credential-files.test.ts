import { chmodSync, existsSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialFiles, writeCredentialFiles } from "../../../client/serving/daemon";

const CREDENTIALS = {
  accessKeyId: "ASIAFAKE0001",
  secretAccessKey: "secret/key+1=",
  sessionToken: "session/token+1==",
  expiration: new Date("2026-11-21T10:00:00Z"),
  bucket: "uploads",
  prefix: "logs/",
  region: "eu-west-1",
  clockAheadSeconds: 0,
};

it("are plain for every reader: nothing in them needs quotes", () => {
  expect(credentialFiles(CREDENTIALS)["aws-credentials.env"]).toBe(
    "AWS_ACCESS_KEY_ID=ASIAFAKE0001\nAWS_SECRET_ACCESS_KEY=secret/key+1=\nAWS_SESSION_TOKEN=session/token+1==\n" +
      "AWS_CREDENTIAL_EXPIRATION=2026-11-21T10:00:00.000Z\nAWS_REGION=eu-west-1\n",
  );
});

it.each([
  { secretAccessKey: "$(id)" },
  { sessionToken: "a\nPATH=/tmp" },
  { accessKeyId: "a`id`" },
  { region: "eu-west-1; id" },
  { region: "" },
])("a value that a shell would read otherwise is not written, and not shown: %j", (change) => {
  const [value] = Object.values(change);
  expect(() => credentialFiles({ ...CREDENTIALS, ...change })).toThrow(/would not be read alike/);
  try {
    credentialFiles({ ...CREDENTIALS, ...change });
  } catch (error) {
    if (value !== "") expect((error as Error).message).not.toContain(value);
  }
});

describe("the folder they are put into", () => {
  let above: string;
  beforeEach(() => {
    above = mkdtempSync(join(tmpdir(), "oidc-s3-files-"));
  });
  afterEach(() => rmSync(above, { recursive: true }));

  const refused = (folder: string, message: RegExp, remedy: RegExp) => {
    expect(() => writeCredentialFiles(folder, CREDENTIALS)).toThrow(
      expect.objectContaining({
        code: "folder_not_private",
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      }),
    );
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  };

  it("is made where it is not there yet", () => {
    writeCredentialFiles(join(above, "creds"), CREDENTIALS);
    expect(readdirSync(join(above, "creds")).sort()).toEqual([
      "aws-credentials.env",
      "aws-credentials.json",
      "credentials",
    ]);
  });

  it.each([
    ["its group", 0o770],
    ["every user", 0o777],
    ["every user, even if sticky as /tmp", 0o1777],
  ])("is refused where %s could put others there", (_who, mode) => {
    const folder = join(above, "creds");
    mkdirSync(folder);
    chmodSync(folder, mode);
    refused(folder, /creds can be written by/, /^chmod go-w .*creds, or name a folder of this user's own/);
  });

  it("is refused where others could exchange it, by a folder above it", () => {
    chmodSync(above, 0o777);
    refused(join(above, "creds"), new RegExp(`${above} can be written by every user`), /^chmod go-w/);
    mkdirSync(join(above, "creds"), { mode: 0o700 });
    refused(join(above, "creds"), new RegExp(`${above} can be written by every user`), /^chmod go-w/);
  });

  it("is refused where another user owns a link on the way to it", () => {
    mkdirSync(join(above, "real"), { mode: 0o700 });
    const link = join(above, "link");
    symlinkSync(join(above, "real"), link);
    // Root may change everything anyway, and everybody else sees a link of theirs as this user's with another id.
    if (process.getuid?.() === 0) lchownSync(link, 7, 7);
    const uid = jest.spyOn(process, "getuid").mockReturnValue(54321);
    try {
      refused(link, /belongs to another user \(uid \d+\)/, /^chown it to root or this user, or name/);
    } finally {
      uid.mockRestore();
    }
  });
});
