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
