import fc from "fast-check";
import { SCOPES, type Scope } from "../../access/permission-level";
import { authorise } from "../../lambda/authorise";
import { CLIENT_ROLE } from "./support/cloud-stub";

const role = (allowedScopes: readonly Scope[], maxSessionDuration = 3600) => ({
  ...CLIENT_ROLE,
  allowedScopes,
  maxSessionDuration,
});

it("the scopes are those that the token and the mapping both have", () => {
  fc.assert(
    fc.property(fc.subarray([...SCOPES]), fc.subarray([...SCOPES]), (requested, allowed) => {
      const both = requested.filter((scope) => allowed.includes(scope));
      if (both.length > 0) expect(authorise(requested, role(allowed), undefined).scopes).toEqual(both);
      else expect(() => authorise(requested, role(allowed), undefined)).toThrow("scope_insufficient");
    }),
  );
});

it.each([
  [undefined, 3600, 3600],
  [undefined, 1800, 1800],
  [900, 3600, 900],
  [900, 1800, 900],
  [3600, 1800, 1800],
])("a wish for %p seconds under a maximum of %p gives %p", (wish, maximum, seconds) => {
  expect(authorise(["write"], role(["write"], maximum), wish).durationSeconds).toBe(seconds);
});
