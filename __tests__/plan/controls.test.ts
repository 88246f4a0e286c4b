import { type ClientControl, noControl } from "../../access/client-control";
import type { ClientRole } from "../../access/client-role";
import { FleetError } from "../../fleet/change";
import { controlNotes } from "../../plan/controls";

const NOW = 1_790_000_000;
const server = (serverName: string) => ({ serverName, clientId: `id-of-${serverName}` }) as ClientRole;
const servers = async () => new Map(["db-01", "db-02", "web-01"].map((name) => [name, server(name)]));
const notes = (controls: Readonly<Record<string, ClientControl | FleetError>>, now = NOW) =>
  controlNotes({ servers, allControls: async () => new Map(Object.entries(controls)) }, now);

it("a server under a control is told with what, since when, by whom and why, and no other", async () => {
  const disabled = {
    ...noControl("id-of-db-01"),
    disabled: true,
    until: NOW + 7200,
    reason: "INC-42",
    changedBy: "arn:aws:iam::123456789012:user/ada",
    changedAt: NOW - 60,
  };
  expect(
    await notes({ "id-of-db-01": disabled, "id-of-gone": disabled, "id-of-db-02": noControl("id-of-db-02") }),
  ).toEqual([
    "db-01 is under a control, which no deployment changes: disabled until 2026-09-21T16:13:20Z (since 2026-09-21T14:12:20Z, by arn:aws:iam::123456789012:user/ada: INC-42)",
  ]);
  expect(await notes({ "id-of-db-01": disabled }, NOW + 7200)).toEqual([]);
});

it("a malformed control is told: its server gets nothing", async () => {
  expect(await notes({ "id-of-web-01": new FleetError("is refused by the vending API: it is malformed") })).toEqual([
    "The control of web-01 is refused by the vending API: it is malformed",
  ]);
});

it.each([
  ["ResourceNotFoundException", []],
  ["AccessDeniedException", [expect.stringContaining("could not be read: no (AccessDeniedException)")]],
])("where the tables cannot be read for %s, the notes are %j", async (name, expected) => {
  const allControls = () => Promise.reject(Object.assign(new Error("no"), { name }));
  expect(await controlNotes({ servers, allControls }, NOW)).toEqual(expected);
});
