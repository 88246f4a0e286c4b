import fc from "fast-check";
import {
  CIDR_ENFORCEMENTS,
  type ClientControl,
  ClientControlError,
  clientControlItem,
  controlAt,
  noControl,
  parseClientControlItem,
} from "../../access/client-control";
import { anyCharacter } from "../support/any-character";

const NONE = noControl("1abc2defg3hij4klmno5pqrs6");
const EVERYTHING: ClientControl = {
  ...NONE,
  disabled: true,
  writeOnly: true,
  until: 1_790_003_600,
  tokensNotBefore: 1_790_000_000,
  allowedCidrs: ["203.0.113.0/24"],
  cidrEnforcement: "enforce",
  sessionsDeniedUntil: 1_790_003_600,
  reason: "INC-42: laptop stolen",
  changedBy: "arn:aws:sts::123456789012:assumed-role/Operator/ada",
  changedAt: 1_790_000_000,
  version: 3,
};

it("an item has the documented attributes", () => {
  expect(clientControlItem(EVERYTHING)).toEqual({
    client_id: { S: "1abc2defg3hij4klmno5pqrs6" },
    disabled: { BOOL: true },
    mode: { S: "write-only" },
    until: { N: "1790003600" },
    tokens_not_before: { N: "1790000000" },
    allowed_cidrs: { SS: ["203.0.113.0/24"] },
    cidr_enforcement: { S: "enforce" },
    sessions_denied_until: { N: "1790003600" },
    reason: { S: "INC-42: laptop stolen" },
    changed_by: { S: "arn:aws:sts::123456789012:assumed-role/Operator/ada" },
    changed_at: { N: "1790000000" },
    version: { N: "3" },
  });
});

it("what is not set is not in the item, for DynamoDB has no empty sets", () => {
  expect(clientControlItem({ ...NONE, allowedCidrs: [], cidrEnforcement: "report", reason: "" })).toEqual({
    client_id: { S: NONE.clientId },
    version: { N: "0" },
  });
});

it("what is written is read back", () => {
  const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 20 });
  const time = fc.integer({ min: 0, max: 8.64e12 });
  const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
  const controls = fc
    .record({
      clientId: text,
      disabled: fc.boolean(),
      writeOnly: fc.boolean(),
      until: optional(time),
      tokensNotBefore: optional(time),
      networks: optional(
        fc.record({
          allowedCidrs: fc.array(text, { minLength: 1 }),
          cidrEnforcement: fc.constantFrom(...CIDR_ENFORCEMENTS),
        }),
      ),
      sessionsDeniedUntil: optional(time),
      reason: optional(text),
      changedBy: optional(text),
      changedAt: optional(time),
      version: time,
    })
    .map(({ networks, ...rest }) => ({ ...rest, ...networks }));
  const set = (control: object) =>
    Object.fromEntries(Object.entries(control).filter(([, value]) => value !== undefined));
  fc.assert(fc.property(controls, (any) => expect(parseClientControlItem(clientControlItem(any))).toEqual(set(any))));
});

it("an item by hand needs nothing but its client", () => {
  expect(parseClientControlItem({ client_id: { S: "c" }, disabled: { BOOL: true } })).toEqual({
    clientId: "c",
    disabled: true,
    writeOnly: false,
    version: 0,
  });
});

describe("an item that is not as it is written is refused, by the attribute's name", () => {
  const texts = ["client_id", "reason", "changed_by"];
  const times = ["until", "tokens_not_before", "sessions_denied_until", "changed_at", "version"];
  const faults: readonly (readonly [attribute: string, value: unknown])[] = [
    ...texts.flatMap((name) => [{}, { S: "" }, { N: "1" }, { S: 1 }, null].map((value) => [name, value] as const)),
    ...times.flatMap((name) =>
      [{}, { S: "1" }, { N: "" }, { N: "x" }, { N: "1.5" }, { N: "-1" }, { N: "1e20" }, { N: 1 }, null].map(
        (value) => [name, value] as const,
      ),
    ),
    ...[{}, { S: "true" }, { BOOL: "true" }, { N: "1" }, null].map((value) => ["disabled", value] as const),
    ...[{}, { S: "" }, { S: "read-only" }, { S: "Write-Only" }, null].map((value) => ["mode", value] as const),
    ...[{}, { SS: [] }, { SS: [1] }, { SS: "x" }, { L: [] }, { S: "10.0.0.0/8" }].map(
      (value) => ["allowed_cidrs", value] as const,
    ),
    ...[{}, { S: "" }, { S: "off" }, { BOOL: true }].map((value) => ["cidr_enforcement", value] as const),
  ];
  it.each(faults)("%s = %j", (attribute, value) => {
    const item = { ...clientControlItem(EVERYTHING), [attribute]: value };
    expect(() => parseClientControlItem(item)).toThrow(ClientControlError);
    expect(() => parseClientControlItem(item)).toThrow(new RegExp(`attribute ${attribute} is not`));
  });

  it.each([["allowed_cidrs"], ["cidr_enforcement"]])("%s alone", (attribute) => {
    const { [attribute]: _, ...item } = clientControlItem(EVERYTHING);
    expect(() => parseClientControlItem(item)).toThrow("cidr_enforcement is not there where allowed_cidrs is");
  });

  it.each(["quarantine", "Disabled", "__proto__", "constructor"])(
    "%s, which could be a restriction, without showing it",
    (attribute) => {
      const item = JSON.parse(`{"client_id":{"S":"c"},"${attribute}":{"BOOL":true}}`);
      expect(() => parseClientControlItem(item)).toThrow("an unknown attribute");
      expect(() => parseClientControlItem(item)).not.toThrow(attribute);
    },
  );

  it("and an item without a client", () => {
    expect(() => parseClientControlItem({ disabled: { BOOL: true } })).toThrow("attribute client_id is not a string");
  });
});

it("what ends by itself ends at its second: a switch and a mode, nothing else", () => {
  expect(controlAt(EVERYTHING, 1_790_003_599)).toEqual(EVERYTHING);
  const ended = { ...EVERYTHING, disabled: false, writeOnly: false, until: undefined };
  expect(controlAt(EVERYTHING, 1_790_003_600)).toEqual(ended);
  expect(controlAt({ ...EVERYTHING, until: undefined }, 9_000_000_000)).toMatchObject({ disabled: true });
});
