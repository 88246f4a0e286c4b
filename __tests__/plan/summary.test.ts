import { readFileSync } from "node:fs";
import { join } from "node:path";
import { policyDocument, policyJson } from "../../access/policy";
import type { Finding } from "../../plan/report";
import { summarise } from "../../plan/summary";
import { parseTerraformPlan } from "../../plan/terraform-plan";
import { change, plan, SECRET, type Server, serverChanges, TRUST } from "./plan-json";

const recorded = () => readFileSync(join(__dirname, "../fixtures/plans/servers-changed.json"), "utf8");

function findingsOf(before: Server | null, after: Server | null): readonly Finding[] {
  return summarise(plan(serverChanges("log-shipper", before, after))).servers[0]?.findings ?? [];
}
const marked = (findings: readonly Finding[], mark: Finding["mark"]) =>
  findings.filter((finding) => finding.mark === mark).map(({ text }) => text);

describe("what changes for a server", () => {
  const write: Server = { level: "write", prefix: "logs/" };

  it("nothing: it is not in the summary", () => {
    expect(summarise(plan(serverChanges("log-shipper", write, write))).servers).toEqual([]);
  });

  it("a higher level widens, in words", () => {
    expect(marked(findingsOf(write, { ...write, level: "read-write" }), "widens-access")).toEqual([
      "may now also read logs/",
    ]);
    expect(marked(findingsOf(write, { ...write, level: "full" }), "widens-access")).toEqual([
      "may now also read, delete and list logs/",
    ]);
  });

  it("a lower level does not widen, and is reported", () => {
    const findings = findingsOf({ ...write, level: "full" }, write);
    expect(findings).toEqual([{ text: "may no longer read, delete and list logs/" }]);
  });

  it("from upload to download alone is a gain and a loss, and back", () => {
    const read: Server = { ...write, level: "read" };
    expect(findingsOf(write, read)).toEqual([
      { text: "may now also read logs/", mark: "widens-access" },
      { text: "may no longer write logs/" },
    ]);
    expect(marked(findingsOf(read, write), "widens-access")).toEqual(["may now also write logs/"]);
  });

  it("another prefix is a gain and a loss", () => {
    const findings = findingsOf(write, { ...write, prefix: "journal/" });
    expect(marked(findings, "widens-access")).toEqual(["may now also write journal/"]);
    expect(findings.map(({ text }) => text)).toContain("may no longer write logs/");
    expect(findings.some(({ text }) => text.startsWith("its prefix was logs/ and becomes journal/"))).toBe(true);
  });

  it("a prefix inside the old one takes away only; the parent of the old one only adds", () => {
    const inner: Server = { ...write, prefix: "logs/web/" };
    expect(marked(findingsOf(write, inner), "widens-access")).toEqual([]);
    expect(findingsOf(write, inner).map(({ text }) => text)).toContain("may no longer write logs/");
    expect(marked(findingsOf(inner, write), "widens-access")).toEqual(["may now also write logs/"]);
    expect(findingsOf(inner, write).some(({ text }) => text.startsWith("may no longer"))).toBe(false);
  });

  it("another bucket is named", () => {
    const policy = (bucket: string) =>
      policyJson(
        policyDocument({ Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${bucket}/logs/*` }),
      );
    const changes = [change("aws_iam_role_policy.s3_objects_a", { policy: policy("old") }, { policy: policy("new") })];
    expect(summarise(plan(changes)).servers[0]?.findings).toEqual([
      { text: "may now also write logs/ in new", mark: "widens-access" },
      { text: "may no longer write logs/ in old" },
    ]);
  });

  it("a prefix that only starts the same is not inside the other", () => {
    expect(marked(findingsOf({ ...write, prefix: "a/" }, { ...write, prefix: "ab/" }), "widens-access")).toHaveLength(
      1,
    );
  });

  it("longer lives of tokens and credentials widen, shorter ones do not", () => {
    const longer = findingsOf({ ...write, sessionSeconds: 900 }, { ...write, tokenMinutes: 120 });
    expect(marked(longer, "widens-access")).toEqual([
      "its credentials live at most 3600 seconds instead of 900",
      "its access tokens live at most 120 minutes instead of 60",
    ]);
    const shorter = findingsOf({ ...write, tokenMinutes: 120 }, { ...write, sessionSeconds: 900 });
    expect(marked(shorter, "widens-access")).toEqual([]);
    expect(shorter).toHaveLength(2);
  });

  it("added: what it may do; removed: what it could, and that its identity goes", () => {
    expect(findingsOf(null, { ...write, level: "full" })).toEqual([
      { text: "may write, read, delete and list logs/", mark: "widens-access" },
    ]);
    const removed = findingsOf(write, null);
    expect(removed[0]).toEqual({ text: "may no longer write logs/" });
    expect(marked(removed, "stateful-resource")).toHaveLength(1);
  });

  it("a replaced client is a loss of identity", () => {
    const changes = serverChanges("a", write, { ...write, tokenMinutes: 61 });
    const client = changes[0];
    if (client) client.change.actions = ["delete", "create"];
    const [server] = summarise(plan(changes)).servers;
    expect(server?.kind).toBe("replaced");
    expect(marked(server?.findings ?? [], "stateful-resource")[0]).toContain("client id and secret");
  });

  it("a role with a new path is a new role, and is marked; one that is replaced for another reason is not", () => {
    const replacedRole = (path: string) => {
      const changes = serverChanges("a", write, write);
      const role = changes.find(({ type }) => type === "aws_iam_role");
      if (role === undefined) throw new Error("no role");
      role.change.actions = ["delete", "create"];
      role.change.before = { ...role.change.before, path: "/" };
      role.change.after = { ...role.change.after, path };
      const [server] = summarise(plan(changes)).servers;
      return marked(server?.findings ?? [], "stateful-resource");
    };
    expect(replacedRole("/uploads/")).toEqual([expect.stringMatching(/new path: aws_iam_role\.server_a .*new role/)]);
    expect(replacedRole("/")).toEqual([]);
  });

  it("scopes that widen without the role doing so are reported", () => {
    const changes = serverChanges("a", { ...write, level: "full" }, { ...write, level: "full" }).map((each) =>
      each.type === "aws_dynamodb_table_item"
        ? change(
            each.address,
            { item: String(each.change.before?.item).replace('["write","read","delete","list"]', '["write"]') },
            each.change.after,
          )
        : each,
    );
    const [server] = summarise(plan(changes)).servers;
    expect(marked(server?.findings ?? [], "widens-access")).toEqual([
      "its client may now also get the scopes read, delete and list",
    ]);
  });

  it("a role that more may assume is a widening; one whose sessions may be tagged is not", () => {
    const trust = (principal: string, ...actions: string[]) =>
      policyJson(policyDocument({ Effect: "Allow", Principal: { AWS: principal }, Action: actions }));
    const roleChange = (after: string) =>
      summarise(plan([change("aws_iam_role.server_a", { assume_role_policy: TRUST }, { assume_role_policy: after })]))
        .servers[0]?.findings;
    expect(roleChange(trust("arn:aws:iam::1:role/vending", "sts:AssumeRole", "sts:TagSession"))).toEqual([
      { text: "its role: may now also have its sessions tagged by arn:aws:iam::1:role/vending" },
    ]);
    expect(marked(roleChange(trust("*", "sts:AssumeRole")) ?? [], "widens-access")).toEqual([
      "its role: may now also be assumed by everyone",
    ]);
  });

  it("a policy known only after the apply is marked, since it may widen", () => {
    const unknown = change(
      "aws_iam_role_policy.s3_objects_a",
      { policy: policyJson(policyDocument()) },
      {},
      { actions: ["update"], after_unknown: { policy: true } },
    );
    expect(marked(summarise(plan([unknown])).servers[0]?.findings ?? [], "widens-access")).toHaveLength(1);
  });

  it("moves from the original Terraform modules are moves, and need no mark", () => {
    const moved = serverChanges("log-shipper", write, write).map((each) => ({
      ...each,
      previous_address: `module.server_access["log-shipper"].${each.type}.x`,
    }));
    const summary = summarise(plan(moved));
    expect(summary.servers).toMatchObject([{ name: "log-shipper", kind: "moved", findings: [] }]);
    expect(summary.counts).toMatchObject({ moved: 4, changed: 0 });
  });

  it("a name with dots is given in full, though its address has none", () => {
    expect(summarise(plan(serverChanges("web.01", null, write))).servers[0]?.name).toBe("web.01");
  });
});

describe("what changes for all", () => {
  it.each([
    "aws_cognito_user_pool.s3_uploader",
    "aws_dynamodb_table.client_roles",
    "aws_s3_bucket.uploads",
    "aws_cognito_user_pool_domain.s3_uploader",
  ])("removing or replacing %s is marked, changing it is not", (address) => {
    const marks = (actions: string[]) => summarise(plan([change(address, {}, {}, { actions })])).marks;
    expect(marks(["delete"])["stateful-resource"]).toBe(1);
    expect(marks(["delete", "create"])["stateful-resource"]).toBe(1);
    expect(marks(["create", "delete"])["stateful-resource"]).toBe(1);
    expect(marks(["update"])["stateful-resource"]).toBe(0);
    expect(marks(["forget"])["stateful-resource"]).toBe(0);
  });

  const tlsOnly = policyJson(
    policyDocument({
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: "arn:aws:s3:::uploads",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    }),
  );

  it("a denial that goes is a widening, one that comes is not", () => {
    const bucketPolicy = (before: string | null, after: string | null) =>
      summarise(
        plan([
          change(
            "aws_s3_bucket_policy.uploads",
            before === null ? null : { policy: before },
            after === null ? null : { policy: after },
            {
              type: "aws_s3_bucket_policy",
            },
          ),
        ] as unknown[]),
      ).marks["widens-access"];
    expect(bucketPolicy(tlsOnly, null)).toBe(1);
    expect(bucketPolicy(null, tlsOnly)).toBe(0);
  });

  it("what a bucket's policy denies is described with whom and where", () => {
    const policy = change("aws_s3_bucket_policy.uploads", null, { policy: tlsOnly });
    expect(summarise(plan([policy])).shared[0]?.findings).toEqual([
      { text: "everyone is now forbidden to use s3:* on the whole bucket uploads without TLS" },
    ]);
  });

  it("a resource that comes into the state is imported, with or without a change", () => {
    const importing = { importing: { id: "x" } };
    const same = change("aws_cloudwatch_log_group.a", { days: 1 }, { days: 1 }, importing);
    const changed = change("aws_cloudwatch_log_group.b", { days: 1 }, { days: 2 }, importing);
    const { shared, counts } = summarise(plan([same, changed]));
    expect(shared.map(({ kind, imported }) => [kind, imported])).toEqual([
      ["imported", true],
      ["changed", true],
    ]);
    expect(counts).toMatchObject({ imported: 2, changed: 1 });
  });

  it("a bucket that may become public is a widening", () => {
    const block = change(
      "aws_s3_bucket_public_access_block.uploads",
      { block_public_acls: true, block_public_policy: true },
      { block_public_acls: true, block_public_policy: false },
    );
    expect(summarise(plan([block])).shared[0]?.findings).toEqual([
      { text: "block_public_policy is off from now on: the bucket can be made public", mark: "widens-access" },
    ]);
  });

  it("attributes that change are named, without those that only follow", () => {
    const update = change(
      "aws_lambda_function.credential_vending",
      { timeout: 30, last_modified: "x", tags: {}, tags_all: {} },
      { timeout: 10, tags: { a: "b" }, tags_all: { a: "b" } },
      { after_unknown: { last_modified: true } },
    );
    expect(summarise(plan([update])).shared[0]?.attributes).toEqual(["tags", "timeout"]);
  });

  it("data sources are no changes", () => {
    expect(summarise(plan([change("data.aws_s3_bucket.existing", null, {}, { actions: ["read"] })])).shared).toEqual(
      [],
    );
  });
});

describe("a recorded plan", () => {
  it("is summarised by server", () => {
    const summary = summarise(parseTerraformPlan(recorded()));
    expect(summary.servers.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "2nd-site_archive removed",
      "3rd-site_archive added",
      "backup-server-01 changed",
      "data.sync.eu removed",
      "log-shipper changed",
      "web.01 added",
    ]);
    expect(summary.marks).toEqual({ "widens-access": 5, "stateful-resource": 2 });
    expect(summary.outputs).toEqual(["server_configurations", "server_role_arns", "server_secrets"]);
    const renamed = summary.servers.find(({ name }) => name === "3rd-site_archive");
    expect(renamed?.findings.at(-1)?.text).toContain("has the prefix of 2nd-site_archive");
  });

  it("gives the same summary whatever the order of its resources", () => {
    const json = JSON.parse(recorded()) as { resource_changes: unknown[] };
    const reversed = JSON.stringify({ ...json, resource_changes: json.resource_changes.reverse() });
    expect(summarise(parseTerraformPlan(reversed))).toEqual(summarise(parseTerraformPlan(recorded())));
  });
});

it("no summary holds a secret", () => {
  const ownPlan = plan([
    ...serverChanges("a", { level: "write", prefix: "a/" }, null),
    ...serverChanges("b", null, { level: "full", prefix: "b/" }),
    ...serverChanges("c", { level: "full", prefix: "c/" }, { level: "write", prefix: "d/" }),
  ]);
  expect(JSON.stringify(summarise(ownPlan))).not.toContain(SECRET);
  const secrets = [...recorded().matchAll(/"client_secret": ?"([^"]+)"/g)].map(([, secret]) => secret as string);
  expect(secrets.length).toBeGreaterThan(3);
  for (const secret of secrets) expect(JSON.stringify(summarise(parseTerraformPlan(recorded())))).not.toContain(secret);
});
