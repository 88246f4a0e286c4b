import { spawn } from "node:child_process";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** AWS credentials of a person, as `credential_process` prints them. */
export interface PersonCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const PROFILE = "sandbox";
/** `oidc-s3`, when a person has to sign in: docs/client.md. */
export const REFUSED = 4;

/** Somebody with a machine of their own: a home folder, and `oidc-s3` as people have it. */
export class Person {
  constructor(
    readonly name: string,
    private readonly home: string,
    private readonly program: string,
    private readonly awsEndpoint: string,
  ) {}

  /** Runs `oidc-s3 user …` with these lines on its standard input. */
  user(command: string, ...lines: readonly string[]): Promise<Ended> {
    return this.run(process.execPath, [this.program, "user", ...command.split(" ")], lines);
  }

  /** As {@link user}, for what is only known when the program has said it. */
  async answer(command: string, question: RegExp, answer: (match: RegExpExecArray) => string): Promise<Ended> {
    return this.run(process.execPath, [this.program, "user", ...command.split(" ")], [], { question, answer });
  }

  /** What AWS's tools get, by the command that stands in the profile. @returns why there are none, as a sentence. */
  async credentials(): Promise<PersonCredentials | string> {
    const config = await readFile(join(this.home, ".aws/config"), "utf8");
    const command = /^credential_process = (.+)$/m.exec(config)?.[1];
    if (command === undefined) throw new Error(`${this.name}'s AWS config has no credential_process`);
    const { code, stdout, stderr } = await this.run("sh", ["-c", command], []);
    if (code === REFUSED) return stderr.trim();
    if (code !== 0) throw new Error(`credential_process ended with status ${code}: ${stderr}`);
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout);
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  /** What an hour does: the tokens and credentials that are kept have expired. The sign-in itself has not. */
  async letAnHourPass(): Promise<void> {
    const folder = join(this.home, ".local/state/oidc-s3/users");
    const past = Date.now() - 1000;
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".json") && !file.includes("failure"))) {
      const kept = JSON.parse(await readFile(join(folder, name), "utf8"));
      if ("expiration" in kept) kept.expiration = new Date(past).toISOString();
      else kept.expiresAt = past;
      await writeFile(join(folder, name), JSON.stringify(kept), { mode: 0o600 });
    }
  }

  /** The same person at a second machine, with all that the first one keeps. */
  async atAnotherMachine(home: string): Promise<Person> {
    await cp(this.home, home, { recursive: true });
    return new Person(this.name, home, this.program, this.awsEndpoint);
  }

  private async run(
    program: string,
    args: readonly string[],
    lines: readonly string[],
    asked?: { readonly question: RegExp; readonly answer: (match: RegExpExecArray) => string },
  ): Promise<Ended> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const env = {
      PATH: process.env.PATH,
      HOME: this.home,
      AWS_ENDPOINT_URL: this.awsEndpoint,
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let [stdout, stderr, isAnswered] = ["", "", false];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
      const match = isAnswered ? null : asked?.question.exec(stderr);
      if (!match) return;
      isAnswered = true;
      child.stdin.end(`${asked?.answer(match)}\n`);
    });
    // A program that needs no answer has ended before it is given one.
    child.stdin.on("error", () => {});
    if (asked === undefined) child.stdin.end(lines.map((line) => `${line}\n`).join(""));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, stdout, stderr }));
    });
  }
}

/** The options of every command of a person's: the one profile of the sandbox. */
export const PROFILE_OPTION = `--profile ${PROFILE}`;
