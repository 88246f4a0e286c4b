import { LAYERS } from "../../layers";
import { isDeployed } from "../../layers/selection";
import { environmentConfig } from "../support/environment";

const api = LAYERS.find(({ name }) => name === "api");

it.each([
  ["deploy api-dev", true],
  ["deploy foundation-dev api-*", true],
  ["deploy *-dev", true],
  ["deploy api-prod", false],
  ["deploy foundation-dev", false],
  ["diff api-dev", false],
  ["synth", false],
  ["", false],
])("of what `cdktf %s` deploys api-dev is: %p", (commandLine, expected) => {
  expect(isDeployed({ name: "api" }, "dev", commandLine.split(" "))).toBe(expected);
});

it("what writes API logs is told to need the account's role, with the refusal's words and the way to know", () => {
  const note = (more: object) =>
    api?.beforeDeployment?.({ ...environmentConfig(), optional: { api: { environment: "dev", ...more } } });
  const logging = note({ apiLogging: true, routes: [{}] });
  expect(logging).toMatch(/"CloudWatch Logs role ARN must be set in account settings to enable logging"/);
  expect(logging).toMatch(/npm run check-aws -- dev \(docs\/api\.md#logs\)/);
  expect(note({ apiLogging: false, routes: [{}] })).toBeUndefined();
  expect(note({ apiLogging: true, routes: [] })).toBeUndefined();
});
