import { Readable } from "node:stream";
import { type LoggingRole, loggingRole } from "../../scripts/api-logging-role";
import { type CallerIdentity, callerIdentity } from "../../scripts/caller-identity";
import { checkAws } from "../../scripts/check-aws";
import { type CredentialFault, credentialFault } from "../../scripts/credential-faults";
import { type Deployment, deploymentsOf } from "../../scripts/deployments";
import { environmentConfig } from "../support/environment";

const KEYS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "the/secret+key" };
const SECRETS = /the\/secret\+key|the-session-token/;

/** AWS, as the SDK would ask it: this answer, and no network. */
function answers(status: number, body: string, headers: Record<string, string>) {
  const handle = async () => ({ response: { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) } });
  return { requestHandler: { handle }, maxAttempts: 1 };
}
const sts = (status: number, body: string) => answers(status, body, { "content-type": "text/xml" });

function refusal(code: string, message: string, credentials: Record<string, string> = KEYS) {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  const more = { ...sts(403, body), credentials: { ...KEYS, ...credentials } };
  return callerIdentity({ region: "eu-west-1" }, {}, more) as Promise<CredentialFault>;
}

it("account, ARN, key and source of credentials that work", async () => {
  const body =
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ops</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
  const credentials = { ...KEYS, $source: { CREDENTIALS_PROFILE: "n" as const } };
  const ask = (env: NodeJS.ProcessEnv, profile?: string) =>
    callerIdentity({ region: "eu-west-1", profile }, env, { ...sts(200, body), credentials });
  expect(await ask({})).toEqual({
    account: "123456789012",
    arn: "arn:aws:iam::123456789012:user/ops",
    accessKeyId: "AKIAEXAMPLE",
    source: expect.stringMatching(/^profile default: keys in ~\/\.aws\/credentials/),
  });
  expect(await ask({ AWS_PROFILE: "ops" })).toMatchObject({
    source: expect.stringMatching(/^profile ops \(AWS_PROFILE\)/),
  });
  expect(await ask({ AWS_PROFILE: "ops" }, "prod")).toMatchObject({
    source: expect.stringMatching(/^profile prod \(in the environment's file\)/),
  });
});

describe("what AWS refuses, with what to do", () => {
  it.each([
    [
      "InvalidClientTokenId",
      "The security token included in the request is invalid.",
      /knows no access key AKIAEXAMPLE/,
      /unset AWS_ACCESS_KEY_ID/,
    ],
    ["InvalidClientTokenId", "The security token included in the request is invalid.", /./, /is eu-west-1 on\?/],
    ["ExpiredToken", "The security token included in the request is expired", /have expired/, /aws sso login/],
    [
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match",
      /secret access key .* is not that of AKIAEXAMPLE/,
      /lost/,
    ],
    [
      "SignatureDoesNotMatch",
      "Signature expired: 20261126T000000Z is now earlier than 20261126T010000Z",
      /clock/,
      /timedatectl/,
    ],
    ["IncompleteSignature", "'Credential' is missing", /have not the form of any/, /without quotes/],
    ["RegionDisabledException", "STS is not activated in this region", /eu-west-1 is not turned on/, /aws_region/],
    ["AccessDenied", "User x is not authorized to perform: sts:AssumeRole", /not authorized/, /trust policy/],
    ["SomethingNew", "No.", /^No\.$/, /documentation/],
  ])("%s: %s", async (code, message, fault, remedy) => {
    const told = await refusal(code, message);
    expect(told).toMatchObject({ code, fault: expect.stringMatching(fault) });
    expect(told.remedies.join("\n")).toMatch(remedy);
    expect(JSON.stringify(told)).not.toMatch(SECRETS);
  });

  it.each([
    ["a temporary key without its token", { accessKeyId: "ASIAEXAMPLE" }, /set AWS_SESSION_TOKEN too/],
    [
      "a line end in the secret",
      { secretAccessKey: "the/secret+key\n" },
      /The secret access key holds a blank or a line end/,
    ],
    ["quotes around the id", { accessKeyId: '"AKIAEXAMPLE"' }, /The access key id has quotes/],
  ])("%s is noticed", async (_, credentials, remedy) => {
    const told = await refusal("InvalidClientTokenId", "invalid", credentials);
    expect(told.remedies.join("\n")).toMatch(remedy);
  });

  it("a temporary key with its token lacks none", async () => {
    const told = await refusal("InvalidClientTokenId", "invalid", {
      accessKeyId: "ASIAEXAMPLE",
      sessionToken: "the-session-token",
    });
    expect(told.remedies.join("\n")).not.toMatch(/AWS_SESSION_TOKEN too/);
  });

  it("a secret that is echoed is not shown", async () => {
    const told = await refusal("SomethingNew", `no the/secret+key, nor the-session-token`, {
      sessionToken: "the-session-token",
    });
    expect(told.fault).toBe("no [redacted], nor [redacted]");
  });
});

describe("what keeps AWS from being asked, with what to do", () => {
  const fault = (error: object, env: NodeJS.ProcessEnv = {}, profile?: string) => {
    const { code, fault: words, remedies } = credentialFault(error, { region: "mars-1", profile, env });
    return [code, words, ...remedies].join("\n");
  };
  const providerError = (message: string) => Object.assign(new Error(message), { name: "CredentialsProviderError" });
  const none = providerError("Could not load credentials from any providers");
  const nodeError = (code: string) => Object.assign(new Error(code), { code });

  it.each([
    ["no credentials", none, {}, /aws configure for keys/],
    ["a profile that there is not", none, { AWS_PROFILE: "nope" }, /Is there a profile nope in/],
    ["half of a pair", none, { AWS_ACCESS_KEY_ID: "AKIA" }, /AWS_SECRET_ACCESS_KEY is missing/],
    [
      "a session that is over",
      providerError("The SSO session associated with this profile has expired."),
      { AWS_PROFILE: "ops" },
      /aws sso login --profile ops/,
    ],
    ["a region that is none", nodeError("ENOTFOUND"), {}, /Is mars-1 a region\?/],
    [
      "another endpoint",
      nodeError("ECONNREFUSED"),
      { AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
      /AWS_ENDPOINT_URL is http:\/\/127\.0\.0\.1:1: unset it/,
    ],
    ["a proxy", nodeError("ETIMEDOUT"), { HTTPS_PROXY: "http://user:pw@proxy" }, /without the proxy of HTTPS_PROXY/],
    ["a proxy that inspects TLS", nodeError("SELF_SIGNED_CERT_IN_CHAIN"), {}, /NODE_EXTRA_CA_CERTS/],
  ])("%s", (_, error, env, words) => {
    expect(fault(error, env)).toMatch(words);
    expect(fault(error, env)).not.toContain("user:pw");
  });
});

describe("environments", () => {
  const IDENTITY: CallerIdentity = {
    account: "111111111111",
    arn: "arn:aws:iam::111111111111:user/ops",
    accessKeyId: "AKIA",
    source: "the environment",
  };
  const FAULT: CredentialFault = {
    code: "ExpiredToken",
    fault: "they have expired",
    remedies: ["Get new ones", "Then again"],
  };
  const dev: Deployment = { name: "dev", region: "eu-west-1" };

  async function check(
    deployments: readonly Deployment[],
    answer: CallerIdentity | CredentialFault = IDENTITY,
    env = {},
    role?: LoggingRole,
  ) {
    const lines: string[] = [];
    const asked: unknown[] = [];
    const askedForRole: unknown[] = [];
    const right = await checkAws({
      deployments,
      usual: { region: "us-east-1" },
      env,
      print: (line) => lines.push(line),
      identify: async (who) => {
        asked.push(who);
        return answer;
      },
      logRole: async (who) => {
        askedForRole.push(who);
        if (role === undefined) throw new Error("nobody writes API logs here");
        return role;
      },
    });
    return { right, asked, askedForRole, text: lines.join("\n") };
  }

  it("of the account that is allowed, or of any where none is named, may be deployed", async () => {
    const { right, asked, text } = await check([
      { ...dev, allowed: ["222222222222", "111111111111"] },
      { ...dev, name: "test" },
    ]);
    expect(right).toBe(true);
    expect(asked).toEqual([{ region: "eu-west-1" }]);
    expect(text).toMatch(
      /^account {2}111111111111\narn .*user\/ops\nregion {3}eu-west-1\nsource {3}the environment, key AKIA\n/,
    );
    expect(text).toMatch(/^dev +account 111111111111 is allowed$/m);
    expect(text).toMatch(/^test +account 111111111111: its files do not say which one it may be/m);
  });

  it("of another account may not, and the others are told all the same", async () => {
    const { right, text } = await check([
      { ...dev, allowed: ["222222222222"] },
      { ...dev, name: "test" },
    ]);
    expect(right).toBe(false);
    expect(text).toMatch(/^dev +WRONG ACCOUNT 111111111111: allowed_account_ids has 222222222222/m);
    expect(text).toMatch(/^test /m);
  });

  it("that are deployed by a role are of the role's account", async () => {
    const role = "arn:aws:iam::222222222222:role/deployer";
    expect((await check([{ ...dev, role, allowed: ["222222222222"] }])).right).toBe(true);
    expect((await check([{ ...dev, role, allowed: ["111111111111"] }])).right).toBe(false);
  });

  it("of other regions and profiles are asked for by themselves", async () => {
    const { asked } = await check([dev, { ...dev, region: "us-east-1" }, { ...dev, profile: "ops" }, dev]);
    expect(asked).toEqual([{ region: "eu-west-1" }, { region: "us-east-1" }, { region: "eu-west-1", profile: "ops" }]);
  });

  it("cannot be deployed with credentials that do not work, and each remedy is told", async () => {
    const { right, text } = await check([dev], FAULT);
    expect(right).toBe(false);
    expect(text).toMatch(
      /^FAILED {3}they have expired \(ExpiredToken\)\nregion .*\nto do {4}Get new ones\n {9}Then again\ndev +cannot/,
    );
  });

  it("where there is none, the usual credentials are checked", async () => {
    expect(await check([])).toMatchObject({ right: true, asked: [{ region: "us-east-1" }] });
    expect((await check([], FAULT)).right).toBe(false);
  });

  it("the root user and another region of the AWS CLI are told", async () => {
    const root = { ...IDENTITY, arn: "arn:aws:iam::111111111111:root" };
    const { text } = await check([dev], root, { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "eu-west-1" });
    expect(text).toMatch(/this is the root user/);
    expect(text.match(/the AWS CLI looks there/g)).toHaveLength(1);
  });

  describe("whose REST API writes logs", () => {
    const logging: Deployment = { ...dev, apiLogs: true };
    const ROLE = "arn:aws:iam::111111111111:role/logs";

    it("may be deployed where API Gateway has the role for it", async () => {
      const { right, text, askedForRole } = await check(
        [logging, { ...dev, name: "test" }],
        IDENTITY,
        {},
        { role: ROLE },
      );
      expect({ right, askedForRole }).toEqual({ right: true, askedForRole: [{ region: "eu-west-1" }] });
      expect(text).toMatch(/^dev +API logs are written by arn:aws:iam::111111111111:role\/logs$/m);
      expect(text).not.toMatch(/^test +API logs/m);
    });

    it("may not where it has none, and is told the commands that make it", async () => {
      const { right, text } = await check([logging], IDENTITY, {}, { role: undefined });
      expect(right).toBe(false);
      expect(text).toMatch(
        /^dev +NO ROLE FOR API LOGS: .* in account 111111111111, eu-west-1\..*"CloudWatch Logs role ARN must be set/m,
      );
      expect(text).toMatch(/^to do +Make the role, once for all REST APIs/m);
      expect(text).toMatch(/^ +aws iam create-role .*'\{.*"apigateway\.amazonaws\.com".*\}'$/m);
      expect(text).toMatch(/^ +aws iam attach-role-policy .*AmazonAPIGatewayPushToCloudWatchLogs$/m);
      expect(text).toMatch(/^ +aws apigateway update-account --region eu-west-1 .*role\/api-gateway-logs$/m);
    });

    it("is told that it is not known, where AWS does not say and where the account is another", async () => {
      const refused = await check([logging], IDENTITY, {}, { refused: "AccessDeniedException" });
      expect(refused).toMatchObject({ right: true, text: expect.stringMatching(/not known: .*AccessDeniedException/) });
      expect(refused.text).toMatch(/apigateway:GET on \/account/);
      const role = "arn:aws:iam::222222222222:role/deployer";
      const other = await check([{ ...logging, role }]);
      expect(other).toMatchObject({ right: true, askedForRole: [] });
      expect(other.text).toMatch(/account 222222222222 has a role for API logs is not known/);
    });

    it("is not asked about with credentials that do not work", async () => {
      expect(await check([logging], FAULT)).toMatchObject({ right: false, askedForRole: [] });
    });

    it.each<[string, number, object, LoggingRole]>([
      ["a role", 200, { cloudwatchRoleArn: ROLE }, { role: ROLE }],
      ["none", 200, { throttleSettings: {} }, { role: undefined }],
      ["an empty one", 200, { cloudwatchRoleArn: "" }, { role: undefined }],
      ["a refusal", 403, { message: "no" }, { refused: "AccessDeniedException" }],
    ])("API Gateway's answer: %s", async (_, status, body, found) => {
      const headers = {
        "content-type": "application/json",
        ...(status === 403 ? { "x-amzn-errortype": "AccessDeniedException" } : {}),
      };
      const more = { ...answers(status, JSON.stringify(body), headers), credentials: KEYS };
      expect(await loggingRole({ region: "eu-west-1" }, more)).toEqual(found);
    });

    it("is one with api_logging and routes", () => {
      const config = environmentConfig();
      const { awsRegion, allowedAccountIds } = config.foundation;
      const api = (more: object) =>
        deploymentsOf({ ...config, optional: { api: { awsRegion, allowedAccountIds, apiLogging: true, ...more } } });
      expect(api({ routes: [{}] })).toEqual([expect.objectContaining({ name: config.name, apiLogs: true })]);
      expect(api({ routes: [] })).toEqual([expect.not.objectContaining({ apiLogs: true })]);
      expect(api({ routes: [{}], apiLogging: false })).toEqual([expect.not.objectContaining({ apiLogs: true })]);
    });
  });

  it("are read from their files: one deployment where all layers agree, and one for each that does not", () => {
    const config = environmentConfig();
    const { awsRegion, allowedAccountIds } = config.foundation;
    const other = {
      awsRegion: "us-east-1",
      allowedAccountIds: ["222222222222"],
      assumeRole: { role_arn: "arn:aws:iam::2:role/r" },
    };
    expect(deploymentsOf(config)).toEqual([{ name: config.name, region: awsRegion, allowed: allowedAccountIds }]);
    expect(deploymentsOf({ ...config, optional: { same: { awsRegion, allowedAccountIds }, other } })).toEqual([
      { name: config.name, region: awsRegion, allowed: allowedAccountIds },
      { name: config.name, region: "us-east-1", allowed: ["222222222222"], role: "arn:aws:iam::2:role/r" },
    ]);
  });
});
