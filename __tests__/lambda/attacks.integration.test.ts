import { type Attack, attacks } from "./support/attacks";
import { BUCKET, BundledFunction, bundleBeside, functionEnvironment } from "./support/bundled-function";
import { CLIENT_ROLE, CloudStub, SECRET_KEY } from "./support/cloud-stub";
import { nodeBinaries } from "./support/node-versions";
import { jwks, sign, signingKey } from "./support/tokens";

// Processes start slowly on a busy machine.
jest.setTimeout(30_000);

const key = signingKey("pool-key");
const stub = new CloudStub(jwks(key));
const bundle = bundleBeside(stub);

interface Row {
  readonly attack: string;
  readonly expected: string;
  readonly got: string;
}

function table(title: string, rows: readonly Row[]): string {
  const [first, second] = [widest(rows.map(({ attack }) => attack)), widest(rows.map(({ expected }) => expected))];
  const line = (attack: string, expected: string, got: string) =>
    `  ${attack.padEnd(first)}  ${expected.padEnd(second)}  ${got}`;
  const lines = rows.map(({ attack, expected, got }) => line(attack, expected, got === expected ? "the same" : got));
  return `\nAttacks on the bundled handler, ${title}\n${[line("ATTACK", "EXPECTED", "GOT"), ...lines].join("\n")}\n`;
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

async function mount({ event, name }: Attack, lambda: BundledFunction): Promise<string> {
  const { statusCode, headers, body } = await lambda.invoke({ ...event, requestContext: { requestId: name } });
  expect(headers).toMatchObject({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  const answer = JSON.parse(body);
  if (statusCode !== 200) {
    expect(Object.keys(answer).sort()).toEqual(["error", "error_description", "request_id"]);
    expect(body).not.toContain(SECRET_KEY);
    expect(Object.hasOwn(headers, "WWW-Authenticate") || statusCode !== 401).toBe(true);
  }
  return `${statusCode} ${statusCode === 200 && answer.credentials.secret_access_key ? "credentials" : answer.error}`;
}

describe.each(nodeBinaries())("on $name", ({ name, path }) => {
  let lambda: BundledFunction;
  beforeAll(async () => {
    lambda = await BundledFunction.start(bundle.path, functionEnvironment(stub.url), path);
  });
  afterAll(() => lambda.stop());

  it("every attack is refused for the expected reason", async () => {
    const answers: string[] = [];
    const catalogue = attacks(key, stub.url);
    for (const attack of catalogue) {
      stub.reset();
      answers.push(await mount(attack, lambda));
      if (attack.status === 200) expect(vended()).toEqual([CLIENT_ROLE.roleArn, attack.actions]);
      else expect([attack.name, stub.calls.sts, stub.calls.activity]).toEqual([attack.name, 0, 0]);
      if (attack.status === 401) expect([attack.name, stub.calls.dynamodb]).toEqual([attack.name, 0]);
      expect(stub.strayPaths).toEqual([]);
    }
    const logged = (await lambda.newRecords()).filter(({ decision }) => decision !== undefined);
    expect(logged).toHaveLength(catalogue.length);
    const rows = catalogue.map(({ name: attack, status, outcome, reason }, index) => ({
      attack,
      expected: `${status} ${outcome} ${reason}`,
      got: `${answers[index]} ${logged.find(({ request_id }) => request_id === attack)?.reason ?? ""}`,
    }));
    process.stdout.write(table(name, rows));
    expect(rows.filter(({ expected, got }) => expected !== got)).toEqual([]);
  });

  it("afterwards a good token is served", async () => {
    const result = await lambda.invoke({ body: JSON.stringify({ access_token: sign(key) }) });
    expect(result.statusCode).toBe(200);
  });
});

/** What STS was asked for: the role, and the actions of a session policy for the mapping's prefix alone. */
function vended(): [string | null, string[]] {
  const policy = JSON.parse(stub.lastAssumeRole.get("Policy") ?? "{}");
  expect(policy.Statement).toHaveLength(1);
  expect(policy.Statement[0].Resource).toBe(`arn:aws:s3:::${BUCKET}/${CLIENT_ROLE.s3PathPrefix}*`);
  return [stub.lastAssumeRole.get("RoleArn"), policy.Statement[0].Action];
}
