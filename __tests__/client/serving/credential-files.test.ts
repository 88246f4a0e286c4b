import { credentialFiles } from "../../../client/serving/daemon";

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
