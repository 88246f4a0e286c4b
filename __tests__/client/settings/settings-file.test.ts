import { parseSettingsFile } from "../../../client/settings/settings-file";

function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries([...parseSettingsFile(text).values].map(([name, { value }]) => [name, value]));
}

describe("a settings file", () => {
  it("has the lines of the documented README", () => {
    const text = `# Identity provider\nexport IDP_TYPE="cognito"\n\nexport COGNITO_CLIENT_SECRET='a/b+c='\nexport S3_PATH_PREFIX="my-data/"\n`;
    expect(valuesOf(text)).toEqual({
      IDP_TYPE: "cognito",
      COGNITO_CLIENT_SECRET: "a/b+c=",
      S3_PATH_PREFIX: "my-data/",
    });
  });

  it.each([
    ["plain", "A=b", "b"],
    ["space around", "  A = b  ", "b"],
    ["Windows line end", "A=b\r\n", "b"],
    ["byte order mark", "\uFEFFA=b", "b"],
    ["comment after a value", "A=b # why", "b"],
    ["# within a value", "A=b#c", "b#c"],
    ["comment after quotes", 'A="b" # why', "b"],
    ["escapes in double quotes", String.raw`A="a\"b\\c\$d\e"`, String.raw`a"b\c$d\e`],
    ["nothing escapes in single quotes", String.raw`A='a\b'`, String.raw`a\b`],
    ["dollar stands for itself", 'A="$HOME"', "$HOME"],
    ["joined lines", "A=b\\\nc", "bc"],
    ["last one wins", "A=1\nA=2", "2"],
    ["empty", "A=", ""],
    ["equals signs in the value", "A=b=c==", "b=c=="],
  ])("%s", (_, text, expected) => {
    expect(valuesOf(text)).toEqual({ A: expected });
  });

  it("names the lines that it does not understand, and keeps nothing of them", () => {
    const parsed = parseSettingsFile('A=1\nsource /etc/x\n\nB="not closed\nC=3\n');
    expect(parsed.oddLines).toEqual([2, 4]);
    expect([...parsed.values.keys()]).toEqual(["A", "C"]);
    expect(parsed.values.get("C")?.line).toBe(5);
    expect(JSON.stringify(parsed)).not.toContain("not closed");
  });
});
