import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { readDeployedFunction } from "../lambda/deployed-function";
import { createLambdaFunction, type LambdaFunction } from "../lambda/lambda-function";
import type { ClientConfig } from "../process/administrator";
import { CognitoAuthorizer } from "./authorizer";
import { readMethods, readStages } from "./deployed-api";
import { FunctionBackend } from "./function-backend";
import { type RestApiGateway, startRestApiGateway } from "./rest-api-gateway";
import { Stages } from "./stages";

export interface ServedRestApiOptions {
  readonly apiId: string;
  readonly accountId: string;
  /** An administrator's. */
  readonly clientConfig: ClientConfig;
  /** The folder for the functions' code and their log. */
  readonly folder: string;
  /** Where the keys of a user pool are; undefined for a pool whose tokens nobody issues here. */
  readonly jwksUriOf: (userPoolId: string) => string | undefined;
  readonly report: (error: unknown) => void;
}

export interface ServedRestApi extends Pick<RestApiGateway, "endpointOf" | "requests"> {
  /** What the API's functions print. */
  readonly functionLog: string;
  /** Serves what is deployed now, without waiting to find out. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

/** Serves a REST API of the emulator as it was deployed: its stages, methods, scopes, integrations and functions. */
export async function serveRestApi(options: ServedRestApiOptions): Promise<ServedRestApi> {
  const { apiId, accountId, clientConfig, folder, jwksUriOf, report } = options;
  const apiGateway = new APIGatewayClient(clientConfig);
  const lambda = new LambdaClient(clientConfig);
  const functionLog = join(folder, `rest-api-${apiId}.log`);
  const log = createWriteStream(functionLog, { flags: "a", mode: 0o600 });
  const running: LambdaFunction[] = [];
  const backends = new Map<string, FunctionBackend>();
  const backendOf = (functionArn: string): FunctionBackend => {
    const known = backends.get(functionArn);
    if (known !== undefined) return known;
    const redirections = { AWS_ENDPOINT_URL: clientConfig.endpoint };
    const deployed = { clientConfig, functionName: functionArn.split(":function:")[1] ?? "", redirections };
    const started = createLambdaFunction(() => readDeployedFunction(deployed, join(folder, "functions")), log);
    const backend = new FunctionBackend(functionArn, lambda, started);
    running.push(started);
    backends.set(functionArn, backend);
    return backend;
  };
  const stages = new Stages({
    stages: () => readStages(apiGateway, apiId),
    methods: () => readMethods(apiGateway, apiId),
  });
  const authorizer = new CognitoAuthorizer(jwksUriOf);
  const gateway = await startRestApiGateway({ apiId, accountId, stages, authorizer, backendOf, report });
  return {
    endpointOf: gateway.endpointOf,
    requests: gateway.requests,
    functionLog,
    renew: async () => {
      await stages.renew();
      await Promise.all(running.map((each) => each.recycle()));
    },
    stop: async () => {
      await gateway.close();
      await Promise.all(running.map((each) => each.stop()));
      log.end();
      await finished(log);
      apiGateway.destroy();
      lambda.destroy();
    },
  };
}
