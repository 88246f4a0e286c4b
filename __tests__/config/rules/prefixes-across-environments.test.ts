import fc from "fast-check";
import { prefixesOverlap } from "../../../access/prefix";
import { loadEnvironments } from "../../../config";
import { type PlacedPrefix, sharedPrefixFaults } from "../../../config/rules/across-environments";
import { outlineOf, type SourceFile } from "../../../config/source/source-file";
import { LAYERS } from "../../../layers";
import { documentedFiles, temporaryDirectory } from "../support/temporary-environments";

const THEIR_BUCKET = "the-companys-bucket";

const existingBucket = (environment: string) =>
  `environment = "${environment}"\naws_region = "eu-west-1"\ncreate_s3_bucket = false\n` +
  `existing_bucket_name = "${THEIR_BUCKET}"\n`;

/** Environments with these foundation files and entries of `servers`. */
async function load(environments: Readonly<Record<string, readonly [foundation: string, servers: string]>>) {
  const files: Record<string, string> = {};
  for (const [environment, [foundation, servers]] of Object.entries(environments)) {
    Object.assign(files, documentedFiles(environment), {
      [`${environment}/foundation.tfvars`]: foundation,
      [`${environment}/servers.tfvars`]: `environment = "${environment}"\naws_region = "eu-west-1"\nservers = {\n${servers}\n}\n`,
    });
  }
  const loaded = await loadEnvironments(temporaryDirectory(files), LAYERS);
  return loaded.map((environment) => ("faults" in environment ? environment.faults : []));
}

describe("environments that upload to one existing bucket", () => {
  it("may not have one prefix: both are reported", async () => {
    const [dev, prod] = await load({
      dev: [existingBucket("dev"), 'a = { s3_path_prefix = "x/", s3_permissions = "full" }'],
      prod: [existingBucket("prod"), 'b = { s3_path_prefix = "x/" }'],
    });
    expect(dev).toMatchObject([
      {
        line: 4,
        key: 'servers["a"].s3_path_prefix',
        value: "x/",
        message: `is the prefix of the server "b" of the environment prod, in the same bucket "${THEIR_BUCKET}", too`,
        remedy: expect.stringContaining("shared_prefix = true in both"),
      },
    ]);
    expect(prod).toMatchObject([{ key: 'servers["b"].s3_path_prefix', message: expect.stringContaining('"a"') }]);
  });

  it("may not have one prefix below the other's: each is told which", async () => {
    const [dev, prod] = await load({
      dev: [existingBucket("dev"), 'a = { s3_path_prefix = "x/" }'],
      prod: [existingBucket("prod"), 'b = { s3_path_prefix = "x/y/z/" }'],
    });
    expect(dev).toMatchObject([{ message: expect.stringMatching(/^holds the prefix "x\/y\/z\/" of the server "b"/) }]);
    expect(prod).toMatchObject([{ message: expect.stringMatching(/^lies under the prefix "x\/" of the server "a"/) }]);
  });

  it("may share a prefix where both say so, and not where one does", async () => {
    const shared = 'a = { s3_path_prefix = "x/", shared_prefix = true }';
    const both = { dev: [existingBucket("dev"), shared], prod: [existingBucket("prod"), shared] } as const;
    expect(await load(both)).toEqual([[], []]);
    const one = { ...both, prod: [existingBucket("prod"), 'b = { s3_path_prefix = "x/y/" }'] } as const;
    expect((await load(one)).map((faults) => faults.length)).toEqual([1, 1]);
  });

  it("have folders of their own", async () => {
    expect(
      await load({
        dev: [existingBucket("dev"), 'a = { s3_path_prefix = "dev/x/" }'],
        prod: [existingBucket("prod"), 'a = { s3_path_prefix = "prod/x/" }'],
      }),
    ).toEqual([[], []]);
  });
});

it("an environment that makes the bucket counts, where another uploads to it", async () => {
  const made = 'environment = "dev"\naws_region = "eu-west-1"\n';
  const theirs = existingBucket("prod").replace(THEIR_BUCKET, "oidc-s3-cognito-dev-uploads");
  const faults = await load({
    dev: [made, 'a = { s3_path_prefix = "x/" }'],
    prod: [theirs, 'b = { s3_path_prefix = "x/" }'],
  });
  expect(faults).toMatchObject([[{ key: 'servers["a"].s3_path_prefix' }], [{ key: 'servers["b"].s3_path_prefix' }]]);
});

it("buckets of different names are apart", async () => {
  const made = (environment: string) => `environment = "${environment}"\naws_region = "eu-west-1"\n`;
  expect(
    await load({
      dev: [made("dev"), 'a = { s3_path_prefix = "x/" }'],
      prod: [made("prod"), 'a = { s3_path_prefix = "x/" }'],
    }),
  ).toEqual([[], []]);
});

const sources = new Map(
  ["dev", "prod", "test"].map((file) => [
    file,
    {
      file,
      values: {},
      outline: outlineOf("", "hcl"),
      hides: () => false,
      isName: (_: readonly string[], index: number) => index === 1,
    },
  ]),
);

const placed = fc
  .array(
    fc.record({
      prefix: fc
        .array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 3 })
        .map((folders) => `${folders.join("/")}/`),
      shared: fc.boolean(),
      environment: fc.constantFrom(...sources.keys()),
      bucket: fc.constantFrom("one", "two"),
      // Of servers there is none: people each have a folder of their own, or all of them one.
      perIdentity: fc.constantFrom(undefined, true, false),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    all.map(
      ({ perIdentity, ...one }, index): PlacedPrefix => ({
        ...one,
        ...(perIdentity === undefined ? { layer: "servers" } : { layer: "users", owner: "people", perIdentity }),
        name: `s${index}`,
        source: sources.get(one.environment) as SourceFile,
        path: ["servers", `s${index}`],
      }),
    ),
  );

it("exactly those are reported that comparing every pair of two environments, and with people, finds", () => {
  fc.assert(
    fc.property(placed, (all) => {
      const expected = all.filter((a) =>
        all.some(
          (b) =>
            a !== b &&
            (a.environment !== b.environment || a.perIdentity !== undefined || b.perIdentity !== undefined) &&
            a.bucket === b.bucket &&
            !(a.shared && b.shared) &&
            !(a.perIdentity && b.perIdentity) &&
            prefixesOverlap(a.prefix, b.prefix),
        ),
      );
      const reported = [...sharedPrefixFaults(all).values()].flat().map(({ key }) => key);
      expect(reported.sort()).toEqual(expected.map(({ name }) => `servers["${name}"]`).sort());
    }),
    { numRuns: 2000 },
  );
});
