import fc from "fast-check";
import { addProfile, isSection, removeProfile } from "../../../client/setup/aws-config";

const LINES = ["credential_process = /opt/node /opt/oidc-s3.mjs get-credentials", "region = eu-west-1"];
const add = (text: string | undefined, name = "oidc-s3", lines = LINES): string => addProfile(text, name, lines);

/** Files as people have them and as nobody should: any bytes, and pieces that look like the format. */
const file = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc
    .array(
      fc.constantFrom(
        "[default]",
        "[profile other]",
        "[profile oidc-s3-x]",
        "region = us-east-1",
        "s3 =",
        "  max_concurrent_requests = 20",
        "# comment",
        "# <<< oidc-s3 profile other <<<",
        "",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\u00c3\u00a4",
      ),
    )
    .map((pieces) => pieces.join("")),
);

it("add and then remove gives every file back byte for byte, and no file where there was none", () => {
  fc.assert(
    fc.property(file, (text) => expect(removeProfile(add(text), "oidc-s3")).toBe(text)),
    { numRuns: 2000 },
  );
});

it("add keeps everything before it, and adding again changes nothing", () => {
  fc.assert(
    fc.property(file, (text) => {
      const once = add(text);
      expect(once.startsWith(text ?? "")).toBe(true);
      expect(add(once)).toBe(once);
    }),
  );
});

it("several profiles are added, and removed in any order", () => {
  fc.assert(
    fc.property(file, fc.shuffledSubarray(["a", "b", "c"], { minLength: 3 }), (text, order) => {
      let now: string | undefined = text;
      for (const name of ["a", "b", "c"]) now = add(now, name);
      for (const name of order) now = removeProfile(now ?? "", name);
      expect(now).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

it("a new command replaces the old one in its place, and what follows stays", () => {
  const text = `${add("[default]\nregion = x")}[profile mine]\nregion = y\n`;
  const changed = add(text, "oidc-s3", ["credential_process = other"]);
  expect(changed).toContain("credential_process = other\n");
  expect(changed).not.toContain("/opt/node");
  expect(removeProfile(changed, "oidc-s3")).toBe("[default]\nregion = x\n[profile mine]\nregion = y\n");
});

it("line ends are those of the file", () => {
  expect(add("[default]\r\n").split("\r\n").join("")).not.toContain("\n");
});

it.each(["[profile oidc-s3]", "  [ profile   oidc-s3 ] # x", '[profile "oidc-s3"]', "[profile 'oidc-s3']"])(
  "somebody else's %s is not overwritten",
  (header) => {
    expect(() => add(`[default]\n${header}\nregion = x\n`)).toThrow("line 2 begins a profile oidc-s3");
  },
);

it("other sections are not taken for it", () => {
  for (const header of ["[oidc-s3]", "[profile oidc-s3-2]", "[sso-session oidc-s3]", "# [profile oidc-s3]"]) {
    expect(isSection(header, "oidc-s3")).toBe(false);
  }
  expect(isSection("[default]", "default")).toBe(true);
  expect(isSection("[oidc-s3]", "oidc-s3", "credentials")).toBe(true);
});

it("a block that lost its end is not guessed at", () => {
  const text = add("").split("\n").slice(0, -2).join("\n");
  expect(() => removeProfile(text, "oidc-s3")).toThrow("the line that ends it is gone");
  expect(() => add(text)).toThrow("the line that ends it is gone");
});
