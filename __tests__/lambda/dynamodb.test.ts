import type { AwsPost } from "../../lambda/aws-service";
import { createReadItems } from "../../lambda/dynamodb";
import { UnusableAnswerError } from "../../lambda/http-request";

const ROLE = { client_id: { S: "c" }, server_name: { S: "s" } };
const CONTROL = { client_id: { S: "c" }, disabled: { BOOL: true } };
const KEYS = { roles: { client_id: { S: "c" } }, controls: { client_id: { S: "c" } } };
const unprocessed = (...tables: string[]) => Object.fromEntries(tables.map((table) => [table, { Keys: [] }]));

/** Asks of a DynamoDB that gives these answers one after the other; the last one again and again. */
function ask(answers: readonly unknown[], signal = new AbortController().signal) {
  const bodies: { RequestItems: Record<string, unknown> }[] = [];
  const post: AwsPost = async (_, body) => {
    const answer = answers[Math.min(bodies.length, answers.length - 1)];
    bodies.push(JSON.parse(body));
    return { status: 200, headers: {}, text: typeof answer === "string" ? answer : JSON.stringify(answer) };
  };
  return { bodies, items: createReadItems(post)(KEYS, signal) };
}

// What was left out is asked for at once.
beforeEach(() => jest.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => jest.restoreAllMocks());

it("both items are asked for in one request, each consistently", async () => {
  const { bodies, items } = ask([{ Responses: { roles: [ROLE], controls: [CONTROL] }, UnprocessedKeys: {} }]);
  expect(await items).toEqual({ roles: ROLE, controls: CONTROL });
  const Keys = [{ client_id: { S: "c" } }];
  expect(bodies).toEqual([
    { RequestItems: { roles: { Keys, ConsistentRead: true }, controls: { Keys, ConsistentRead: true } } },
  ]);
});

it.each<[string, object, object]>([
  ["a table without it", { roles: [ROLE], controls: [] }, { roles: ROLE, controls: undefined }],
  ["a table that is not named", { roles: [ROLE] }, { roles: ROLE, controls: undefined }],
  ["both", {}, { roles: undefined, controls: undefined }],
])("an item that does not exist is told from one that was left out: %s", async (_, Responses, expected) => {
  expect(await ask([{ Responses, UnprocessedKeys: {} }]).items).toEqual(expected);
  expect(await ask([{ Responses }]).items).toEqual(expected);
});

it("what is left out is asked for again, and nothing else, until it is there", async () => {
  const { bodies, items } = ask([
    { Responses: {}, UnprocessedKeys: unprocessed("roles", "controls") },
    { Responses: { roles: [ROLE] }, UnprocessedKeys: unprocessed("controls") },
    { Responses: {}, UnprocessedKeys: unprocessed("controls") },
    { Responses: { controls: [CONTROL] }, UnprocessedKeys: {} },
  ]);
  expect(await items).toEqual({ roles: ROLE, controls: CONTROL });
  expect(bodies.map(({ RequestItems }) => Object.keys(RequestItems))).toEqual([
    ["roles", "controls"],
    ["roles", "controls"],
    ["controls"],
    ["controls"],
  ]);
});

it("a control that is left out for good is never taken for none", async () => {
  const ended = new AbortController();
  const { bodies, items } = ask(
    [{ Responses: { roles: [ROLE] }, UnprocessedKeys: unprocessed("controls") }],
    ended.signal,
  );
  const settled = jest.fn();
  items.then(settled, settled);
  while (bodies.length < 5) await new Promise(setImmediate);
  expect(settled).not.toHaveBeenCalled();
  ended.abort();
  await expect(items).rejects.toThrow("aborted");
});

it.each([
  ["no JSON", "<html>"],
  ["a list", []],
  ["nothing of a batch", {}],
  ["an item of another kind", { Responses: { roles: [ROLE], controls: ["x"] } }],
  ["items of another kind", { Responses: { roles: ROLE } }],
  ["two items for one key", { Responses: { roles: [ROLE, ROLE] } }],
  ["keys of another kind", { Responses: { roles: [ROLE] }, UnprocessedKeys: ["controls"] }],
])("an answer with %s says nothing of whether there is an item", async (_, answer) => {
  await expect(ask([answer]).items).rejects.toThrow(UnusableAnswerError);
});
