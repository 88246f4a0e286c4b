import type { CheckRow } from "../../../sandbox/acceptance/checks";
import { checksText } from "../../../sandbox/acceptance/report";
import { routeMatrix } from "../../../sandbox/acceptance/route-matrix";
import { serverConfig } from "../../support/environment";

const ROUTES = ["GET /book", "GET /user", "POST /book", "POST /user"];

function tried(client: string, when: CheckRow["when"], ...allowed: string[]): CheckRow[] {
  return ROUTES.map((operation): CheckRow => {
    const expected = allowed.includes(operation) ? "allowed" : "refused";
    const verdicts = [
      { by: "REST API" as const, outcome: expected, why: expected === "refused" ? "401 Unauthorized" : "" },
    ];
    return {
      subject: `client ${client}`,
      operation,
      where: `with its scopes ${when}`,
      when,
      expected,
      verdicts,
    } as CheckRow;
  });
}

const ROWS = [
  ...tried("m2m_client", "as deployed"),
  ...tried("reports", "as deployed", "GET /book", "POST /book"),
  ...tried("reports", "switched on", ...ROUTES),
];
const WIDE = { columns: 80, colours: false };

it("shows at a glance which client may call what, before and after scopes are switched on", () => {
  expect(routeMatrix(ROWS, WIDE)).toBe(`\
                         GET    POST   GET    POST
client      scopes       /book  /book  /user  /user
m2m_client  as deployed    –      –      –      –
reports     as deployed    ✔      ✔      –      –
reports     switched on    ✔      ✔      ✔      ✔`);
});

it("marks what is not as expected", () => {
  const [first, ...others] = ROWS.slice(0, 4);
  const wrong = { ...first, verdicts: [{ by: "REST API", outcome: "allowed", why: "" }] } as CheckRow;
  expect(routeMatrix([wrong, ...others], WIDE)).toContain("m2m_client  as deployed    ✘      –      –      –");
});

it("has a line for each route where the screen is too narrow for columns", () => {
  const text = routeMatrix(ROWS.slice(4), { columns: 30, colours: false });
  expect(text.split("\n").slice(0, 5)).toEqual([
    "reports (as deployed)",
    "  ✔ GET /book",
    "  ✔ POST /book",
    "  – GET /user",
    "  – POST /user",
  ]);
});

it("stands in the report by itself where only the API was deployed", () => {
  const servers = [serverConfig("log-shipper", { s3PathPrefix: "logs/" })];
  const text = checksText(ROWS, servers, { verbose: false, screen: WIDE });
  expect(text).not.toContain("log-shipper");
  expect(text).toContain("✔ allowed   – refused   ✘ wrong\n\nPassed besides, on tokens: 0 checks.");
  expect(text).toContain("All checks passed: 6 allowed, 6 refused.");
});
