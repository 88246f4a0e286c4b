import fc from "fast-check";

const SURROGATES = { first: 0xd800, count: 0x800 };
const LAST_CODE_POINT = 0x10ffff;

/**
 * Any character that text can hold, as fast-check's own unit "binary" has it.
 * That one makes a table of all 1.1 million of them first, which takes a second in every file that uses it.
 */
export const anyCharacter = fc.integer({ min: 0, max: LAST_CODE_POINT - SURROGATES.count }).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (character) => {
    const code = typeof character === "string" ? (character.codePointAt(0) ?? -1) : -1;
    if (code < 0 || String.fromCodePoint(code) !== character) throw new Error("this is not one character");
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);
