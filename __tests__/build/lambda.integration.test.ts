import { builtinModules } from "node:module";
import { gzipSync } from "node:zlib";
import { bundleLambda } from "../../build/lambda";
import { BundledFunction, BundleFile, functionEnvironment } from "../lambda/support/bundled-function";
import { CloudStub } from "../lambda/support/cloud-stub";
import { jwks, sign, signingKey } from "../lambda/support/tokens";

// Processes start slowly on a busy machine.
jest.setTimeout(30_000);

const text = (code: Uint8Array) => Buffer.from(code).toString("utf8");

it("equal sources give equal bytes", async () => {
  const [first, second] = await Promise.all([bundleLambda(), bundleLambda()]);
  expect(Buffer.compare(first.code, second.code)).toBe(0);
});

describe("the bundle", () => {
  let code: Uint8Array;
  beforeAll(async () => {
    ({ code } = await bundleLambda());
  });

  it("is below 120 kB, and 45 kB compressed", () => {
    expect(code.length).toBeLessThan(120_000);
    expect(gzipSync(code).length).toBeLessThan(45_000);
  });

  it("imports nothing but Node.js's own modules", () => {
    const statements = text(code).matchAll(/(?:^|[;}])import(?:[\w*{][^"'();]*)?"([^"]+)"/gm);
    const calls = text(code).matchAll(/\b(?:import|require)\("([^"]+)"\)/g);
    const imported = [...statements, ...calls].map(([, name = ""]) => name.replace(/^node:/, ""));
    expect(imported).toEqual(expect.arrayContaining(["module", "https", "crypto"]));
    expect(imported.filter((name) => !builtinModules.includes(name))).toEqual([]);
    // Its import would load undici with it, on Node.js 22.
    expect(imported).not.toContain("http");
  });

  it("names no folder of the machine that it was built on", () => {
    expect(text(code)).not.toContain(process.cwd());
  });

  it("exports the handler", () => {
    expect(text(code)).toMatch(/export\{\w+ as handler\};?\s*$/);
  });
});

describe("an instance", () => {
  const key = signingKey("pool-key");
  const stub = new CloudStub(jwks(key));
  const bundle = new BundleFile();
  const good = { body: JSON.stringify({ access_token: sign(key) }) };
  beforeAll(async () => {
    await Promise.all([stub.start(), bundle.build()]);
  });
  afterAll(async () => {
    await stub.stop();
    bundle.remove();
  });
  afterEach(() => stub.reset());

  it("asks nobody for anything while it starts, and fetches the keys once for all requests", async () => {
    const lambda = await BundledFunction.start(bundle.path, functionEnvironment(stub.url));
    try {
      expect(stub.calls).toMatchObject({ jwks: 0, dynamodb: 0, sts: 0 });
      for (let n = 0; n < 3; n++) expect((await lambda.invoke(good)).statusCode).toBe(200);
      expect(stub.calls).toMatchObject({ jwks: 1, dynamodb: 3, sts: 3 });
    } finally {
      await lambda.stop();
    }
  });

  it("follows the endpoint that is set for one service", async () => {
    const lambda = await BundledFunction.start(bundle.path, {
      ...functionEnvironment(stub.url),
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ENDPOINT_URL_DYNAMODB: stub.url,
      AWS_ENDPOINT_URL_STS: stub.url,
    });
    try {
      expect((await lambda.invoke(good)).statusCode).toBe(200);
    } finally {
      await lambda.stop();
    }
  });

  it("without its own credentials in the environment answers 500 and asks for none elsewhere", async () => {
    const { AWS_ACCESS_KEY_ID: _, ...environment } = functionEnvironment(stub.url);
    const lambda = await BundledFunction.start(bundle.path, environment);
    try {
      expect((await lambda.invoke(good)).statusCode).toBe(500);
      expect(stub.strayPaths).toEqual([]);
    } finally {
      await lambda.stop();
    }
  });
});
