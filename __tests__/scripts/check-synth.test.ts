import { stackFault } from "../../scripts/check-synth";
import { environmentConfig } from "../support/environment";
import { synthesise } from "../support/synthesise";

const { foundation, serversText } = synthesise(environmentConfig({ servers: { servers: [] } }));

it("an environment without servers is valid", () => {
  expect(Object.keys(JSON.parse(serversText).resource ?? {})).toEqual([]);
  expect(stackFault("servers-dev", () => serversText)).toBeUndefined();
  expect(stackFault("foundation-dev", () => JSON.stringify(foundation))).toBeUndefined();
});

it("a foundation layer without resources is not", () => {
  const empty = JSON.stringify({ ...foundation, resource: {} });
  expect(stackFault("foundation-dev", () => empty)).toBe("foundation-dev: no resource");
});
