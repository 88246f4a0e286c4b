import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CognitoIdentityProviderClient, ResourceNotFoundException } from "@aws-sdk/client-cognito-identity-provider";
import type { ClientActivity } from "../../access/client-activity";
import type { ClientRole } from "../../access/client-role";
import { parseArguments } from "../../fleet/arguments";
import { ClientSecrets } from "../../fleet/client-secrets";
import type { Fleet } from "../../fleet/fleet";
import { type RotationRequest, rotate } from "../../fleet/rotate";
import { secretFingerprint } from "../../terminal/secret-fingerprint";

const NOW = 1_790_000_000;
const POOL = "eu-west-1_a";
const NEW = "n3wsecret".repeat(6);
const OLD = "0123456789ab";
let fingerprint: string;
beforeAll(async () => {
  fingerprint = await secretFingerprint(NEW);
});
const SERVER = { serverName: "db-01", clientId: "id-of-db-01" } as ClientRole;

/** What Cognito has, and what was sent to it. */
let secrets: { id: string; created: number }[];
let sent: { operation: string; input: Readonly<Record<string, unknown>> }[];
/** Instead of an operation's answer, once. */
let faults: Record<string, () => never>;
let value: string | undefined;
let seen: Omit<ClientActivity, "clientId"> | undefined;
let folder: string;
let file: string;

beforeEach(() => {
  secrets = [{ id: "first", created: NOW - 86_400 }];
  sent = [];
  faults = {};
  value = NEW;
  seen = undefined;
  folder = mkdtempSync(join(tmpdir(), "rotate-"));
  file = join(folder, "db-01.env");
});

function answer(operation: string, input: Readonly<Record<string, unknown>>): object {
  const fault = faults[operation];
  delete faults[operation];
  fault?.();
  switch (operation) {
    case "DescribeUserPoolDomain":
      return { DomainDescription: input.Domain === "oidc-s3-dev-123456789012" ? { UserPoolId: POOL } : {} };
    case "ListUserPoolClientSecrets": {
      const listed = secrets.map(({ id, created }) => ({
        ClientSecretId: id,
        ClientSecretCreateDate: new Date(created * 1000),
      }));
      // Cognito does not say in what order.
      return { ClientSecrets: listed.reverse() };
    }
    case "AddUserPoolClientSecret":
      if (secrets.length > 1) throw Object.assign(new Error("two already"), { name: "LimitExceededException" });
      secrets.push({ id: "second", created: NOW });
      return { ClientSecretDescriptor: { ClientSecretId: "second", ClientSecretValue: value } };
    default: {
      const others = secrets.filter(({ id }) => id !== input.ClientSecretId);
      if (others.length === secrets.length) throw new ResourceNotFoundException({ message: "none", $metadata: {} });
      secrets = others;
      return {};
    }
  }
}

async function run(more: readonly string[] = [], ask?: () => Promise<boolean>, account = "123456789012") {
  const cognito = new CognitoIdentityProviderClient({ region: "eu-west-1" });
  jest.spyOn(cognito, "send").mockImplementation(async (command: { input: object; constructor: { name: string } }) => {
    const operation = command.constructor.name.replace(/Command$/, "");
    const input = command.input as Readonly<Record<string, unknown>>;
    sent.push({ operation, input });
    return answer(operation, input);
  });
  const lines: string[] = [];
  const activity = new Map(seen === undefined ? [] : [[SERVER.clientId, { clientId: SERVER.clientId, ...seen }]]);
  await rotate(parseArguments(["dev", "rotate", "db-01", ...more]) as RotationRequest, {
    fleet: { servers: async () => new Map([["db-01", SERVER]]), activity: async () => activity } as unknown as Fleet,
    identify: async () => ({ arn: `arn:aws:sts::${account}:assumed-role/Operator/ada`, now: NOW }),
    secrets: (accountId) => ClientSecrets.of(cognito, { projectName: "oidc-s3", environment: "dev" }, accountId),
    ask,
    print: (line) => lines.push(line),
  });
  return lines.join("\n");
}
const ids = () => secrets.map(({ id }) => id);
const yes = async () => true;

it("goes through: a second secret in a file, both valid, the old one taken away", async () => {
  expect(await run()).toContain("db-01: one secret, made 2026-09-20T14:13:20Z; no rotation is under way");
  const begun = await run(["--to", file]);
  expect(begun).toContain(`a second secret, fingerprint ${await secretFingerprint(NEW)}, is in ${file}`);
  expect(begun).not.toContain(NEW);
  expect(readFileSync(file, "utf8").split("\n").at(-2)).toBe(`COGNITO_CLIENT_SECRET="${NEW}"`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["db-01.env"]);
  expect(ids()).toEqual(["first", "second"]);

  expect(await run()).toContain(
    "db-01: two secrets: the old one, made 2026-09-20T14:13:20Z, and the new one, 2026-09-21T14:13:20Z",
  );
  expect(await run(["--finish"], yes)).toContain("db-01: the new secret is the only one, made 2026-09-21T14:13:20Z");
  expect(ids()).toEqual(["second"]);
  const calls = sent.filter(({ operation }) => operation !== "DescribeUserPoolDomain");
  for (const { input } of calls) expect(input).toMatchObject({ UserPoolId: POOL, ClientId: SERVER.clientId });
});

it("is gone back on: the new secret is taken away", async () => {
  await run(["--to", file]);
  expect(await run(["--cancel"], yes)).toContain("db-01: the old secret is the only one");
  expect(ids()).toEqual(["first"]);
});

it.each(["--finish", "--cancel"])("%s takes nothing away where there is one secret, run again too", async (step) => {
  expect(await run([step, "--yes"])).toContain("one secret");
  expect(ids()).toEqual(["first"]);
});

describe("before a secret is taken away", () => {
  beforeEach(() => run(["--to", file]));

  it("somebody is asked, and no is no", async () => {
    const questions: string[] = [];
    const ask = async (question?: string) => {
      questions.push(question ?? "");
      return false;
    };
    await expect(run(["--finish"], ask)).rejects.toThrow("nothing was done");
    await expect(run(["--finish"])).rejects.toThrow("Nobody can be asked here: add --yes");
    expect(questions).toEqual([expect.stringContaining("take the old secret of db-01 away for ever")]);
    expect(ids()).toEqual(["first", "second"]);
  });

  it.each<[string, typeof seen, string]>([
    ["never", undefined, "the server was never given credentials"],
    [
      "before",
      { lastSeen: NOW - 1 },
      "is not known to have been given credentials since: noted last at 2026-09-21T14:13:19Z",
    ],
    [
      "since",
      { lastSeen: NOW },
      "given credentials since, noted last at 2026-09-21T14:13:20Z, and did not say by which secret",
    ],
    ["since, and says", { lastSeen: NOW, secretFingerprint: OLD }, `by the secret with the fingerprint ${OLD}`],
  ])("it is said what is known of the server: seen %s", async (_, at, says) => {
    seen = at;
    expect(await run()).toContain(says);
    expect(await run(["--finish", "--yes"])).toContain(says);
    expect(ids()).toEqual(["second"]);
  });

  it.each<[string, () => typeof seen]>([
    ["was never seen", () => undefined],
    ["says nothing", () => ({ lastSeen: NOW + 60 })],
    ["says the old one", () => ({ lastSeen: NOW + 60, secretFingerprint: OLD })],
    ["said it before it was made", () => ({ lastSeen: NOW - 1, secretFingerprint: fingerprint })],
  ])("the new one must be in use where its fingerprint is named: a server that %s keeps the old one", async (_, at) => {
    seen = at();
    await expect(run(["--finish", fingerprint, "--yes"])).rejects.toThrow(
      `nothing was done: the new secret, ${fingerprint}, is not known to be in use by db-01. Run oidc-s3 doctor on the server`,
    );
    expect(ids()).toEqual(["first", "second"]);
  });

  it("the new one is in use where the server has said so since", async () => {
    seen = { lastSeen: NOW, secretFingerprint: fingerprint };
    await run(["--finish", fingerprint], yes);
    expect(ids()).toEqual(["second"]);
  });
});

describe("interrupted", () => {
  const broken = () => {
    throw new Error("connection lost");
  };

  it.each(["ListUserPoolClientSecrets", "AddUserPoolClientSecret"])(
    "at %s it leaves no file, and begins again",
    async (operation) => {
      faults[operation] = broken;
      await expect(run(["--to", file])).rejects.toThrow("connection lost");
      expect(readdirSync(folder)).toEqual([]);
      await run(["--to", file]);
      expect(ids()).toEqual(["first", "second"]);
    },
  );

  it("after the secret was made and before it was told, it says so; --cancel and a new begin go through", async () => {
    secrets.push({ id: "lost", created: NOW - 10 });
    await expect(run(["--to", file])).rejects.toThrow(
      "If it is lost, take the new secret away with --cancel and begin again",
    );
    expect(readdirSync(folder)).toEqual([]);
    await run(["--cancel", "--yes"]);
    await run(["--to", file]);
    expect(ids()).toEqual(["first", "second"]);
  });

  it("after the file was written, the same command says where it is and leaves the file alone", async () => {
    await run(["--to", file]);
    const before = readFileSync(file, "utf8");
    expect(await run(["--to", file])).toContain("db-01: two secrets");
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(ids()).toEqual(["first", "second"]);
  });

  it("at the deletion, it goes through the next time", async () => {
    await run(["--to", file]);
    faults.DeleteUserPoolClientSecret = broken;
    await expect(run(["--finish", "--yes"])).rejects.toThrow("connection lost");
    await run(["--finish", "--yes"]);
    expect(ids()).toEqual(["second"]);
  });

  it("by another operator who finished first, it ends the same", async () => {
    await run(["--to", file]);
    const text = await run(["--finish"], async () => {
      secrets.shift();
      return true;
    });
    expect(text).toContain("the new secret is the only one");
    expect(ids()).toEqual(["second"]);
  });
});

describe("a file that cannot be written", () => {
  it("is refused before a secret is made, where there is one already or no folder", async () => {
    writeFileSync(file, "of somebody else");
    await expect(run(["--to", file])).rejects.toThrow("is there already, and is left as it is");
    await expect(run(["--to", join(folder, "none", "db-01.env")])).rejects.toThrow("cannot be written: ENOENT");
    expect(readFileSync(file, "utf8")).toBe("of somebody else");
    expect(ids()).toEqual(["first"]);
  });

  it("after the secret was made takes it away again", async () => {
    faults.AddUserPoolClientSecret = (() => writeFileSync(file, "of somebody else")) as () => never;
    await expect(run(["--to", file])).rejects.toThrow(
      "the new secret could not be handed over: .* it was taken away again".replace(
        ".*",
        `${file} is there already, and is left as it is: name another file;`,
      ),
    );
    expect(readFileSync(file, "utf8")).toBe("of somebody else");
    expect(readdirSync(folder)).toEqual(["db-01.env"]);
    expect(ids()).toEqual(["first"]);
  });

  it("and a secret that cannot be taken away again are both told", async () => {
    faults.AddUserPoolClientSecret = (() => writeFileSync(file, "")) as () => never;
    faults.DeleteUserPoolClientSecret = () => {
      throw new Error("connection lost");
    };
    await expect(run(["--to", file])).rejects.toThrow(
      "nor could it be taken away again: connection lost. Do so with --cancel",
    );
    expect(ids()).toEqual(["first", "second"]);
  });

  it("nor is one written with what Cognito's secrets never are", async () => {
    value = 'a"\nAWS_ENDPOINT_URL=http://elsewhere';
    await expect(run(["--to", file])).rejects.toThrow("it was taken away again");
    expect(readdirSync(folder)).toEqual([]);
    expect(ids()).toEqual(["first"]);
  });
});

it("an account without the user pool, and a server that is not there, are named", async () => {
  await expect(run([], undefined, "210987654321")).rejects.toThrow(
    "no user pool has the domain oidc-s3-dev-210987654321",
  );
  await expect(
    rotate(
      { environment: "dev", action: "rotate", name: "db-1", cancel: false, yes: false },
      {
        fleet: { servers: async () => new Map([["db-01", SERVER]]) } as unknown as Fleet,
        identify: async () => ({ arn: "arn:aws:iam::123456789012:user/ada", now: NOW }),
        secrets: () => Promise.reject(new Error("not asked")),
        print: () => {},
      },
    ),
  ).rejects.toThrow("no server db-1 is deployed, so nothing was done; did you mean db-01?");
});
