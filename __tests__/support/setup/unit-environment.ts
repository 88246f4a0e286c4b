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

/** Fails whatever test breaks the rules, after its last hook, and the file where that happens outside of a test. */
export default class UnitEnvironment extends TestEnvironment {
  readonly #outside: Error[] = [];

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
    await super.teardown();
  }
}

/** Without the place in this file. */
function broken(rules: Rules): Error[] {
  return rules.take().map((message) => Object.assign(new Error(message), { stack: message }));
}

function fullName({ name, parent }: Test): string {
  return parent?.parent === undefined ? name : `${fullName(parent)} ${name}`;
}
