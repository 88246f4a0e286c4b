import { copies } from "../../scripts/check-copies";

const LINES = ["const a = 1;", "const b = 2;", "use(a);", "use(b);", "use(a + b);", "use(a - b);", "use(a * b);"];
const source = (path: string, ...lines: string[]) => ({ path, text: lines.join("\n") });

it("six lines that stand in two files are named once, as far as they are the same", () => {
  const first = source("a.ts", "start();", ...LINES, "end();");
  const second = source("b.ts", ...LINES.map((line) => `  ${line}`));
  expect(copies([first, second])).toEqual(["a.ts:2-8 stands again in b.ts:1-7"]);
});

it("nor may they stand twice in one file", () => {
  expect(copies([source("a.ts", ...LINES, "between();", ...LINES)])).toEqual(["a.ts:1-7 stands again in a.ts:9-15"]);
});

it("five lines may", () => {
  const five = LINES.slice(0, 5);
  expect(copies([source("a.ts", ...five, "a();"), source("b.ts", ...five, "b();")])).toEqual([]);
});

it("what every file has does not count, and does not part what counts", () => {
  const head = [
    "/**",
    " * What it is for.",
    " */",
    "import {",
    "  a,",
    "  b,",
    "  c,",
    '} from "./c";',
    "",
    "// It begins.",
  ];
  const brackets = ["{", "}", "});", "];", "),", "}"];
  expect(copies([source("a.ts", ...head, ...brackets), source("b.ts", ...head, ...brackets)])).toEqual([]);
  const parted = LINES.flatMap((line) => ["// why", line, ""]);
  expect(copies([source("a.ts", ...head, ...parted), source("b.ts", ...LINES)])).toEqual([
    "a.ts:12-30 stands again in b.ts:1-7",
  ]);
});
