import { join } from "node:path";
import { expectedStacks, stackFault } from "../../scripts/check-synth";
import { environmentConfig } from "../support/environment";
import { synthesise } from "../support/synthesise";

const ENVIRONMENTS = join(__dirname, "..", "..", "environments");
const stacks = expectedStacks(ENVIRONMENTS);
const stack = (name: string) => {
  const found = stacks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is not expected`);
  return found;
};
const { foundation, serversText } = synthesise(environmentConfig({ servers: { servers: [] } }));

it("an environment without servers is valid", () => {
  expect(Object.keys(JSON.parse(serversText).resource ?? {})).toEqual([]);
  expect(stackFault(stack("servers-dev"), () => serversText)).toBeUndefined();
  expect(stackFault(stack("foundation-dev"), () => JSON.stringify(foundation))).toBeUndefined();
});

it("a foundation layer without resources is not", () => {
  const empty = JSON.stringify({ ...foundation, resource: {} });
  expect(stackFault(stack("foundation-dev"), () => empty)).toBe("foundation-dev: no resource");
});

it("the stacks that are expected are those of the environments in the repository", () => {
  const expected = ["dev", "local", "prod"].flatMap((name) => [
    `foundation-${name}`,
    `servers-${name}`,
    ...(name === "prod" ? [] : [`api-${name}`, `users-${name}`]),
  ]);
  expect(stacks.map(({ name }) => name)).toEqual(expected);
});
