import { verify } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { accessClaims, jwks, POOL_ID, sign, signingKey } from "../__tests__/lambda/support/tokens";
import { FakeControlPlane, method, POOL_ARN } from "../__tests__/sandbox/rest-api/support/deployed";
import { serveOnLoopback } from "../sandbox/process/loopback-server";
import { CognitoAuthorizer } from "../sandbox/rest-api/authorizer";
import { startRestApiGateway } from "../sandbox/rest-api/rest-api-gateway";
import { RouteTable } from "../sandbox/rest-api/routes";
import { Stages } from "../sandbox/rest-api/stages";
import { median, printTable } from "./figures";

const ROUNDS = 7;
const TOKENS_A_ROUND = 3000;
const LOOKUPS_A_ROUND = 200_000;
const REQUESTS = 5000;
const ROUTE_COUNTS = [10, 100, 10_000] as const;

const KEY = signingKey("pool-key");
const SCOPE = "API/book.get";
const TOKEN = sign(KEY, accessClaims({ scope: `API/book.post ${SCOPE}` }));

/** Prints what the sandbox's gateway costs for each request: the authorizer, the lookup of a route, and all of it. */
export async function run(): Promise<void> {
  const keys = await serveOnLoopback((_, response) => void response.end(JSON.stringify(jwks(KEY))));
  try {
    const authorizer = new CognitoAuthorizer((id) => (id === POOL_ID ? keys.url : undefined));
    printTable(`The authorizer, CPU time of one token, medians of ${ROUNDS} rounds`, await authorizerRows(authorizer));
    printTable("A route's lookup, the last of so many", [
      ["routes", "time"],
      ...ROUTE_COUNTS.map((routes) => [routes.toLocaleString("en"), `${lookupNanoseconds(routes).toFixed(0)} ns`]),
    ]);
    printTable("The gateway with a built-in answer; its client is in the same process", [
      ["at a time", "requests/s"],
      ...(await requestRates(authorizer)),
    ]);
  } finally {
    await keys.close();
  }
}

/** In turn, so that what else the machine does meets both. */
async function authorizerRows(authorizer: CognitoAuthorizer): Promise<string[][]> {
  const access = { kind: "scopes", header: "Authorization", userPoolArns: [POOL_ARN], scopes: [SCOPE] } as const;
  const authorise = () => authorizer.authorise([`Bearer ${TOKEN}`], access);
  const [header, payload, signature = ""] = TOKEN.split(".");
  const signed = Buffer.from(`${header}.${payload}`);
  const bytes = Buffer.from(signature, "base64url");
  const verifyAlone = async () => verify("RSA-SHA256", signed, KEY.publicKey, bytes);
  for (let n = 0; n < TOKENS_A_ROUND; n++) {
    await authorise();
    await verifyAlone();
  }
  const ours: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await cpuMicroseconds(authorise, TOKENS_A_ROUND));
    alone.push(await cpuMicroseconds(verifyAlone, TOKENS_A_ROUND));
  }
  const [mine, reference] = [median(ours), median(alone)];
  return [
    ["", "CPU"],
    ["the authorizer", `${mine.toFixed(0)} µs`],
    ["one RS256 verification", `${reference.toFixed(0)} µs`],
    ["ratio", (mine / reference).toFixed(2)],
  ];
}

async function cpuMicroseconds(work: () => Promise<unknown>, times: number): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < times; n++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function lookupNanoseconds(count: number): number {
  const table = new RouteTable(Array.from({ length: count }, (_, index) => method(`GET /v1/resource-${index}/items`)));
  const path = `/v1/resource-${count - 1}/items`;
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    for (let n = 0; n < LOOKUPS_A_ROUND; n++) table.find("GET", path);
    return Number(process.hrtime.bigint() - start) / LOOKUPS_A_ROUND;
  });
  return median(times);
}

async function requestRates(authorizer: CognitoAuthorizer): Promise<string[][]> {
  const gateway = await startRestApiGateway({
    apiId: "bench",
    accountId: "123456789012",
    stages: new Stages(new FakeControlPlane([method("GET /book", [SCOPE])])),
    authorizer,
    backendOf: () => {
      throw new Error("no route of this bench has a function");
    },
    report: (error) => console.error(error),
  });
  const url = new URL("book", gateway.endpointOf("dev"));
  try {
    const rates: string[][] = [];
    for (const concurrency of [1, 16]) {
      const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
      const send = () => sendRequest(url, agent);
      for (let n = 0; n < REQUESTS / 5; n++) await send();
      const start = performance.now();
      const workers = Array.from({ length: concurrency }, async () => {
        for (let n = 0; n < REQUESTS / concurrency; n++) await send();
      });
      await Promise.all(workers);
      rates.push([String(concurrency), ((REQUESTS / (performance.now() - start)) * 1000).toFixed(0)]);
      agent.destroy();
    }
    return rates;
  } finally {
    await gateway.close();
  }
}

/** @throws where the answer is no success. */
function sendRequest(url: URL, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { agent, headers: { authorization: TOKEN } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume().once("end", resolve);
    })
      .once("error", reject)
      .end();
  });
}
