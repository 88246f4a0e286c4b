import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256 } from "../../../client/credentials/sha256";

const reference = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

it("gives what node:crypto gives, for all texts", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => expect(sha256(text)).toBe(reference(text))),
    { numRuns: 2000 },
  );
});

it("and for every length around the ends of blocks", () => {
  for (let length = 0; length < 260; length++) expect(sha256("a".repeat(length))).toBe(reference("a".repeat(length)));
});
