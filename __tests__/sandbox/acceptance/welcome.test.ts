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
    api: {
      domain: "http://127.0.0.1:4",
      endpoint: "http://127.0.0.1:5/dev/",
      functionLog: "/tmp/rest-api.log",
      settings: { reports: `${folder}/clients/reports.env` },
    },
  };
  const lines = howToUse(ways, { columns: 50, colours: false }).split("\n");
  const paths = [...Object.values(ways.settings), ...Object.values(ways.api.settings), ways.administrator];
  expect(lines).toEqual(expect.arrayContaining(paths.map((path) => `  ${path}`)));
  expect(lines.filter((line) => line.length > 50 && !line.includes(folder))).toEqual([]);
});

it("says nothing of what is not deployed", () => {
  const ways = { awsEndpoint: "http://127.0.0.1:3", settings: {}, administrator: "/tmp/administrator.env" };
  const api = { domain: "http://127.0.0.1:4", settings: { this: "/tmp/clients/this.env" } };
  const text = howToUse({ ...ways, api }, { columns: 80, colours: false });
  expect(text).toBe(`\
The cloud is up, until Ctrl-C.
  AWS             http://127.0.0.1:3
  its tokens      http://127.0.0.1:4/oauth2/token

To call the REST API as one of its clients, read its settings file in the same
way; the documented commands then work as they are:

  /tmp/clients/this.env

To act as its administrator, with the AWS CLI, Terraform or "npx cdktf diff"
(give cdktf an --output of its own), with this file:

  /tmp/administrator.env
`);
});
