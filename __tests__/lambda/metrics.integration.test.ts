import { clientControlItem, noControl } from "../../access/client-control";
import { clientRoleItem } from "../../access/client-role";
import { environmentConfig } from "../support/environment";
import { at, synthesise } from "../support/synthesise";
import { BundledFunction, bundleBeside, functionEnvironment } from "./support/bundled-function";
import { CLIENT_ROLE, CloudStub, dynamodbError, itemAnswer, stsError } from "./support/cloud-stub";
import { accessClaims, CLIENT_ID, jwks, sign, signingKey } from "./support/tokens";

// Processes start slowly on a busy machine.
jest.setTimeout(60_000);

const key = signingKey("pool-key");
const stub = new CloudStub(jwks(key));
const bundle = bundleBeside(stub);
const NAMESPACE = "OidcS3Uploader";

/** A metric as `namespace name {dimensions}`: what CloudWatch holds two metrics to be the same by. */
const identity = (namespace: string, name: string, dimensions: Readonly<Record<string, unknown>>) =>
  `${namespace} ${name} ${JSON.stringify(Object.fromEntries(Object.entries(dimensions).sort()))}`;

/** What the function wrote in CloudWatch's embedded metric format, once for each set of dimensions. */
function emitted(records: readonly Record<string, unknown>[]): Set<string> {
  const found = new Set<string>();
  for (const record of records) {
    const { CloudWatchMetrics: directives = [] } = (record._aws ?? {}) as {
      CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
    };
    for (const { Namespace, Dimensions, Metrics } of directives)
      for (const names of Dimensions)
        for (const { Name } of Metrics)
          found.add(identity(Namespace, Name, Object.fromEntries(names.map((name) => [name, record[name]]))));
  }
  return found;
}

interface Judged {
  readonly namespace?: string;
  readonly metric_name?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}
interface Alarm extends Judged {
  readonly metric_query?: readonly { readonly metric?: Judged }[];
}

/** Of the function's own namespace, what dashboard and alarms of an environment ask for. */
function asked(): Set<string> {
  const foundation = { dashboard: true, alarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:alarms" };
  const document = synthesise(environmentConfig({ foundation })).foundation;
  const found = new Set<string>();
  const body = JSON.parse(at(document, "aws_cloudwatch_dashboard.operations").dashboard_body as string);
  for (const { properties } of body.widgets)
    for (const line of properties.metrics ?? []) {
      const [namespace, name, ...rest] = line;
      if (namespace !== NAMESPACE) continue;
      const dimensions = rest.slice(0, -1);
      found.add(
        identity(
          namespace,
          name,
          Object.fromEntries(
            dimensions.flatMap((value: string, index: number) =>
              index % 2 === 0 ? [[value, dimensions[index + 1]]] : [],
            ),
          ),
        ),
      );
    }
  for (const alarm of Object.values(document.resource.aws_cloudwatch_metric_alarm ?? {}) as unknown as Alarm[])
    for (const metric of [alarm, ...(alarm.metric_query ?? []).flatMap(({ metric }) => metric ?? [])])
      if (metric.namespace === NAMESPACE)
        found.add(identity(NAMESPACE, metric.metric_name ?? "", metric.dimensions ?? {}));
  return found;
}

/** Requests that come to each metric which is asked for. */
async function requestAll(lambda: BundledFunction): Promise<void> {
  const ask = async (token = sign(key)) => {
    await lambda.invoke({ body: JSON.stringify({ access_token: token }) });
    stub.reset();
  };
  const role = clientRoleItem(CLIENT_ROLE);
  const controlled = async (control: object) => {
    stub.behaviour.dynamodb = itemAnswer(role, { ...clientControlItem(noControl(CLIENT_ID)), ...control });
    await ask();
  };
  stub.behaviour.activity = dynamodbError(400, "ThrottlingException", "slow down");
  await ask();
  await ask(sign(signingKey("pool-key")));
  // Older than the keys: a newer one could be signed with a key that Cognito has only just made.
  await ask(sign(signingKey("other-key"), accessClaims({ iat: Math.floor(Date.now() / 1000) - 600 })));
  await ask(sign(key, accessClaims({ client_id: "unknownclient0000000000001" })));
  await controlled({ disabled: { BOOL: true } });
  await controlled({ tokens_not_before: { N: "4000000000" } });
  await controlled({ allowed_cidrs: { SS: ["192.0.2.0/24"] }, cidr_enforcement: { S: "enforce" } });
  await controlled({ allowed_cidrs: { SS: ["192.0.2.0/24"] }, cidr_enforcement: { S: "report" } });
  await controlled({ unknown: { S: "x" } });
  stub.behaviour.dynamodb = itemAnswer(
    { ...role, s3_permissions: { S: "read" }, allowed_scopes: { SS: ["read"] } },
    { ...clientControlItem(noControl(CLIENT_ID)), mode: { S: "write-only" } },
  );
  await ask();
  stub.behaviour.dynamodb = itemAnswer({ ...role, role_arn: { S: "arn:aws:iam::123456789012:role/other" } });
  await ask();
  stub.behaviour.dynamodb = dynamodbError(500, "InternalServerError", "down");
  await ask();
  stub.behaviour.sts = stsError(400, "Throttling", "Rate exceeded");
  await ask();
}

it("dashboard and alarms ask for no metric that the function does not emit, with these very dimensions", async () => {
  const environment = { ...functionEnvironment(stub.url), AWS_LAMBDA_FUNCTION_NAME: "oidc-s3-dev-cred-vending" };
  const lambda = await BundledFunction.start(bundle.path, environment);
  const withoutKeys = await BundledFunction.start(bundle.path, environment);
  try {
    await requestAll(lambda);
    stub.behaviour.jwks = "reset";
    await withoutKeys.invoke({ body: JSON.stringify({ access_token: sign(key) }) });
    const seen = emitted([...(await lambda.newRecords()), ...(await withoutKeys.newRecords())]);
    const missing = [...asked()].filter((metric) => !seen.has(metric));
    expect(missing).toEqual([]);
    // The search for reasons has a schema, which names every dimension and no other.
    const refused = [...seen].find((metric) => metric.includes(" Refused "));
    expect(Object.keys(JSON.parse(refused?.slice(refused.indexOf("{")) ?? "{}"))).toEqual([
      "function_name",
      "reason",
      "service",
    ]);
  } finally {
    await Promise.all([lambda.stop(), withoutKeys.stop()]);
  }
});
