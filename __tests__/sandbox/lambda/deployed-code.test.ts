import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { GetFunctionCommandOutput } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { unpackDeployedCode } from "../../../sandbox/lambda/deployed-code";
import { type LoopbackServer, serveOnLoopback } from "../../../sandbox/process/loopback-server";

const zipOf = (files: Record<string, string>) =>
  Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
const ZIP = zipOf({ "index.mjs": "export const handler = 1;", "data/list.json": "[]" });

let zip: Buffer;
let fetches: number;
let server: LoopbackServer;
let folder: string;
beforeAll(async () => {
  server = await serveOnLoopback((request, response) => {
    fetches += 1;
    response.writeHead(request.url === "/zip" ? 200 : 404).end(zip);
  });
});
afterAll(() => server.close());
beforeEach(() => {
  zip = ZIP;
  fetches = 0;
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-code-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function unpack(Handler = "index.handler", hashed = zip, path = "/zip"): Promise<string> {
  const CodeSha256 = createHash("sha256").update(hashed).digest("base64");
  const deployed = {
    Configuration: { FunctionName: "vend", CodeSha256, Handler },
    Code: { Location: `${server.url}${path}` },
  };
  return unpackDeployedCode(deployed as GetFunctionCommandOutput, folder);
}

it("unpacks everything, and returns the handler's module", async () => {
  const module = await unpack();
  expect(readFileSync(module, "utf8")).toBe("export const handler = 1;");
  expect(readFileSync(join(dirname(module), "data/list.json"), "utf8")).toBe("[]");
});

it("finds a module below a folder, and CommonJS", async () => {
  zip = zipOf({ "src/api.cjs": "exports.main = 1;" });
  expect(await unpack("src/api.main")).toMatch(/\/src\/api\.cjs$/);
});

it("fetches the same code once, and other code of the same function again", async () => {
  expect(await unpack()).toBe(await unpack());
  expect(fetches).toBe(1);
  zip = zipOf({ "index.mjs": "export const handler = 2;" });
  expect(readFileSync(await unpack(), "utf8")).toBe("export const handler = 2;");
});

it("gives instances that start at once the same module, and leaves nothing half unpacked", async () => {
  const modules = await Promise.all([unpack(), unpack(), unpack()]);
  expect(new Set(modules).size).toBe(1);
  expect(readdirSync(folder)).toHaveLength(1);
});

it("writes nothing outside of its folder", async () => {
  zip = zipOf({ "../escaped.mjs": "", "index.mjs": "" });
  await unpack();
  expect(readdirSync(folder)).not.toContain("escaped.mjs");
});

it.each([
  [
    "code that is not what was deployed",
    () => unpack("index.handler", Buffer.from("other")),
    "is not the one whose hash",
  ],
  ["code that is not there", () => unpack("index.handler", zip, "/gone"), "not to be had: HTTP 404"],
  ["a handler without a module", () => unpack("main.handler"), "has no module for its handler main.handler"],
])("says so of %s", async (_, attempt, message) => {
  await expect(attempt()).rejects.toThrow(message);
});
