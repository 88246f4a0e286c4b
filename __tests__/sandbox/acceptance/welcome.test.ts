import { howToUse } from "../../../sandbox/acceptance/welcome";

it("names each settings file on a line of its own, unbroken however narrow the terminal is", () => {
  const folder = `/var/folders/${"x".repeat(60)}/T/oidc-s3-sandbox-4711-AbCdEf`;
  const ways = {
    tokenEndpoint: "http://127.0.0.1:1/oauth2/token",
    apiUrl: "http://127.0.0.1:2/credentials",
    awsEndpoint: "http://127.0.0.1:3",
    bucket: "uploads",
    functionLog: "/tmp/vending-function.log",
    settings: { a: `${folder}/settings/a.env`, b: `${folder}/settings/b.env` },
    administrator: `${folder}/administrator.env`,
  };
  const lines = howToUse(ways, { columns: 50, colours: false }).split("\n");
  const paths = [...Object.values(ways.settings), ways.administrator];
  expect(lines).toEqual(expect.arrayContaining(paths.map((path) => `  ${path}`)));
  expect(lines.filter((line) => line.length > 50 && !line.includes(folder))).toEqual([]);
});
