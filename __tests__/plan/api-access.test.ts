import { LAYERS } from "../../layers";
import { apiFindings } from "../../plan/api-access";
import type { Finding } from "../../plan/report";
import { summarise } from "../../plan/summary";
import { asText } from "../../plan/text";
import { change, plan, SECRET } from "./plan-json";

type Values = Record<string, unknown> | null;
const WIDENS = "widens-access";
const widening = (text: string): Finding => ({ text, mark: WIDENS });

const client = (scopes: readonly string[], more = {}): Values => ({
  client_secret: SECRET,
  allowed_oauth_flows: scopes.length > 0 ? ["client_credentials"] : [],
  allowed_oauth_scopes: scopes,
  access_token_validity: 60,
  token_validity_units: [{ access_token: "minutes" }],
  ...more,
});
const clientChange = (name: string, before: Values, after: Values, more = {}) =>
  change(`aws_cognito_user_pool_client.${name}`, before, after, more);
const resource = (path: string): Values => ({ id: `id-of-${path}`, path, path_part: path.split("/").at(-1) });
const method = (path: string, verb: string, scopes: readonly string[]): Values => ({
  http_method: verb,
  resource_id: `id-of-${path}`,
  authorization: "COGNITO_USER_POOLS",
  authorization_scopes: scopes,
});
const methodChange = (name: string, before: Values, after: Values) =>
  change(`aws_api_gateway_method.${name}`, before, after);

/** The documented API as it is deployed. */
const DEPLOYED = [
  ...["/book", "/user"].map((path) =>
    change(`aws_api_gateway_resource.${path.slice(1)}`, resource(path), resource(path)),
  ),
  ...[
    ["book", "GET"],
    ["book", "POST"],
    ["user", "GET"],
    ["user", "POST"],
  ].map(([name = "", verb = ""]) => {
    const values = method(`/${name}`, verb, [`API/${name}.${verb.toLowerCase()}`]);
    return methodChange(`${verb}_${name}`, values, values);
  }),
];
const BOOK = ["API/book.get", "API/book.post"];
const ALL = [...BOOK, "API/user.get", "API/user.post"];
const reports = clientChange("reports", client(BOOK), client(BOOK));

/** What is said of each address, where anything is. */
function findings(changes: readonly unknown[], more = {}): Record<string, readonly Finding[]> {
  const all = [...apiFindings(plan([...changes], more))];
  return Object.fromEntries(all.filter(([, each]) => each.length > 0));
}

describe("a client", () => {
  const said = (before: Values, after: Values, more = {}) =>
    findings([...DEPLOYED, clientChange("reports", before, after, more)])["aws_cognito_user_pool_client.reports"] ?? [];

  it("whose scopes are switched on may call the routes that ask for them, which widens access", () => {
    expect(said(client(BOOK), client(ALL))).toEqual([widening("may now also call GET /user, POST /user")]);
  });

  it("whose scopes are switched off may no longer, once its tokens have expired", () => {
    expect(said(client(ALL), client(BOOK))).toEqual([
      { text: "may no longer call GET /user, POST /user, once the tokens that are out have expired" },
    ]);
  });

  it("that is new may call what its scopes open, and get those of an API somewhere else", () => {
    expect(said(null, client([...BOOK, "m2m-client/read", "m2m-client/write"]))).toEqual([
      widening("may call GET /book, POST /book"),
      widening("may get the scopes m2m-client/read and m2m-client/write"),
    ]);
  });

  it("that is removed or switched off may call nothing any more", () => {
    const text = "may no longer call GET /book, POST /book, once the tokens that are out have expired";
    expect(said(client(BOOK), null)).toEqual([{ text }]);
    expect(said(client(BOOK), client([]))).toEqual([{ text }]);
    expect(said(client([]), client(BOOK))).toEqual([widening("may now also call GET /book, POST /book")]);
  });

  it("may gain and lose at once", () => {
    expect(said(client(["API/book.get"]), client(["API/user.get"]))).toEqual([
      widening("may now also call GET /user"),
      { text: "may no longer call GET /book, once the tokens that are out have expired" },
    ]);
  });

  it("with longer-lived tokens has more, with shorter-lived ones less", () => {
    const day = client(BOOK, { access_token_validity: 24, token_validity_units: [{ access_token: "hours" }] });
    expect(said(client(BOOK), day)).toEqual([widening("its access tokens live at most 1440 minutes instead of 60")]);
    expect(said(day, client(BOOK))).toEqual([{ text: "its access tokens live at most 60 minutes instead of 1440" }]);
  });

  it("whose scopes are not known yet may widen", () => {
    const unknown = { after_unknown: { allowed_oauth_scopes: true } };
    expect(said(client(BOOK), { ...client([]), name: "new" }, unknown)).toEqual([
      widening("its scopes are known only after the apply: read them in Terraform's plan"),
    ]);
  });

  it("of which only its name changes is said nothing of", () => {
    expect(said(client(BOOK), client(BOOK, { name: "new" }))).toEqual([]);
  });
});

describe("a route", () => {
  const both = [reports, clientChange("admin", client(ALL), client(ALL))];
  const others = DEPLOYED.filter(({ address }) => address !== "aws_api_gateway_method.GET_user");
  const said = (before: Values, after: Values) =>
    findings([...others, ...both, methodChange("GET_user", before, after)])["aws_api_gateway_method.GET_user"] ?? [];
  const user = (...scopes: string[]) => method("/user", "GET", scopes);

  it("with one more scope, any of which suffices, is open to the clients that have it", () => {
    expect(said(user("API/user.get"), user("API/user.get", "API/book.get"))).toEqual([
      widening("GET /user may now also be called by reports"),
      { text: "GET /user asks for API/user.get or API/book.get" },
    ]);
  });

  it("with one scope less is closed to the clients that had it", () => {
    expect(said(user("API/user.get", "API/book.get"), user("API/user.get"))).toEqual([
      { text: "GET /user may no longer be called by reports" },
      { text: "GET /user asks for API/user.get" },
    ]);
  });

  it("whose scopes come in another order is not mentioned", () => {
    expect(said(user("API/user.get", "API/book.get"), user("API/book.get", "API/user.get"))).toEqual([]);
  });

  it("that asks for nothing is open without a token of the pool", () => {
    const text = "GET /user asks for no scope: it can be called without one of this pool's access tokens";
    expect(said(user("API/user.get"), user())).toEqual([widening(text)]);
    expect(said(user("API/user.get"), { ...user("API/user.get"), authorization: "NONE" })).toEqual([widening(text)]);
  });

  it("that is new is named by what the configuration refers to, and so is who may call it", () => {
    const added = { http_method: "GET", authorization: "COGNITO_USER_POOLS", authorization_scopes: ["API/book.get"] };
    const changes = [
      ...DEPLOYED,
      ...both,
      change("aws_api_gateway_resource.book_id", null, { path_part: "{id}" }),
      methodChange("GET_book_id", null, added),
      methodChange("GET_root", null, { ...added, resource_id: "root", authorization_scopes: ["API/none"] }),
    ];
    const reference = (address: string, attribute: string, to: string) => ({
      address,
      expressions: { [attribute]: { references: [`${to}.id`, to] } },
    });
    const configuration = {
      root_module: {
        resources: [
          reference("aws_api_gateway_method.GET_book_id", "resource_id", "aws_api_gateway_resource.book_id"),
          reference("aws_api_gateway_resource.book_id", "parent_id", "aws_api_gateway_resource.book"),
          reference("aws_api_gateway_resource.book", "parent_id", "aws_api_gateway_rest_api.api"),
        ],
      },
    };
    expect(findings(changes, { configuration })).toEqual({
      "aws_api_gateway_method.GET_book_id": [widening("GET /book/{id} may be called by admin and reports")],
      "aws_api_gateway_method.GET_root": [{ text: "GET / may be called by no client yet" }],
    });
  });

  it("that is removed is gone", () => {
    expect(said(user("API/user.get"), null)).toEqual([{ text: "GET /user is gone" }]);
  });

  it("and a client that change at once are each said for itself", () => {
    const changes = [
      ...others,
      methodChange("GET_user", user("API/user.get"), user("API/user.get", "API/book.get")),
      clientChange("reports", client(["API/book.get"]), client(["API/book.get", "API/user.post"])),
    ];
    expect(findings(changes)).toEqual({
      "aws_api_gateway_method.GET_user": [
        widening("GET /user may now also be called by reports"),
        { text: "GET /user asks for API/user.get or API/book.get" },
      ],
      "aws_cognito_user_pool_client.reports": [widening("may now also call POST /user")],
    });
  });

  describe("whose scope changes together with a client's", () => {
    const together = (scopes: readonly [readonly string[], readonly string[]], route: readonly [string, string]) =>
      findings([
        ...others,
        methodChange("GET_user", user(route[0]), user(route[1])),
        clientChange("reports", client(scopes[0]), client(scopes[1])),
      ]);
    const asks = { text: "GET /user asks for API/user.put" };

    it("is said with the client, where only its new scope opens the route", () => {
      expect(together([BOOK, [...BOOK, "API/user.put"]], ["API/user.get", "API/user.put"])).toEqual({
        "aws_api_gateway_method.GET_user": [asks],
        "aws_cognito_user_pool_client.reports": [widening("may now also call GET /user")],
      });
    });

    it("is said with the route, where the client as it was could call no longer", () => {
      const [method, reports] = ["aws_api_gateway_method.GET_user", "aws_cognito_user_pool_client.reports"];
      expect(together([ALL, BOOK], ["API/user.get", "API/user.put"])).toEqual({
        [method]: [{ text: "GET /user may no longer be called by reports" }, asks],
        [reports]: [{ text: "may no longer call POST /user, once the tokens that are out have expired" }],
      });
    });

    it("is no change of who may call, where both have the new scope in the place of the old one", () => {
      expect(together([["API/user.get"], ["API/user.put"]], ["API/user.get", "API/user.put"])).toEqual({
        "aws_api_gateway_method.GET_user": [asks],
      });
      // Each opened nothing and does so still.
      const crossed = together([["API/user.put"], ["API/user.get"]], ["API/user.get", "API/user.put"]);
      expect(JSON.stringify(crossed)).not.toMatch(/call/);
    });

    it("and that is new with its client is said with the client", () => {
      const added = methodChange("GET_user", null, user("API/user.get"));
      expect(findings([...others, added, clientChange("new", null, client(["API/user.get"]))])).toEqual({
        "aws_cognito_user_pool_client.new": [widening("may call GET /user")],
      });
    });
  });

  it("that passes requests on to another server gives it the tokens", () => {
    const to = (uri: string) => ({ type: "HTTP_PROXY", uri });
    const integration = (before: Values, after: Values) =>
      findings([change("aws_api_gateway_integration.GET_user", before, after)]);
    const said = {
      "aws_api_gateway_integration.GET_user": [
        widening("requests, with their access tokens, are passed on to https://old.example.com"),
      ],
    };
    expect(integration(null, to("https://old.example.com/{id}"))).toEqual(said);
    expect(integration({ type: "MOCK" }, to("https://old.example.com/x"))).toEqual(said);
    expect(integration(to("https://old.example.com/x"), { ...to("https://old.example.com/x"), timeout: 1 })).toEqual(
      {},
    );
    expect(integration(null, { type: "AWS_PROXY", uri: "arn:aws:apigateway:x" })).toEqual({});
  });
});

it("a stage that writes logs from now on is told to need the account's role", () => {
  const stage = (...logs: object[]): Values => ({ stage_name: "dev", access_log_settings: logs });
  const said = (before: Values, after: Values) => findings([change("aws_api_gateway_stage.api", before, after)]);
  const needs = {
    "aws_api_gateway_stage.api": [{ text: expect.stringMatching(/need a role .* npm run check-aws says/) }],
  };
  expect(said(null, stage({ format: "x" }))).toEqual(needs);
  expect(said(stage(), stage({ format: "x" }))).toEqual(needs);
  expect(said(stage({ format: "x" }), stage({ format: "y" }))).toEqual({});
  expect(said(null, stage())).toEqual({});
  expect(said(stage({ format: "x" }), null)).toEqual({});
});

describe("a summary of the layer", () => {
  const { subject } = LAYERS.find(({ name }) => name === "api") ?? {};
  const summary = (changes: unknown[]) => summarise(plan(changes), subject, apiFindings);

  it("tells a client's change in words, with its mark, and no secret", () => {
    const switched = summary([...DEPLOYED, clientChange("reports", client(BOOK), client(ALL))]);
    expect(switched.marks).toEqual({ "widens-access": 1, "stateful-resource": 0 });
    const text = asText({
      environment: "dev",
      notes: [],
      layers: [{ layer: "api", status: "planned", exitCode: 2, summary: switched, terraform: "" }],
    });
    expect(text).toContain("api-dev: 1 to change, 0 to replace, 0 to destroy (1 × WIDENS ACCESS)");
    expect(text).toContain(
      "  ~ client reports: changed\n    ! WIDENS ACCESS: may now also call GET /user, POST /user\n",
    );
    expect(text).not.toContain(SECRET);
  });

  it("marks what would be lost with a client, and with the API's address", () => {
    const removed = summary([
      clientChange("reports", client(BOOK), null),
      change("aws_api_gateway_rest_api.api", { name: "a" }, null),
    ]);
    expect(removed.marks["stateful-resource"]).toBe(2);
    expect(removed.subjects?.[0]).toMatchObject({ noun: "client", name: "reports", kind: "removed" });
  });

  it("without a change is empty", () => {
    expect(summary([...DEPLOYED, reports])).toMatchObject({ shared: [], servers: [] });
  });
});
