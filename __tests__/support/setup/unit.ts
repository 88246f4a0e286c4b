import crypto from "node:crypto";
import { forbidNetwork } from "./forbid-network";
import { forbidProcesses } from "./forbid-processes";
import { watchWaiting } from "./forbid-waiting";
import { patch } from "./patch";
import type { SharedModules } from "./unit-environment";
import { type Rules, runs, takeViolations } from "./violations";

declare const sharedModules: SharedModules;

/** What makes a unit test: it runs in this process, speaks to this machine alone, and waits for nothing. */
const allowAgain = [...forbidProcesses(), ...forbidNetwork(), ...watchWaiting(), shareKeys()];
const unitTestRules: Rules = {
  run: runs,
  take: takeViolations,
  end() {
    for (const allow of allowAgain) allow();
  },
};
Object.assign(globalThis, { unitTestRules });

// Its values and errors belong to another realm, whose classes are not those of the tests.
jest.mock("@cdktf/hcl2json", () => ({
  parse: async (file: string, text: string) => {
    try {
      return own(await sharedModules.parseHcl(file, text));
    } catch (error) {
      throw new Error((error as Error).message);
    }
  },
}));

function own(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, own);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, own(held)]));
}

/** The keys of a file are its own, one for each that it makes, and other files have them too. */
function shareKeys(): () => void {
  let made = 0;
  return patch(crypto, "generateKeyPairSync", (generate: (...args: unknown[]) => unknown) => {
    return (type: unknown, options: Readonly<Record<string, unknown>>, ...rest: unknown[]) => {
      const { modulusLength, ...others } = options;
      const isPlain = type === "rsa" && typeof modulusLength === "number" && Object.keys(others).length === 0;
      return isPlain ? sharedModules.rsaKeyPair(made++, modulusLength) : generate(type, options, ...rest);
    };
  });
}
