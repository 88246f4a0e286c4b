import { DOCUMENTED } from "../../../sandbox/acceptance/documented-commands";

/** As the documents have them: the first leaves `<…>` to be filled in, the others take it from the environment. */
const MACHINE_TO_MACHINE = `curl -X POST \\
  --user <client_id>:<client_secret> \\
  -d 'grant_type=client_credentials&scope=m2m-client/read m2m-client/write' \\
  https://<domain>.auth.<region>.amazoncognito.com/oauth2/token`;
const API_TOKEN = `curl -X POST --user $CLIENT_ID:$CLIENT_SECRETE "$DOMAIN_NAME/oauth2/token?grant_type=client_credentials" -H "Content-Type: application/x-www-form-urlencoded" `;
const API_CALLS = [
  `curl -X GET "\${API_ENDPOINT}book" -H "Authorization:\${ACCESS_TOKEN}"`,
  `curl -X POST "\${API_ENDPOINT}book" -H "Authorization:\${ACCESS_TOKEN}"`,
  `curl -X GET "\${API_ENDPOINT}user" -H "Authorization:\${ACCESS_TOKEN}"`,
  `curl -X POST "\${API_ENDPOINT}user" -H "Authorization:\${ACCESS_TOKEN}"`,
];

it("the machine-to-machine pool's token command is the documented one, filled in", () => {
  const filledIn = MACHINE_TO_MACHINE.replace("<client_id>", "$CLIENT_ID")
    .replace("<client_secret>", "$CLIENT_SECRET")
    .replace("https://<domain>.auth.<region>.amazoncognito.com", "$DOMAIN_NAME");
  expect(DOCUMENTED.tokenForScopes(["m2m-client/read", "m2m-client/write"])).toBe(filledIn);
});

it("the REST API's commands are the documented ones", () => {
  expect(DOCUMENTED.token).toBe(API_TOKEN);
  const { call } = DOCUMENTED;
  expect([call("GET", "/book"), call("POST", "/book"), call("GET", "/user"), call("POST", "/user")]).toEqual(API_CALLS);
});
