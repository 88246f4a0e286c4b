import { execFileSync } from "node:child_process";
import { environmentFile } from "../../../sandbox/acceptance/welcome";

describe("a settings file", () => {
  it.each(["plain", "with space", "it's", '"$HOME" `id` \\', "päth/", "a;b", "", "*"])(
    "gives a shell the value %j as it is",
    (value) => {
      const script = `${environmentFile({ VALUE: value })}printf %s "$VALUE"`;
      expect(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" })).toBe(value);
    },
  );
});
