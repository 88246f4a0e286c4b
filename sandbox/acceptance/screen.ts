import { Help } from "commander";

/** What a text is shown on. */
export interface Screen {
  readonly columns: number;
  readonly colours: boolean;
}

const COLUMNS_WITHOUT_A_TERMINAL = 80;

/** Node.js decides about colours: NO_COLOR and TERM=dumb count. https://no-color.org */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    columns: stream.columns || COLUMNS_WITHOUT_A_TERMINAL,
    colours: stream.isTTY === true && stream.hasColors(),
  };
}

/** https://www.ecma-international.org/publications-and-standards/standards/ecma-48/, select graphic rendition */
const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] } as const;

/** The text in a colour, where the screen has colours. */
export function paint(style: keyof typeof STYLES, text: string, { colours }: Screen): string {
  const [on, off] = STYLES[style];
  return colours ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

/** A paragraph with hanging lines, each at most as wide as the screen; a longer word is broken. */
export function wrapped(text: string, { columns }: Screen, first = "", next = first): string {
  const width = Math.max(1, columns - next.length);
  const help = new Help();
  help.minWidthToWrap = 1;
  return help
    .boxWrap(text.replace(/[\s\p{Cc}]+/gu, " ").trim(), width)
    .split("\n")
    .flatMap((line) => line.match(new RegExp(`.{1,${width}}`, "gu")) ?? [])
    .map((line, index) => (index === 0 ? first : next) + line)
    .join("\n");
}
