import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuiltClient } from "../client/support/built-client";
import { TransferFixture } from "../client/support/transfer-fixture";

const PROJECT = join(__dirname, "../..");
const SECONDS = 1_000;

/** Runs a program whose output nobody reads any more, as after `… | head -1`. */
async function unread(
  args: readonly string[],
  closed: readonly ("stdout" | "stderr")[],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, args, {
    cwd: PROJECT,
    env: { PATH: process.env.PATH, HOME: tmpdir(), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const name of closed) child[name].destroy();
  let complaints = "";
  if (!closed.includes("stderr")) child.stderr.on("data", (chunk: Buffer) => (complaints += chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, complaints };
}

describe("the project's programs, when nobody reads their output any more", () => {
  const tsx = ["--import", "tsx"];
  it.each([
    [["plan/main.ts", "--help"]],
    [["bootstrap/main.ts", "--help"]],
    [["sandbox/main.ts", "--help"]],
    [["scripts/rollback.ts", "local", "servers"]],
  ])(
    "%p ends quietly",
    async (args) => {
      expect(await unread([...tsx, ...args], ["stdout"])).toEqual({ code: 0, complaints: "" });
    },
    60 * SECONDS,
  );

  it.each([
    [["plan/main.ts", "--no-such-option"], 1],
    [["bootstrap/main.ts", "no-such-environment"], 1],
    [["bench/main.ts", "no-such-bench"], 1],
    [["sandbox/main.ts", "--no-such-option"], 2],
  ])(
    "%p says what is wrong to nobody, and ends with its own status %i",
    async (args, code) => {
      expect(await unread([...tsx, ...args], ["stdout", "stderr"])).toEqual({ code, complaints: "" });
    },
    60 * SECONDS,
  );

  it(
    "what stays up is interrupted, and ends in order",
    async () => {
      const script = `
        const { signal, happened } = require("./sandbox/process/interruption.ts").listenForInterruption(130);
        const saying = setInterval(() => console.log("still up"), 20);
        happened.then(() => { clearInterval(saying); process.exitCode = signal.aborted ? 7 : 8; });`;
      expect(await unread([...tsx, "-e", script], ["stdout"])).toEqual({ code: 7, complaints: "" });
    },
    60 * SECONDS,
  );
});

describe("oidc-s3, when nobody reads its output any more", () => {
  const client = new BuiltClient();
  beforeAll(() => client.build());
  afterAll(() => client.remove());

  it.each([[["--help"]], [["--version"]], [["upload", "--help"]], [["completion", "bash"]]])(
    "%p ends quietly",
    async (args) => {
      expect(await unread([client.file, ...args], ["stdout"])).toEqual({ code: 0, complaints: "" });
    },
  );

  it.each([
    [["no-such-command"], 2],
    [["list", "--no-such-option"], 2],
    [["list", "--config", "/no/such/file"], 3],
  ])("%p says what is wrong to nobody, and ends with its own code %i", async (args, code) => {
    expect(await unread([client.file, ...args], ["stdout", "stderr"])).toEqual({ code, complaints: "" });
  });

  it("a download ends quietly too, with the code of a file that could not be written", async () => {
    const fixture = await TransferFixture.start();
    try {
      fixture.s3.objects.set("logs/a.bin", { bytes: Buffer.alloc(1_000_000), headers: {} });
      const args = [client.file, "download", "logs/a.bin", "-"];
      expect(await unread(args, ["stdout"], fixture.environment)).toEqual({ code: 6, complaints: "" });
    } finally {
      await fixture.stop();
    }
  });
});
