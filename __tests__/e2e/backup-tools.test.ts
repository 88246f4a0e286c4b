import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ended } from "../client/support/built-client";
import { isInstalled } from "../support/prerequisites";
import { ClientAndCloud } from "./support/client-and-cloud";

/** rclone, restic and s3cmd with the settings of docs/integrations, from nothing, at the level that each step needs. */
let on: ClientAndCloud;
let work: string;
beforeAll(async () => {
  on = await ClientAndCloud.start(["tools-all", "tools-write", "tools-read"]);
  work = mkdtempSync(join(tmpdir(), "oidc-s3-tools-"));
  const source = join(work, "source");
  mkdirSync(source);
  writeFileSync(join(source, "first.txt"), "first");
  writeFileSync(join(source, "größer & co.bin"), Buffer.alloc(6_000_000, 7));
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await on?.stop();
});

type Server = "tools-all" | "tools-write" | "tools-read";

/** An AWS config file whose only profile asks the client. */
function awsConfig(server: Server): string {
  const path = join(work, `${server}.aws`);
  const command = `${process.execPath} ${on.client.file} get-credentials --config ${on.settingsFile(server)}`;
  writeFileSync(path, `[default]\nregion = eu-west-1\ncredential_process = ${command}\n`, { mode: 0o600 });
  return path;
}

/** What a program gets that takes keys from the environment alone. */
async function keys(server: Server): Promise<NodeJS.ProcessEnv> {
  const credentials = JSON.parse((await on.run(server, "get-credentials")).stdout);
  return {
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: credentials.SessionToken,
  };
}

function contentOf(folder: string): Record<string, number> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).length]));
}

const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  on.client.startProgram(program, args, { ...on.environment({ HOME: work }), ...env }, { cwd: work }).ended;

describe("rclone", () => {
  const TRIES = ["--retries", "1", "--low-level-retries", "1"];
  const rclone = (server: Server, acl: string | undefined, ...args: string[]) => {
    const config = join(work, "rclone.conf");
    // As `AWS`, rclone puts the bucket into the host's name, which the sandbox's address cannot have.
    const sandbox = ["provider = Other", `endpoint = ${on.cloud.awsEndpoint}`];
    const settings = ["type = s3", "env_auth = true", "region = eu-west-1", "no_check_bucket = true"];
    writeFileSync(config, ["[s3]", ...settings, ...sandbox, ""].join("\n"));
    const env = { AWS_CONFIG_FILE: awsConfig(server), RCLONE_CONFIG: config };
    return start("rclone", [...args, ...TRIES], acl === undefined ? env : { ...env, RCLONE_S3_ACL: acl });
  };

  it("backs up, restores and removes what is gone, at the level full", async () => {
    if (!isInstalled("rclone", "version")) return;
    const there = `s3:${on.bucket}/tools/rclone`;
    const source = join(work, "source");
    expect(await rclone("tools-all", " ", "sync", source, there)).toMatchObject({ code: 0 });
    const back = join(work, "rclone-back");
    expect(await rclone("tools-read", " ", "copyto", `${there}/first.txt`, join(work, "one"))).toMatchObject({
      code: 0,
    });
    expect(await rclone("tools-all", " ", "copy", there, back)).toMatchObject({ code: 0 });
    expect(contentOf(back)).toEqual(contentOf(source));
    rmSync(join(back, "first.txt"));
    expect(await rclone("tools-all", " ", "sync", back, there)).toMatchObject({ code: 0 });
    expect(await on.stored("tools/rclone/first.txt")).toBeUndefined();
  });

  it("only uploads, at the level write", async () => {
    if (!isInstalled("rclone", "version")) return;
    const to = `s3:${on.bucket}/tools/rclone-drop/first.txt`;
    const args = ["--s3-no-head", "--no-check-dest", "copyto", join(work, "source/first.txt"), to];
    expect(await rclone("tools-write", " ", ...args)).toMatchObject({ code: 0 });
    expect(await on.stored("tools/rclone-drop/first.txt")).toEqual(Buffer.from("first"));
  });

  it("is refused where it asks for an ACL, be it the default one", async () => {
    if (!isInstalled("rclone", "version")) return;
    const to = `s3:${on.bucket}/tools/rclone-acl/first.txt`;
    const { code, stderr } = await rclone("tools-all", "private", "copyto", join(work, "source/first.txt"), to);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/AccessDenied|403/);
  });
});

describe("restic", () => {
  it("backs up, prunes, checks and restores, at the level full, from a repository made here and uploaded", async () => {
    if (!isInstalled("restic", "version")) return;
    const made = join(work, "made/restic");
    const source = join(work, "source");
    const env = { AWS_SHARED_CREDENTIALS_FILE: awsConfig("tools-all"), RESTIC_PASSWORD: "e2e" };
    expect(await start("restic", ["init", "--repo", made], env)).toMatchObject({ code: 0 });
    expect(await on.run("tools-all", "upload", "--recursive", made)).toMatchObject({ code: 0 });

    const repository = `s3:${on.cloud.awsEndpoint}/${on.bucket}/tools/restic`;
    const restic = (...args: string[]) => start("restic", ["--repo", repository, ...args], env);
    expect(await restic("backup", source)).toMatchObject({ code: 0 });
    writeFileSync(join(source, "second.txt"), "second");
    expect(await restic("backup", source)).toMatchObject({ code: 0 });
    expect(await restic("forget", "--keep-last", "1", "--prune")).toMatchObject({ code: 0 });
    expect(await restic("check")).toMatchObject({ code: 0 });
    const back = join(work, "restic-back");
    expect(await restic("restore", "latest", "--target", back)).toMatchObject({ code: 0 });
    expect(contentOf(join(back, source))).toEqual(contentOf(source));
  });
});

describe("s3cmd", () => {
  const s3cmd = async (server: Server, ...args: string[]) => {
    const host = new URL(on.cloud.awsEndpoint).host;
    const sandbox = [`--host=${host}`, `--host-bucket=${host}`, "--no-ssl"];
    return start("s3cmd", ["--config=/dev/null", "--region=eu-west-1", ...sandbox, ...args], await keys(server));
  };

  it("puts at the level write, gets at read, and syncs and removes at full", async () => {
    if (!isInstalled("s3cmd", "--version")) return;
    const there = `s3://${on.bucket}/tools/s3cmd/`;
    const source = join(work, "source");
    expect(await s3cmd("tools-write", "put", join(source, "first.txt"), there)).toMatchObject({ code: 0 });
    const one = join(work, "s3cmd-one");
    expect(await s3cmd("tools-read", "get", `${there}first.txt`, one)).toMatchObject({ code: 0 });
    expect(readFileSync(one, "utf8")).toBe("first");
    expect(await s3cmd("tools-all", "sync", `${source}/`, there)).toMatchObject({ code: 0 });
    const back = join(work, "s3cmd-back");
    mkdirSync(back);
    expect(await s3cmd("tools-all", "sync", there, `${back}/`)).toMatchObject({ code: 0 });
    expect(contentOf(back)).toEqual(contentOf(source));
    rmSync(join(back, "first.txt"));
    expect(await s3cmd("tools-all", "sync", "--delete-removed", `${back}/`, there)).toMatchObject({ code: 0 });
    expect(await on.stored("tools/s3cmd/first.txt")).toBeUndefined();
    const { code } = await s3cmd("tools-write", "get", `${there}größer & co.bin`, join(work, "refused"));
    expect(code).not.toBe(0);
  });
});
