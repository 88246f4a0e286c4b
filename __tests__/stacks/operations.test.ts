import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TOKEN_PRICE } from "../../constructs/operations/dashboard";
import { environmentConfig } from "../support/environment";
import { addresses, at, synthesise } from "../support/synthesise";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
const watched = synthesise(environmentConfig({ foundation: { dashboard: true, alarmTopicArn: TOPIC } })).foundation;
const alarms = Object.values(watched.resource.aws_cloudwatch_metric_alarm ?? {});
const dashboard = at(watched, "aws_cloudwatch_dashboard.operations");

interface Placed {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title?: string; readonly region?: string };
}
const { widgets } = JSON.parse(dashboard.dashboard_body as string) as { widgets: Placed[] };

it("an environment that does not ask for them has no dashboard and no alarms", () => {
  const none = addresses(synthesise(environmentConfig()).foundation);
  expect(none.filter((address) => /cloudwatch_(dashboard|metric_alarm)/.test(address))).toEqual([]);
});

it("they are named after project and environment, and in its region", () => {
  expect(dashboard.dashboard_name).toBe("oidc-s3-dev");
  expect(widgets.filter(({ type, properties }) => type !== "text" && properties.region !== "eu-west-1")).toEqual([]);
  expect(alarms.filter(({ alarm_name: name }) => !String(name).startsWith("oidc-s3-dev-"))).toEqual([]);
});

it("no widget of the dashboard lies on another or beside the page", () => {
  for (const widget of widgets) expect(widget.x + widget.width).toBeLessThanOrEqual(24);
  const overlaps = widgets.filter((a) =>
    widgets.some(
      (b) => a !== b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
    ),
  );
  expect(overlaps).toEqual([]);
});

it("the gateway's metrics are asked for by the id of the API that is deployed", () => {
  expect(dashboard.dashboard_body).toContain(
    '["AWS/ApiGateway","5xx","ApiId","${aws_apigatewayv2_api.credential_vending.id}"',
  );
});

it("the price of a token is that of the price list", () => {
  const { token_requests_per_1000: tokens } = JSON.parse(
    readFileSync(join(__dirname, "../../cost/prices.json"), "utf8"),
  );
  expect(tokens.tiers[0]).toEqual({ from: 0, price: TOKEN_PRICE });
});

it("every alarm tells the topic when it goes on and when it goes off, and none that nothing is measured", () => {
  expect(alarms).toHaveLength(10);
  for (const alarm of alarms)
    expect(alarm).toMatchObject({
      alarm_actions: [TOPIC],
      ok_actions: [TOPIC],
      treat_missing_data: "notBreaching",
      comparison_operator: "GreaterThanOrEqualToThreshold",
    });
});

it.each([
  ["server_errors", { metric_name: "5xx", statistic: "Sum", threshold: 7, period: 300 }],
  ["latency", { metric_name: "Latency", extended_statistic: "p99", threshold: 900, evaluation_periods: 3 }],
  [
    "dependency_throttled",
    { metric_name: "Refused", threshold: 1, dimensions: expect.objectContaining({ reason: "dependency_throttled" }) },
  ],
  [
    "signature_invalid",
    { metric_name: "Refused", threshold: 3, dimensions: expect.objectContaining({ reason: "signature_invalid" }) },
  ],
  ["role_outside_deployment", { threshold: 1 }],
  [
    "token_quota",
    {
      threshold: 60,
      metric_query: expect.arrayContaining([expect.objectContaining({ expression: "100*used/300/150" })]),
    },
  ],
  [
    "assume_role_quota",
    {
      threshold: 60,
      metric_query: expect.arrayContaining([expect.objectContaining({ expression: "100*used/300/600" })]),
    },
  ],
])("the alarm %s goes on where the configuration says", (name, condition) => {
  const thresholds = { alarmLatencyMs: 900, alarmQuotaPercent: 60, alarmRefusals: 3, alarmServerErrors: 7 };
  const { foundation } = synthesise(environmentConfig({ foundation: { alarmTopicArn: TOPIC, ...thresholds } }));
  expect(at(foundation, `aws_cloudwatch_metric_alarm.${name}`)).toMatchObject(condition);
});

describe("writes to the tables by anybody else", () => {
  const WRITERS = ["arn:aws:iam::123456789012:role/terraform", "arn:aws:iam::123456789012:role/ops/operators"];
  const guarded = synthesise(
    environmentConfig({ foundation: { alarmTopicArn: TOPIC, alarmTableWriters: WRITERS } }),
  ).foundation;
  const rule = at(guarded, "aws_cloudwatch_event_rule.foreign_writers");

  it("are told to the topic, with who and what", () => {
    expect(rule.name).toBe("oidc-s3-dev-table-writer");
    const target = at(guarded, "aws_cloudwatch_event_target.foreign_writers");
    expect(target).toMatchObject({ rule: "${aws_cloudwatch_event_rule.foreign_writers.name}", arn: TOPIC });
    const { input_paths: paths, input_template: template } = target.input_transformer as Record<string, never>;
    const named = [...String(JSON.parse(template ?? "")).matchAll(/<(\w+)>/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(paths ?? {}).sort());
  });

  it("are not asked for by default, nor without writers", () => {
    expect(addresses(watched).filter((address) => address.includes("cloudwatch_event"))).toEqual([]);
  });

  const roles = "arn:aws:dynamodb:eu-west-1:123456789012:table/oidc-s3-dev-client-roles";
  const by = (arn: string) => ({
    type: "AssumedRole",
    arn: "x",
    sessionContext: { sessionIssuer: { type: "Role", arn } },
  });
  it.each<[what: string, told: boolean, detail: object]>([
    ["a role that deploys", false, { userIdentity: by(WRITERS[0] ?? "") }],
    ["a role that operates", false, { userIdentity: by(WRITERS[1] ?? "") }],
    ["another role", true, { userIdentity: by("arn:aws:iam::123456789012:role/terraform-2") }],
    ["an IAM user", true, { userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/eve" } }],
    ["the root user", true, { userIdentity: { type: "Root", arn: "arn:aws:iam::123456789012:root" } }],
    ["who reads", false, { readOnly: true, userIdentity: { type: "IAMUser" } }],
    ["who writes to another table", false, { resources: [{ ARN: `${roles}-2` }], userIdentity: { type: "IAMUser" } }],
    ["a batch to several", true, { resources: [{ ARN: "x" }, { ARN: roles }], userIdentity: { type: "IAMUser" } }],
  ])("by %s: told is %s", (_, told, changes) => {
    const text = String(rule.event_pattern).replaceAll(
      "${data.aws_caller_identity.current.account_id}",
      "123456789012",
    );
    const resources = [{ accountId: "123456789012", type: "AWS::DynamoDB::Table", ARN: roles }];
    const detail = {
      eventSource: "dynamodb.amazonaws.com",
      eventName: "PutItem",
      readOnly: false,
      resources,
      ...changes,
    };
    const event = { source: "aws.dynamodb", "detail-type": "AWS API Call via CloudTrail", detail };
    expect(matchesPattern(JSON.parse(text), event)).toBe(told);
  });

  /** EventBridge's rules, as far as this pattern needs them: every field named must be there; of a list, one will do. */
  function matchesPattern(pattern: unknown, value: unknown): boolean {
    if (Array.isArray(value)) return value.some((one) => matchesPattern(pattern, one));
    if (Array.isArray(pattern)) {
      return pattern.some((wanted) => {
        const not = (wanted as { "anything-but"?: unknown[] })["anything-but"];
        return not === undefined ? wanted === value : value !== undefined && !not.includes(value);
      });
    }
    return Object.entries(pattern as object).every(([key, inner]) =>
      key === "$or"
        ? (inner as unknown[]).some((way) => matchesPattern(way, value))
        : matchesPattern(inner, (value as Record<string, unknown> | undefined)?.[key]),
    );
  }
});
