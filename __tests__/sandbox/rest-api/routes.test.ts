import fc from "fast-check";
import { RouteTable } from "../../../sandbox/rest-api/routes";
import { method } from "./support/deployed";

const table = new RouteTable(
  ["GET /book", "POST /book", "GET /book/{id}", "GET /book/new", "ANY /shelf", "GET /files/{path+}", "GET /"].map(
    (key) => method(key),
  ),
);
const found = (httpMethod: string, path: string) => {
  const { route, pathParameters } = table.find(httpMethod, path) ?? {};
  return route && [`${route.httpMethod} ${route.resourcePath}`, pathParameters];
};

it.each([
  ["GET", "/book", "GET /book", {}],
  ["POST", "/book", "POST /book", {}],
  ["GET", "/book/new", "GET /book/new", {}],
  ["GET", "/book/7", "GET /book/{id}", { id: "7" }],
  ["GET", "/book/a%2Fb", "GET /book/{id}", { id: "a%2Fb" }],
  ["DELETE", "/shelf", "ANY /shelf", {}],
  ["GET", "/files/a/b", "GET /files/{path+}", { path: "a/b" }],
  ["GET", "/", "GET /", {}],
])("%s %s is %s", (httpMethod, path, key, parameters) => {
  expect(found(httpMethod, path)).toEqual([key, parameters]);
});

it.each([
  ["PUT", "/book"],
  ["HEAD", "/book"],
  ["OPTIONS", "/book"],
  ["get", "/book"],
  ["GET", "/book/"],
  ["GET", "/Book"],
  ["GET", "/%62ook"],
  ["GET", "//book"],
  ["GET", "/book/.."],
  ["GET", "/book/%2e%2E"],
  ["GET", "/./book"],
  ["GET", "/shelf/../book"],
  ["GET", "/book%2f7"],
  ["GET", "/book;x"],
  ["GET", "/book\\7"],
  ["GET", "/files"],
  ["GET", "/files/"],
  ["GET", "/files/a/../b"],
  ["GET", "/files/a//b"],
  ["GET", "/{path+}"],
  ["GET", "/constructor"],
  ["GET", "/__proto__"],
  ["GET", "book"],
  ["GET", ""],
  ["GET", "*"],
])("%s %s is nothing", (httpMethod, path) => {
  expect(found(httpMethod, path)).toBeUndefined();
});

it("finds a route without variables by its own path and by no other", () => {
  const plain = new RouteTable([method("GET /a/book")]);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("", "/a", "/a/book", "/a/book/"), (text, start) => {
      const path = `${start}${text}`;
      expect(plain.find("GET", path) !== undefined).toBe(path === "/a/book");
    }),
  );
});
