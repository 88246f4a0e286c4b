import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { Construct } from "constructs";
import { vendingName } from "../../access/names";
import type { FoundationConfig } from "../../config/schema/types";
import { environmentMetrics, type Metric, QUOTAS, refusedByReason } from "./metrics";

export interface DashboardProps {
  readonly config: FoundationConfig;
  readonly apiId: string;
}

/** Seconds of one point. */
const PERIOD = 300;
const WIDTH = 8;
const HEIGHT = 6;
const COLUMNS = 24;
/** Dollars for 1,000 token requests below 250,000 a month; a test holds it against cost/prices.json. */
export const TOKEN_PRICE = 2.25;

type Properties = Readonly<Record<string, unknown>>;
interface Widget {
  readonly type: "text" | "metric" | "log";
  readonly properties: Properties;
  readonly width?: number;
  readonly height?: number;
}

/** The dashboard of one environment: what it vends and refuses, what it stands on, and how near the limits are. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { config } = props;
    new CloudwatchDashboard(this, "aws_cloudwatch_dashboard.operations", {
      dashboardName: `${config.projectName}-${config.environment}`,
      dashboardBody: JSON.stringify({ widgets: placed(widgets(props)) }),
    });
  }
}

function widgets({ config, apiId }: DashboardProps): Widget[] {
  const metrics = environmentMetrics(config, apiId);
  const region = config.awsRegion;
  const graph = (title: string, lines: readonly unknown[], more: Properties = {}): Widget => ({
    type: "metric",
    properties: { title, region, view: "timeSeries", stacked: false, period: PERIOD, metrics: lines, ...more },
  });
  const share = (metric: Metric, id: string, quota: number, label: string) => [
    line(metric, { id, visible: false }),
    [{ expression: `100*${id}/PERIOD(${id})/${quota}`, label, id: `${id}_share` }],
  ];
  const fleet = `npm run fleet -- ${config.environment}`;
  const about = [
    `## ${config.projectName} ${config.environment}`,
    `Which servers are silent: \`${fleet} report\`. Which are under a control: \`${fleet} status\`. What all of it costs: \`npm run cost -- ${config.environment}\`.`,
  ].join("\n");
  return [
    { type: "text", width: COLUMNS, height: 2, properties: { markdown: about } },
    graph("Vended a second", [
      line(metrics.vended, { id: "vended", visible: false }),
      [{ expression: "vended/PERIOD(vended)", label: "credentials vended", id: "rate" }],
    ]),
    graph(
      "Refused, by reason",
      [[{ expression: `SEARCH('${refusedByReason(config)}', 'Sum', ${PERIOD})`, id: "refused", label: "" }]],
      { stacked: true },
    ),
    graph(
      "Dependencies that failed",
      (["jwks", "dynamodb", "sts"] as const).map((each) => line(metrics.dependencyFailure(each), { label: each })),
    ),
    graph("Latency of the function in ms", [
      line(metrics.latency("p50"), { label: "p50" }),
      line(metrics.latency("p99"), { label: "p99" }),
    ]),
    graph("Requests at the gateway", [
      line(metrics.requests, { label: "all" }),
      line(metrics.clientErrors, { label: "4xx" }),
      line(metrics.serverErrors, { label: "5xx" }),
    ]),
    {
      type: "log",
      properties: {
        title: "Throttled by the gateway (429)",
        region,
        view: "timeSeries",
        query: `SOURCE '/aws/apigateway/${vendingName(config)}' | filter status = 429 | stats count() as throttled by bin(5m)`,
      },
    },
    graph("The function", [
      line(metrics.functionErrors, { label: "errors" }),
      line(metrics.functionThrottles, { label: "throttled" }),
      line(metrics.functionsAtOnce, { label: "at once" }),
    ]),
    graph(
      "Quotas of the account used, in percent",
      [
        ...share(metrics.tokenRequests, "tokens", QUOTAS.tokenRequests, "token requests"),
        ...share(metrics.vended, "assumed", QUOTAS.assumeRole, "AssumeRole, of this environment"),
      ],
      { yAxis: { left: { min: 0, max: 100 } } },
    ),
    graph("Session policy and tags, in % of STS's limit", [line(metrics.packedPolicySize, { label: "largest" })]),
    graph("Refused by operators' controls", [
      line(metrics.refused("client_disabled"), { label: "disabled" }),
      line(metrics.refused("client_write_only"), { label: "write-only" }),
      line(metrics.refused("token_revoked"), { label: "revoked" }),
      line(metrics.refused("source_not_allowed"), { label: "network" }),
      line(metrics.sourceOutsideAllowed, { label: "network, reported" }),
    ]),
    graph("Activity not recorded", [
      line(metrics.activityNotRecorded, { label: "servers that a report may call silent" }),
    ]),
    graph(
      "Token requests of this month",
      [
        line(metrics.tokenRequests, { id: "requests", visible: false }),
        [{ expression: "FILL(requests,0)", id: "daily", visible: false }],
        [{ expression: "RUNNING_SUM(daily)", id: "sums", visible: false }],
        // What came before a first of a month; sums only grow, so that the greatest is of the last one.
        [{ expression: "IF(DATE(daily)==1,sums-daily,0)", id: "before", visible: false }],
        [{ expression: "sums-MAX(before)", id: "tokens", label: "token requests" }],
        [{ expression: `tokens/1000*${TOKEN_PRICE}`, id: "dollars", label: `US$, at ${TOKEN_PRICE} for 1,000` }],
      ],
      { view: "singleValue", period: 86_400, start: "-P31D" },
    ),
  ];
}

/** A metric as a widget has it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function line({ namespace, name, dimensions, statistic }: Metric, options: Properties): unknown[] {
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic, ...options }];
}

/** From left to right and from the top, as many beside each other as fit. */
function placed(all: readonly Widget[]): unknown[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return all.map(({ width = WIDTH, height = HEIGHT, ...widget }) => {
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = { x, y, width, height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return { ...place, ...widget };
  });
}
