/** A line of the function's log in CloudWatch's embedded metric format. */
export interface EmfRecord {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

interface Line {
  readonly label: string;
  readonly values: readonly number[];
}

const UNIT = { x: 40, y: 30 } as const;
const COLOURS = ["#0b6bcb", "#c4472b", "#2f8f4e", "#8a4fbf", "#b8860b"];

/** Draws a dashboard's widgets where they are, with what the records say of each metric, summed up by points in time. */
export function dashboardPicture(body: string, records: readonly EmfRecord[], pointMs: number): string {
  const { widgets } = JSON.parse(body) as { widgets: readonly Widget[] };
  const start = Math.min(...records.map(({ _aws }) => _aws.Timestamp));
  const points = 1 + Math.max(...records.map(({ _aws }) => Math.floor((_aws.Timestamp - start) / pointMs)));
  const valuesOf = (namespace: string, name: string, dimensions: Readonly<Record<string, unknown>>) => {
    const values: number[][] = Array.from({ length: points }, () => []);
    for (const record of records) {
      const matches = record._aws.CloudWatchMetrics.some(
        (each) =>
          each.Namespace === namespace &&
          each.Metrics.some(({ Name }) => Name === name) &&
          each.Dimensions.some(
            (names) =>
              names.length === Object.keys(dimensions).length && names.every((key) => record[key] === dimensions[key]),
          ),
      );
      const value = record[name];
      const point = Math.floor((record._aws.Timestamp - start) / pointMs);
      if (matches) values[point]?.push(...[value].flat().map(Number));
    }
    return values;
  };
  const height = Math.max(...widgets.map(({ y, height: own }) => y + own)) * UNIT.y;
  const drawn = widgets.map((widget) => drawWidget(widget, linesOf(widget, records, valuesOf, pointMs)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * UNIT.x} ${height}" font-family="sans-serif" font-size="11" role="img" aria-label="The dashboard, drawn from a run on one machine">
<rect width="100%" height="100%" fill="#eef1f4"/>
${drawn.join("\n")}
</svg>
`;
}

type ValuesOf = (namespace: string, name: string, dimensions: Readonly<Record<string, unknown>>) => number[][];

function linesOf(widget: Widget, records: readonly EmfRecord[], valuesOf: ValuesOf, pointMs: number): Line[] {
  const lines: (Line & { readonly id?: string; readonly visible: boolean })[] = [];
  for (const metric of widget.properties.metrics ?? []) {
    const [first, name] = metric;
    if (typeof first === "string") {
      const options = metric.at(-1) as { stat: string; label?: string; id?: string; visible?: boolean };
      const pairs = metric.slice(2, -1);
      const dimensions = Object.fromEntries(pairs.flatMap((key, i) => (i % 2 ? [] : [[key, pairs[i + 1]]])));
      const values = valuesOf(first, String(name), dimensions).map((each) => statistic(options.stat, each));
      const { label = "", id, visible = true } = options;
      lines.push({ label, values, visible, ...(id === undefined ? {} : { id }) });
      continue;
    }
    const { expression, label } = first as { expression: string; label: string };
    if (expression.startsWith("SEARCH")) lines.push(...searched(records, valuesOf));
    const [, of, factor] = /^(?:100\*)?(\w+)\/PERIOD\(\w+\)(?:\/(\d+))?$/.exec(expression) ?? [];
    const source = of === undefined ? undefined : lines.find(({ id }) => id === of);
    const scale = factor === undefined ? 1 : 100 / Number(factor);
    if (source) lines.push({ label, values: source.values.map((v) => (scale * v) / (pointMs / 1000)), visible: true });
  }
  return lines.filter(({ visible, values }) => visible && values.some((value) => value > 0));
}

/** One line for each reason that came up. */
function searched(records: readonly EmfRecord[], valuesOf: ValuesOf) {
  const found = records.filter(({ Refused, reason }) => Refused !== undefined && reason !== undefined);
  const byReason = new Map(found.map((record) => [String(record.reason), record]));
  return [...byReason].map(([reason, { service, function_name }]) => ({
    label: reason,
    values: valuesOf("OidcS3Uploader", "Refused", { service, function_name, reason }).map((each) =>
      statistic("Sum", each),
    ),
    visible: true,
  }));
}

function statistic(name: string, values: readonly number[]): number {
  if (values.length === 0) return 0;
  if (name === "Maximum") return Math.max(...values);
  if (name === "Sum") return values.reduce((sum, value) => sum + value, 0);
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((Number(name.slice(1)) / 100) * sorted.length))] ?? 0;
}

function drawWidget({ type, x, y, width, height, properties }: Widget, lines: readonly Line[]): string {
  const box = { x: x * UNIT.x + 3, y: y * UNIT.y + 3, width: width * UNIT.x - 6, height: height * UNIT.y - 6 };
  const frame = `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="4" fill="#fff" stroke="#ccd3da"/>`;
  const text = (dx: number, dy: number, content: string, more = "") =>
    `<text x="${box.x + dx}" y="${box.y + dy}" ${more}>${escaped(content)}</text>`;
  if (type === "text") {
    const [title = "", below = ""] = (properties.markdown ?? "").replaceAll("`", "").split("\n");
    return [
      frame,
      text(10, 22, title.replace(/^#+ /, ""), 'font-weight="bold" font-size="14"'),
      text(10, 42, below),
    ].join("");
  }
  const title = text(10, 18, properties.title ?? "", 'font-weight="bold"');
  if (lines.length === 0)
    return [
      frame,
      title,
      text(box.width / 2, box.height / 2, "nothing of this in the run", 'fill="#889" text-anchor="middle"'),
    ].join("");
  const plot = { left: 40, top: 28, width: box.width - 52, height: box.height - 62 };
  const most = Math.max(...lines.flatMap(({ values }) => values));
  const drawn = lines.map(({ label, values }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const at = (value: number, point: number) =>
      `${(box.x + plot.left + (point * plot.width) / (values.length - 1)).toFixed(1)},${(box.y + plot.top + plot.height * (1 - value / most)).toFixed(1)}`;
    const legend = { dx: 12 + (index % 2) * 150, dy: box.height - 22 + 13 * Math.floor(index / 2) };
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${values.map(at).join(" ")}"/>${text(legend.dx, legend.dy, label, `fill="${colour}"`)}`;
  });
  const axis = `<path d="M${box.x + plot.left},${box.y + plot.top}v${plot.height}h${plot.width}" fill="none" stroke="#99a"/>`;
  return [
    frame,
    title,
    axis,
    text(36, plot.top + 6, number(most), 'text-anchor="end"'),
    text(36, plot.top + plot.height, "0", 'text-anchor="end"'),
    ...drawn,
  ].join("");
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
