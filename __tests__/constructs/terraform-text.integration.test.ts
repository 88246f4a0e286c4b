import fc from "fast-check";
import { literal, literals, reference } from "../../constructs/terraform-text";
import { environmentConfig, serverConfig } from "../support/environment";
import { at, synthesise } from "../support/synthesise";

/** What Terraform makes of a template that holds no expression. */
function evaluated(template: string): string {
  return template.replace(/\$\$\{|%%\{|[$%]\{/g, (found) => {
    if (found === "$${" || found === "%%{") return found.slice(1);
    throw new Error(`Terraform would evaluate what follows ${found} in ${template}`);
  });
}

const text = fc
  .array(fc.oneof(fc.constantFrom("$", "%", "{", "}", "${", "%{", "$${", "TOKEN.0", "]", '"'), fc.string()))
  .map((parts) => parts.join(""))
  // The configuration refuses it.
  .filter((written) => !written.includes("TfToken["));

it("Terraform reads every text back as it was written", () => {
  fc.assert(fc.property(text, (written) => expect(evaluated(literal(written))).toBe(written)));
});

it("so it does after cdktf has resolved its tokens", () => {
  const texts = Object.fromEntries(fc.sample(text, 300).map((written, index) => [`${index} ${written}`, written]));
  const servers = [serverConfig("server", { tags: texts })];
  const { servers: document } = synthesise(environmentConfig({ servers: { servers } }));
  const tags = at(document, "aws_iam_role.server_server").tags as Record<string, string>;
  const readBack = Object.entries(tags).map(([key, value]) => [evaluated(key), evaluated(value)]);
  expect(Object.fromEntries(readBack)).toEqual({ ...texts, Server: "server", Environment: "dev" });
});

it("so it does in the JSON of a table item", () => {
  fc.assert(
    fc.property(text, (s3PathPrefix) => {
      const { servers: document } = synthesise(
        environmentConfig({ servers: { servers: [serverConfig("a", { s3PathPrefix })] } }),
      );
      const { item } = at(document, "aws_dynamodb_table_item.client_role_mapping_a") as { item: string };
      const withoutReferences = item.replace(/\$\{aws_[a-z_.]+\}/g, "x");
      expect(JSON.parse(evaluated(withoutReferences)).s3_path_prefix).toEqual({ S: s3PathPrefix });
    }),
    { numRuns: 20 },
  );
});

it("what needs no escape is left as it is", () => {
  expect(literal("backups/server-01/ 100% $5 {x} ünïcode")).toBe("backups/server-01/ 100% $5 {x} ünïcode");
});

it("escaping reaches every string of a value, the names of keys too, and nothing else", () => {
  expect(literals({ "${a}": ["%{b}", 1, true, null, { c: "${d}" }] })).toEqual({
    "$${a}": ["%%{b}", 1, true, null, { c: "$${d}" }],
  });
});

it("a reference is Terraform's own", () => {
  expect(reference("aws_iam_role.server_a", "arn")).toBe("${aws_iam_role.server_a.arn}");
});
