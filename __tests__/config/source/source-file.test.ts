import fc from "fast-check";
import { parseFile } from "../../../config/source/parse-file";
import { anyCharacter } from "../../support/any-character";

// Each run asks the HCL parser; a machine with other work may take its time.
jest.setTimeout(30_000);

type Tree = { readonly [key: string]: Tree | string };

// What makes a scanner lose its way: quotes, escapes, comment signs, brackets, template signs, line ends.
const nasty = fc
  .array(fc.constantFrom('"', "\\", "#", "//", "/*", "*/", "{", "}", "${", "%{", "$", "=", "\n", "<<EOT", "é", "x"), {
    maxLength: 6,
  })
  .map((parts) => parts.join(""));
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/),
  nasty.filter((text) => text !== ""),
);
const tree = fc.letrec<{ tree: Tree; leaf: string }>((tie) => ({
  leaf: nasty,
  tree: fc.dictionary(name, fc.oneof({ depthSize: "small" }, tie("leaf"), tie("tree")), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})).tree;

/** An HCL string, template signs doubled. */
const quote = (text: string) => JSON.stringify(text).replace(/([$%])\{/g, "$1$1{");

/** HCL of an object, with comments that hold brackets, quotes and assignments; records where each key stands. */
function render(
  value: Tree | string,
  path: readonly string[],
  places: Map<string, string>,
  text: { hcl: string },
): void {
  if (typeof value === "string") {
    text.hcl += quote(value);
    return;
  }
  text.hcl += '{ # not } = "a key\n';
  for (const [key, inner] of Object.entries(value)) {
    const place = [...path, key];
    text.hcl += '  /* { " */ ';
    const before = text.hcl.split("\n");
    places.set(JSON.stringify(place), `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`);
    text.hcl += `${quote(key)} ${place.length % 2 ? "=" : ":"} `;
    render(inner, place, places, text);
    text.hcl += place.length % 2 ? ", // }\n" : "\n";
  }
  text.hcl += "}";
}

it("every value is read as it was meant, and every key is found where it stands", async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      const places = new Map<string, string>();
      const text = { hcl: "\n\nroot = " };
      render(value, ["root"], places, text);
      const { source, faults } = await parseFile(
        "x.tfvars",
        Buffer.from(`${text.hcl}\nlast = <<EOT\nnot = "a key"\nEOT\nend = 1\n`),
      );
      expect(faults).toEqual([]);
      expect(source?.values).toEqual({ root: value, last: 'not = "a key"\n', end: 1 });
      for (const [path, place] of places) {
        const position = source?.outline.positionOf(JSON.parse(path));
        expect(`${position?.line}:${position?.column}`).toBe(place);
      }
      expect(source?.outline.positionOf(["end"])?.column).toBe(1);
    }),
    { numRuns: 80 },
  );
});

it("JSON is read the same way, where a template sign is only text", async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      const { source, faults } = await parseFile(
        "x.tfvars.json",
        Buffer.from(JSON.stringify({ root: value, end: 1 }, null, 2)),
      );
      expect(faults).toEqual([]);
      expect(source?.values).toEqual({ root: value, end: 1 });
      expect(source?.outline.positionOf(["end"])?.column).toBe(3);
      for (const key of Object.keys(value)) expect(source?.outline.positionOf(["root", key])?.column).toBe(5);
    }),
    { numRuns: 80 },
  );
});

it("a key that is not there has the place of the nearest one above it", async () => {
  const { source } = await parseFile("x.tfvars", Buffer.from("a = 1\n  b = {\n c = 2 }\n"));
  expect(source?.outline.positionOf(["b", "missing", "deeper"])).toEqual({ line: 2, column: 3 });
  expect(source?.outline.positionOf(["missing"])).toBeUndefined();
});

it("any text is either parsed or a fault, never an exception", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("x.tfvars", "x.tfvars.json"),
      fc.oneof(nasty, fc.string({ unit: anyCharacter })),
      async (file, text) => {
        const { source, faults } = await parseFile(file, Buffer.from(text));
        expect(source !== undefined || faults.length > 0).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
