import fc from "fast-check";
import { parseSettingsFile, settingsFileText } from "../../../client/settings/settings-file";

const values = fc.dictionary(
  fc.constantFrom("COGNITO_CLIENT_SECRET", "S3_PATH_PREFIX", "HTTPS_PROXY", "AWS_REGION"),
  fc.string({ unit: fc.constantFrom(..." aZ0'\"\\$`!#;=&|<>(){}[]*?~%ä🎉"), minLength: 1, maxLength: 12 }),
);

it("this client reads what was written", () => {
  fc.assert(
    fc.property(values, (settings) => {
      const read = parseSettingsFile(settingsFileText(settings, "title"));
      expect(read.oddLines).toEqual([]);
      expect(Object.fromEntries([...read.values].map(([name, { value }]) => [name, value]))).toEqual({ ...settings });
    }),
  );
});

it("systemd reads the same, by the rules of systemd.exec(5)", () => {
  fc.assert(
    fc.property(values, (settings) => {
      const text = settingsFileText(settings, "title");
      const read = text
        .split("\n")
        .filter((line) => line !== "" && !/^[#;]/.test(line))
        .map((line) => {
          const [, name = "", quoted = ""] = /^([A-Z0-9_]+)="(.*)"$/.exec(line) ?? [];
          // A backslash before one of these four is dropped, any other stands.
          return [name, quoted.replace(/\\(["\\$`])/g, "$1")];
        });
      expect(Object.fromEntries(read)).toEqual({ ...settings });
    }),
  );
});

it.each(["a\nb", "a\rb", "\u0000", "\u001b[2J", "\u2028"])(
  "a value with a control character is refused: %j",
  (value) => {
    expect(() => settingsFileText({ S3_BUCKET: value }, "title")).toThrow("S3_BUCKET holds");
  },
);

it("the title cannot add a line", () => {
  expect(settingsFileText({ A: "x" }, "a\nB=evil")).toBe('# a?B=evil\nA="x"\n');
});
