import { AsyncLocalStorage } from "node:async_hooks";
import { generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestEnvironment } from "jest-environment-node";
import type { Rules } from "./violations";

interface Test {
  readonly name: string;
  readonly parent?: Test | undefined;
  readonly errors: Error[];
}

interface Event {
  readonly name: string;
  readonly test?: Test;
}

/** What outlives a test file, because loading it takes longer than most files do. It keeps nothing between calls. */
export interface SharedModules {
  /** The parser of HCL, a Go program: @cdktf/hcl2json. */
  parseHcl(file: string, text: string): Promise<unknown>;
  /** The RSA key pair with this number; it takes a tenth of a second to make one. */
  rsaKeyPair(number: number, modulusLength: number): KeyPairKeyObjectResult;
}

// Before a test file's rules are at work on it.
const generate = generateKeyPairSync;
const keyPairs = new Map<string, KeyPairKeyObjectResult>();

function rsaKeyPair(number: number, modulusLength: number): KeyPairKeyObjectResult {
  const name = `${number} ${modulusLength}`;
  const pair = keyPairs.get(name) ?? generate("rsa", { modulusLength });
  keyPairs.set(name, pair);
  return pair;
}

/**
 * Fails whatever test breaks the rules, after its last hook, and the file where that happens outside of a test. Gives
 * each file a temporary folder, in memory where the machine has one, and leaves nothing of it behind.
 */
export default class UnitEnvironment extends TestEnvironment {
  readonly #outside: Error[] = [];
  #folder = "";
  #usualFolder: string | undefined;

  override async setup(): Promise<void> {
    await super.setup();
    this.#usualFolder = process.env.TMPDIR;
    this.#folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), "oidc-s3-unit-"));
    process.env.TMPDIR = this.#folder;
    const sharedModules: SharedModules = {
      parseHcl: async (file, text) => (await import("@cdktf/hcl2json")).parse(file, text),
      rsaKeyPair,
    };
    Object.assign(this.global, { sharedModules });
  }

  handleTestEvent(event: Event, state: { readonly unhandledErrors: unknown[] }): void {
    const { unitTestRules: rules } = this.global as { unitTestRules?: Rules };
    // Of a file that cannot be loaded there are none.
    if (rules === undefined) return;
    if (event.name === "test_start" && event.test) {
      this.#outside.push(...broken(rules));
      rules.run(fullName(event.test));
    } else if (event.name === "test_done" && event.test) {
      event.test.errors.push(...broken(rules));
      rules.run(undefined);
    } else if (event.name === "run_finish") state.unhandledErrors.push(...this.#outside, ...broken(rules));
  }

  override async teardown(): Promise<void> {
    (this.global as { unitTestRules?: Rules }).unitTestRules?.end();
    if (this.#usualFolder === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.#usualFolder;
    rmSync(this.#folder, { recursive: true, force: true });
    forgetContexts();
    await super.teardown();
  }
}

const ENOUGH_BYTES = 512 * 2 ** 20;

/** Linux keeps this folder in memory: the client makes sure of what it writes, and waits for a disk where one is below. */
function memoryFolder(): string | undefined {
  const folder = "/dev/shm";
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ENOUGH_BYTES ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Every AsyncLocalStorage that has once been used costs each later promise of the process a little, until it is disabled.
 * Jest makes a new one for each test file and disables none.
 */
const contexts = new Set<AsyncLocalStorage<unknown>>();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...args: Parameters<typeof run>) {
  contexts.add(this);
  return run.apply(this, args);
} as typeof run;

function forgetContexts(): void {
  for (const context of contexts) context.disable();
  contexts.clear();
}

/** Without the place in this file. */
function broken(rules: Rules): Error[] {
  return rules.take().map((message) => Object.assign(new Error(message), { stack: message }));
}

function fullName({ name, parent }: Test): string {
  return parent?.parent === undefined ? name : `${fullName(parent)} ${name}`;
}
