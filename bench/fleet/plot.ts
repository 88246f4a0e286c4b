export interface Curve {
  readonly name: string;
  /** One for each step of the x axis. */
  readonly values: readonly number[];
}

export interface Plot {
  readonly title: string;
  readonly x: { readonly label: string; readonly from: number };
  readonly yLabel: string;
  readonly shaded: { readonly from: number; readonly to: number; readonly label: string };
  readonly curves: readonly Curve[];
}

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 140;
const TOP = 44;
const BOTTOM = 52;
/** Told apart by those who see colours differently too (Okabe and Ito's palette). */
const COLOURS = ["#d55e00", "#e69f00", "#009e73", "#0072b2"];

/** A line chart as one SVG file, which needs no font and no network. */
export function plot({ title, x, yLabel, shaded, curves }: Plot): string {
  const steps = Math.max(...curves.map(({ values }) => values.length));
  const highest = ceiling(Math.max(...curves.flatMap(({ values }) => values)));
  const xAt = (value: number) => round(LEFT + ((value - x.from) / (steps - 1)) * (WIDTH - LEFT - RIGHT));
  const yAt = (value: number) => round(HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM));
  const [bottom, right] = [HEIGHT - BOTTOM, WIDTH - RIGHT];
  const grid = Array.from({ length: 5 }, (_, index) => (highest * index) / 4).map(
    (value) =>
      `<line x1="${LEFT}" x2="${right}" y1="${yAt(value)}" y2="${yAt(value)}" stroke="#ddd"/>` +
      `<text x="${LEFT - 8}" y="${yAt(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const last = x.from + steps - 1;
  const ticks = Array.from({ length: Math.floor(last / 10) + 1 }, (_, index) => index * 10).map(
    (value) => `<text x="${xAt(value)}" y="${bottom + 18}" text-anchor="middle">${value}</text>`,
  );
  const lines = curves.map(({ name, values }, index) => {
    const points = values.map((value, step) => `${xAt(x.from + step)},${yAt(value)}`).join(" ");
    const colour = COLOURS[index % COLOURS.length];
    const y = TOP + 12 + index * 20;
    return (
      `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      `<line x1="${right + 12}" x2="${right + 32}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2"/>` +
      `<text x="${right + 38}" y="${y + 4}">${name}</text>`
    );
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="24" font-size="15">${title}</text>`,
    `<rect x="${xAt(shaded.from)}" y="${TOP}" width="${round(xAt(shaded.to) - xAt(shaded.from))}" height="${bottom - TOP}" fill="#eee"/>`,
    `<text x="${round((xAt(shaded.from) + xAt(shaded.to)) / 2)}" y="${bottom - 8}" text-anchor="middle" fill="#666">${shaded.label}</text>`,
    ...grid,
    ...ticks,
    `<text x="${(LEFT + right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${x.label}</text>`,
    `<text transform="translate(16 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    ...lines,
    "</svg>",
  ].join("\n")}\n`;
}

/** The next number above whose quarters are easy to read. */
function ceiling(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 4, 8, 10].map((factor) => factor * step).find((rounded) => rounded >= value) ?? 10 * step;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
