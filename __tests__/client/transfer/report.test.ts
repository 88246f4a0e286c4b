import fc from "fast-check";
import { printable } from "../../../client/core/terminal";
import { formatBytes, formatDuration, Progress, progressLine } from "../../../client/transfer/report";
import { anyCharacter } from "../../support/any-character";

const MIB = 2 ** 20;

it("a line shows share, amount, speed and time left", () => {
  expect(progressLine({ bytes: 25 * MIB, totalBytes: 100 * MIB, files: 1, seconds: 5 }, 120)).toBe(
    " 25 %  [======                  ]  25.0 MiB of 100 MiB  1 file  5.0 MiB/s  0:15 left",
  );
  expect(progressLine({ bytes: 25 * MIB, files: 0, seconds: 5 }, 120)).toBe("25.0 MiB  5.0 MiB/s");
});

it("a line always fits its terminal", () => {
  const state = fc.record({
    bytes: fc.maxSafeNat(),
    totalBytes: fc.option(fc.maxSafeNat(), { nil: undefined }),
    files: fc.nat(),
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(state, fc.integer({ min: 1, max: 200 }), (value, columns) =>
      expect(progressLine(value, columns).length).toBeLessThan(columns),
    ),
  );
});

it("nothing is drawn where there is no terminal", () => {
  jest.useFakeTimers();
  const written: string[] = [];
  for (const isTTY of [false, true]) {
    written.length = 0;
    const progress = new Progress({ isTTY, columns: 80, write: (text) => written.push(text) }, 10);
    progress.addBytes(5);
    jest.advanceTimersByTime(250);
    progress.interrupt(() => written.push("a line\n"));
    progress.end();
    if (!isTTY) expect(written).toEqual(["a line\n"]);
    else {
      const clear = "\r\u001b[K";
      expect(written.join("")).toContain(" 50 %");
      expect(written.slice(-3)).toEqual([clear, "a line\n", clear]);
    }
  }
  jest.useRealTimers();
});

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1.5 * MIB, "1.5 MiB"],
  [5 * 2 ** 40, "5.0 TiB"],
  [5000 * 2 ** 40, "5000 TiB"],
])("%i bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it("durations", () => {
  expect([5, 65, 3600 + 65].map(formatDuration)).toEqual(["0:05", "1:05", "1:01:05"]);
});

it("text that is shown cannot drive the terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
  expect(printable("a\u001b[31m\u202e/ä 🎉")).toBe("a\\x1b[31m\\u{202e}/ä 🎉");
});
