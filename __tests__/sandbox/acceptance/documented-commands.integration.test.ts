import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOCUMENTED, shellIn } from "../../../sandbox/acceptance/documented-commands";
import { type LoopbackServer, readBody, serveOnLoopback } from "../../../sandbox/process/loopback-server";

let folder: string;
let server: LoopbackServer;
let seen: {
  method?: string | undefined;
  url?: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
};
let answer: { status: number; body: string };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-curl-"));
  server = await serveOnLoopback(async (request, response) => {
    const { method, url, headers } = request;
    seen = { method, url, headers, body: (await readBody(request, 1000)).toString() };
    response.writeHead(answer.status).end(answer.body);
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

const variables = () => {
  const { url } = server;
  return {
    CLIENT_ID: "id",
    CLIENT_SECRET: "s",
    CLIENT_SECRETE: "s",
    DOMAIN_NAME: url,
    API_ENDPOINT: `${url}/dev/`,
    ACCESS_TOKEN: "t",
  };
};
const BASIC = `Basic ${btoa("id:s")}`;

it("tells the status and the body, empty or with lines in it", async () => {
  const run = await shellIn(folder);
  for (const body of ["", "one\ntwo", '{"message":"Unauthorized"}']) {
    answer = { status: 401, body };
    expect(await run(DOCUMENTED.call("GET", "/book"), variables())).toEqual({ status: 401, body });
  }
  expect(seen).toMatchObject({ method: "GET", url: "/dev/book", headers: { authorization: "t" } });
});

it("sends the parameters in the query string with no body, or in the body", async () => {
  answer = { status: 200, body: "{}" };
  const run = await shellIn(folder);
  await run(DOCUMENTED.token, variables());
  expect(seen).toMatchObject({
    method: "POST",
    url: "/oauth2/token?grant_type=client_credentials",
    headers: { authorization: BASIC, "content-type": "application/x-www-form-urlencoded" },
    body: "",
  });
  await run(DOCUMENTED.tokenForScopes(["m2m-client/read", "m2m-client/write"]), variables());
  expect(seen).toMatchObject({
    method: "POST",
    url: "/oauth2/token",
    headers: { authorization: BASIC, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials&scope=m2m-client/read m2m-client/write",
  });
});

it("heeds no proxy and no configuration of the user's", async () => {
  const home = process.env.HOME;
  process.env.HOME = folder;
  process.env.http_proxy = "http://127.0.0.1:1";
  writeFileSync(join(folder, ".netrc"), "machine 127.0.0.1 login other password other\n");
  try {
    answer = { status: 200, body: "there" };
    const run = await shellIn(join(folder, "own"));
    expect(await run(DOCUMENTED.call("GET", "/book"), variables())).toEqual({ status: 200, body: "there" });
  } finally {
    process.env.HOME = home;
    delete process.env.http_proxy;
  }
});

it("fails where nobody answers", async () => {
  const run = await shellIn(folder);
  await expect(run("curl http://127.0.0.1:1/", {})).rejects.toThrow(/curl/);
});
