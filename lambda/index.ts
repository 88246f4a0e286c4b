import { createRoleAssumer } from "./assume-role";
import { ConfigError, readConfig } from "./config";
import { createDynamodbPost, createReadItems, createUpdateItem } from "./dynamodb";
import { VendingError } from "./errors";
import { fetchJwks } from "./fetch-jwks";
import { createHandler, type VendingHandler } from "./handler";
import { createClientLookUp } from "./look-up-client";
import { createObserver } from "./observability";
import { PoolKeys } from "./pool-keys";
import { createActivityRecorder } from "./record-activity";
import { createStsAssumeRole } from "./sts";
import { createTokenVerifier } from "./verify-token";

/** Milliseconds of one attempt: two are within the dependency's limit. */
const ATTEMPT_MS = { dynamodb: 1150, sts: 1650 } as const;

function wire(): VendingHandler {
  const config = readConfig(process.env);
  const observer = createObserver(process.env.AWS_LAMBDA_FUNCTION_NAME);
  const dynamodb = createDynamodbPost(config.region, ATTEMPT_MS.dynamodb);
  const keys = new PoolKeys(() => fetchJwks(config.jwksUri));
  return createHandler({
    verifyToken: createTokenVerifier(config.issuer, keys),
    lookUpClient: createClientLookUp(
      createReadItems(dynamodb),
      { roles: config.clientRolesTable, controls: config.clientControlsTable },
      config.serverRolePrefix,
    ),
    recordActivity: createActivityRecorder({
      updateItem: createUpdateItem(dynamodb),
      table: config.clientActivityTable,
      limitMs: ATTEMPT_MS.dynamodb,
      failed: observer.activityNotRecorded,
    }),
    assumeRole: createRoleAssumer(createStsAssumeRole(config.region, ATTEMPT_MS.sts), config.bucketArn),
    observer,
    destination: { bucket: config.bucket, region: config.region },
    resourceServerIdentifier: config.resourceServerIdentifier,
  });
}

/** A function that cannot be wired still answers as docs/interfaces.md says, and its log says what is missing. */
function broken(error: unknown): VendingHandler {
  if (!(error instanceof ConfigError)) throw error;
  const fault = (): never => {
    throw new VendingError("configuration_faulty", { detail: error.message });
  };
  return createHandler({
    verifyToken: fault,
    lookUpClient: fault,
    recordActivity: fault,
    assumeRole: fault,
    observer: createObserver(process.env.AWS_LAMBDA_FUNCTION_NAME),
    destination: { bucket: "", region: "" },
    resourceServerIdentifier: "",
  });
}

function wireOrBreak(): VendingHandler {
  try {
    return wire();
  } catch (error) {
    return broken(error);
  }
}

/** The Lambda function's entry point: made once while the instance starts, used for every invocation. */
export const handler = wireOrBreak();
