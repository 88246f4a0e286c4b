import fs from "node:fs";
import { COMMANDS } from "../../../client/cli/main";
import { createProgram } from "../../../client/cli/program";
import { Secret } from "../../../client/core/secret";
import { print, say } from "../../../client/core/terminal";

/** What a function writes, by descriptor. */
function written(write: () => void): Record<number, string> {
  const texts: Record<number, string> = {};
  const spy = jest.spyOn(fs, "writeSync").mockImplementation(((
    descriptor: number,
    bytes: Buffer,
    from: number | null,
  ) => {
    const offset = from ?? 0;
    texts[descriptor] = (texts[descriptor] ?? "") + bytes.subarray(offset).toString("utf8");
    return bytes.length - offset;
  }) as typeof fs.writeSync);
  try {
    write();
  } finally {
    spy.mockRestore();
  }
  return texts;
}

const NASTY = "a\u001b[2Jb\u009bc\u202ed\u2028e\u{e0001}f\rg";

describe("texts of others", () => {
  it("cannot drive a terminal in a message; its lines stay lines", () => {
    expect(written(() => say(`${NASTY}\n\tsecond 🎉`))).toEqual({
      2: "oidc-s3: a\\u001b[2Jb\\u009bc\\u202ed\\u2028e\\udb40\\udc01f\\u000dg\noidc-s3: \tsecond 🎉\n",
    });
  });

  it("nor in a line of JSON, which means the same", () => {
    const line = written(() => print(JSON.stringify({ key: NASTY })))[1] ?? "";
    expect(line).not.toMatch(/[\p{Cf}\p{Zl}]|[^\P{Cc}\n]/u);
    expect(JSON.parse(line)).toEqual({ key: NASTY });
  });
});

it("a file's name that is taken for an option cannot drive a terminal: oidc-s3 upload *", async () => {
  const program = await createProgram("upload", COMMANDS);
  const args = ["upload", "a.txt", "--\u001b[2J\u009b"];
  for (const command of [program, ...program.commands]) command.exitOverride();
  let run: Promise<unknown> = Promise.resolve();
  const texts = written(() => {
    run = program.parseAsync(args, { from: "user" }).catch((error: unknown) => error);
  });
  expect(await run).toMatchObject({ code: "commander.unknownOption" });
  expect(texts[2]).toContain("unknown option '--\\u001b[2J\\u009b'");
});

describe("a disk that is full", () => {
  const onFullDisk = (write: () => void): void => {
    const spy = jest.spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    });
    try {
      write();
    } finally {
      spy.mockRestore();
    }
  };

  it("is what a result that cannot be written is about, and no fault of the program or of S3", () => {
    expect(() => onFullDisk(() => print("a result"))).toThrow(
      expect.objectContaining({ exitCode: 6, message: "the standard output: the disk is full" }),
    );
  });

  it("does not end the program where only messages are lost", () => {
    expect(() => onFullDisk(() => say("a message"))).not.toThrow();
  });
});

it("a secret is taken out of a text that echoes it", () => {
  const secret = new Secret("s3cr/t+");
  expect(secret.scrub("no s3cr/t+ nor s3cr%2Ft%2B here")).toBe("no [redacted] nor [redacted] here");
  expect(secret.scrub("nor s3cr/t%2b, nor %73%33cr/t+: s3crt")).toBe("nor [redacted], nor [redacted]: s3crt");
  expect(new Secret("a.b-^[$ü").scrub("a.b-^[$ü a%2eb-%5E[$%C3%BC axb-^[$ü")).toBe("[redacted] [redacted] axb-^[$ü");
  expect(new Secret("").scrub("text")).toBe("text");
});

it.each(["constructor", "__proto__", "toString"])("%s is no command", async (name) => {
  const program = await createProgram(name, COMMANDS);
  expect(program.commands.map((command) => command.name())).toEqual(Object.keys(COMMANDS));
});
