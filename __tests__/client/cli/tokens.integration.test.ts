import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientFixture } from "../support/client-fixture";

jest.setTimeout(60_000);

const fixture = clientFixture();
const { client } = fixture;

/** As a client of an API has it: no vending API, no bucket, no prefix. */
function environment() {
  const { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET } = fixture.services.environment;
  return { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, XDG_CACHE_HOME: fixture.home };
}
const run = (...args: string[]) => client.run(args, environment());
const api = () => `${fixture.services.origin}/api/book`;

describe("token", () => {
  it("prints it, from the token endpoint and from the cache, and nothing else", async () => {
    for (const args of [[], [], ["--header"], ["--header"], ["--scope", "a/read"], ["--scope", "a/read", "--header"]]) {
      const value = args.includes("--scope") ? "header.2.signature" : "header.1.signature";
      const text = args.includes("--header") ? `Authorization: Bearer ${value}` : value;
      expect(await run("token", ...args)).toMatchObject({ code: 0, stdout: `${text}\n`, stderr: "" });
    }
    expect(fixture.services.tokenRequests).toHaveLength(2);
    const json = await run("token", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ access_token: "header.1.signature", token_type: "Bearer" });
    expect(await run("token", "--fresh")).toMatchObject({ stdout: "header.3.signature\n" });
    expect(await run("token")).toMatchObject({ stdout: "header.3.signature\n" });
  });

  it("twenty at once cause one request", async () => {
    fixture.services.token = () => ({ delayMs: 300 });
    const runs = await Promise.all(Array.from({ length: 20 }, () => run("token", "--scope", "a/read b/write")));
    expect(runs.filter(({ code, stderr }) => code !== 0 || stderr !== "")).toEqual([]);
    expect(new Set(runs.map(({ stdout }) => stdout))).toEqual(new Set(["header.1.signature\n"]));
    expect(fixture.services.tokenRequests).toHaveLength(1);
  });

  it("goes into curl by a pipe, and into no command line", async () => {
    const script = `"$0" "$1" token --header | curl --silent --show-error -H @- "$2"`;
    const sent = await client.startProgram("sh", ["-c", script, process.execPath, client.file, api()], environment())
      .ended;
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    expect(fixture.services.vendingRequests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer header.1.signature",
    ]);
  });

  it("on a terminal says what it means that the token can be seen", async () => {
    const terminal = join(__dirname, "../support/pseudo_terminal.py");
    const { stdout } = await client.startProgram(
      "python3",
      [terminal, process.execPath, client.file, "token"],
      environment(),
    ).ended;
    expect(stdout).toMatch(/^header\.1\.signature\r?\noidc-s3: whoever sees this token is this client until 20\S+Z/m);
  });

  it.each([
    ["usage: two forms", ["token", "--header", "--json"], 2, /cannot be used with/],
    ["usage: a scope", ["token", "--scope", 'a"b'], 2, /is not a scope/],
    ["usage: an URL", ["call", "GET", "http://api.example.com/"], 2, /must start with https/],
    ["usage: no URL", ["call", "GET"], 2, /missing required argument 'url'/],
    ["usage: a time", ["call", "GET", "https://api.example.com/", "--timeout", "0"], 2, /1 to 3600/],
    ["settings", ["token", "--client-id", ""], 3, /missing: COGNITO_CLIENT_ID/],
  ])("exit code for %s", async (_, args, code, message) =>
    expect(await run(...args)).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) }),
  );
});

describe("call", () => {
  it("prints the body and nothing else, and its exit code is that of the status", async () => {
    fixture.services.vending = () => ({ body: "your GET for /book is completed\n" });
    expect(await run("call", "GET", api())).toMatchObject({
      code: 0,
      stdout: "your GET for /book is completed\n",
      stderr: "",
    });
    fixture.services.vending = () => ({ status: 404, body: { message: "no such book" } });
    expect(await run("call", "GET", api(), "--include")).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(
        /^404 Not Found\ncontent-type: application\/json\n[\s\S]*\n\n\{"message":"no such book"\}$/,
      ),
      stderr: expect.stringMatching(/^oidc-s3: the API answered 404 Not Found\noidc-s3: what to do: /),
    });
    fixture.services.vending = () => ({ status: 503 });
    expect(await run("call", "GET", api())).toMatchObject({ code: 5 });
    fixture.services.vending = () => ({ cut: true });
    expect(await run("call", "GET", api())).toMatchObject({ code: 5, stdout: "" });
  });

  it("sends a file or the standard input", async () => {
    const path = join(fixture.home, "user.json");
    writeFileSync(path, '{"name":"a"}');
    await run("call", "POST", api(), "--data", `@${path}`);
    const script = `echo '{"name":"b"}' | "$0" "$1" call POST "$2" --data -`;
    await client.startProgram("sh", ["-c", script, process.execPath, client.file, api()], environment()).ended;
    expect(fixture.services.vendingRequests.map(({ body }) => body)).toEqual(['{"name":"a"}', '{"name":"b"}\n']);
  });

  it("shows no token in what it says, and asks for one more at most", async () => {
    fixture.services.vending = ({ headers }) => ({
      status: 401,
      headers: { "x-amzn-requestid": `${headers.authorization}` },
    });
    await run("token");
    const { code, stderr } = await run("call", "GET", api());
    expect([code, stderr.includes("signature"), stderr.includes("[redacted]")]).toEqual([4, false, true]);
    expect([fixture.services.tokenRequests.length, fixture.services.vendingRequests.length]).toEqual([2, 2]);
  });
});
