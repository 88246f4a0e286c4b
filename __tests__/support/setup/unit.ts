import { forbidNetwork } from "./forbid-network";
import { forbidProcesses } from "./forbid-processes";
import { watchWaiting } from "./forbid-waiting";
import { type Rules, runs, takeViolations } from "./violations";

/** What makes a unit test: it runs in this process, speaks to this machine alone, and waits for nothing. */
const allowAgain = [...forbidProcesses(), ...forbidNetwork(), ...watchWaiting()];
const unitTestRules: Rules = {
  run: runs,
  take: takeViolations,
  end() {
    for (const allow of allowAgain) allow();
  },
};
Object.assign(globalThis, { unitTestRules });
