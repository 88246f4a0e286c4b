import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { processCommand } from "../../../client/setup/profile";

it("a shell splits the command into the words that it was made of", () => {
  const word = fc.string({
    unit: fc.constantFrom(..." aB/.-_$`\\!*?&|(){}~é'\"#;".split("")),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      let command: string;
      try {
        command = processCommand(words);
      } catch {
        // Refused is right for what no quoting can say to all readers.
        expect(words.some((text) => /(?:^|\s)[#;]/.test(text) || (/'/.test(text) && /["\\$`!]/.test(text)))).toBe(true);
        return;
      }
      const seen = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" });
      expect(seen.split("\0").slice(0, -1)).toEqual(words);
      // Readers of the file cut what looks like a comment.
      expect(command).not.toMatch(/\s[#;]/);
    }),
    { numRuns: 100 },
  );
});
