import { PERMISSION_LEVELS, type PermissionLevel, SCOPES, type Scope, scopesOf } from "../../access/permission-level";
import { sessionPolicy } from "../../access/policy";
import { evaluate } from "../../iam/evaluate";
import { environmentConfig, serverConfig } from "../support/environment";
import { ACCOUNT, BUCKET, deployedPolicy, grantedActions, printTable } from "../support/policy-inputs";
import { everyS3Action, type S3Action } from "../support/s3-actions";
import { addresses, synthesise } from "../support/synthesise";

/** What each level may do, written down a second time: nothing here is derived from the code under test. */
const ALLOWED_ON_OBJECTS: Readonly<Record<PermissionLevel, readonly string[]>> = {
  write: ["s3:PutObject", "s3:AbortMultipartUpload"],
  read: ["s3:GetObject"],
  "read-write": ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject"],
  full: ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject", "s3:DeleteObject"],
};
const ALLOWED_BY_SCOPE: Readonly<Record<Scope, readonly string[]>> = {
  write: ["s3:PutObject", "s3:AbortMultipartUpload"],
  read: ["s3:GetObject"],
  delete: ["s3:DeleteObject"],
  list: [],
};

const PREFIX = "a/logs/";
const PLACES = {
  inside: "a/logs/2026/01.gz",
  "the prefix itself": "a/logs/",
  "sibling with the same start": "a/logs2/01.gz",
  "file with the same start": "a/logs.gz",
  "another case": "A/LOGS/01.gz",
  parent: "a/01.gz",
  "the prefix deeper down": "b/a/logs/01.gz",
  "other server": "backups/server-01/01.gz",
  "bucket root": "01.gz",
} as const;
const INSIDE = ["inside", "the prefix itself"];

const servers = [
  ...PERMISSION_LEVELS.map((level) => serverConfig(level, { s3PathPrefix: PREFIX, s3Permissions: level })),
  serverConfig("other", { s3PathPrefix: "backups/server-01/", s3Permissions: "full" }),
];
const environment = environmentConfig({ servers: { servers } });
const synthesised = synthesise(environment);

/** The identity policies that a server's role has. */
function rolePolicies(server: string) {
  return ["s3_objects", "s3_list"]
    .map((name) => `aws_iam_role_policy.${name}_${server}`)
    .filter((address) => addresses(synthesised.servers).includes(address))
    .map((address) => ({ name: address, policy: deployedPolicy(synthesised.servers, address) }));
}

interface Question {
  readonly server: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string>;
  readonly session?: unknown;
}

async function isAllowed({ server, action, resource, context = {}, session }: Question): Promise<boolean> {
  const { allowed } = await evaluate({
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/oidc-s3-cognito-dev-${server}/${server}`,
    accountId: ACCOUNT,
    action,
    resource,
    context,
    identityPolicies: rolePolicies(server),
    ...(session === undefined ? {} : { sessionPolicy: session }),
  });
  return allowed;
}

let actions: S3Action[];
beforeAll(async () => {
  actions = await everyS3Action();
});

it("the list of S3 actions is whole", () => {
  expect(actions.length).toBeGreaterThan(150);
  const names = actions.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...ALLOWED_ON_OBJECTS.full, "s3:ListBucket", "s3:PutObjectAcl"]));
});

describe.each(PERMISSION_LEVELS)("level %s", (level) => {
  it("each S3 action on objects is allowed under the prefix alone, and only the level's own", async () => {
    const onObjects = actions.filter(({ target }) => target === "object").map(({ name }) => name);
    const rows = [["", ...Object.keys(PLACES)]];
    const refusedEverywhere: string[] = [];
    for (const action of onObjects) {
      const answers: boolean[] = [];
      for (const [place, key] of Object.entries(PLACES)) {
        const allowed = await isAllowed({ server: level, action, resource: `${BUCKET}/${key}` });
        const expected = ALLOWED_ON_OBJECTS[level].includes(action) && INSIDE.includes(place);
        expect({ action, key, allowed }).toEqual({ action, key, allowed: expected });
        answers.push(allowed);
      }
      if (answers.some(Boolean)) rows.push([action, ...answers.map((allowed) => (allowed ? "yes" : "-"))]);
      else refusedEverywhere.push(action);
    }
    rows.push([`${refusedEverywhere.length} other actions`, ...Object.keys(PLACES).map(() => "-")]);
    printTable(`Level ${level}, prefix ${PREFIX}: what its role may do to objects`, rows);
    for (const action of ALLOWED_ON_OBJECTS[level]) {
      expect(await isAllowed({ server: level, action, resource: `arn:aws:s3:::another-bucket/${PLACES.inside}` })).toBe(
        false,
      );
    }
  });

  it("of the actions on buckets, only full may list, and only under its prefix", async () => {
    const asked: Record<string, Record<string, string>> = {
      "s3:prefix=a/logs/": { "s3:prefix": "a/logs/" },
      "s3:prefix=a/logs/2026": { "s3:prefix": "a/logs/2026" },
      "s3:prefix=a/logs": { "s3:prefix": "a/logs" },
      "s3:prefix=a/logs2/": { "s3:prefix": "a/logs2/" },
      "s3:prefix=a/": { "s3:prefix": "a/" },
      "s3:prefix=backups/server-01/": { "s3:prefix": "backups/server-01/" },
      "s3:prefix empty": { "s3:prefix": "" },
      "no s3:prefix": {},
    };
    const listable = ["s3:prefix=a/logs/", "s3:prefix=a/logs/2026"];
    const rows = [["", ...Object.keys(asked)]];
    const onBuckets = actions.filter(({ target }) => target === "bucket").map(({ name }) => name);
    for (const action of onBuckets) {
      const answers: boolean[] = [];
      for (const [request, context] of Object.entries(asked)) {
        const allowed = await isAllowed({ server: level, action, resource: BUCKET, context });
        const expected = level === "full" && action === "s3:ListBucket" && listable.includes(request);
        expect({ action, request, allowed }).toEqual({ action, request, allowed: expected });
        answers.push(allowed);
      }
      if (action === "s3:ListBucket") rows.push([action, ...answers.map((allowed) => (allowed ? "yes" : "-"))]);
    }
    rows.push([`${onBuckets.length - 1} other actions`, ...Object.keys(asked).map(() => "-")]);
    printTable(`Level ${level}, prefix ${PREFIX}: what its role may do to the bucket`, rows);
    const context = { "s3:prefix": "a/logs/" };
    expect(await isAllowed({ server: level, action: "s3:ListBucket", resource: "arn:aws:s3:::other", context })).toBe(
      false,
    );
  });

  it("no ACL may be set, be it the default one that old backup tools send (docs/adr/0019)", async () => {
    const rows: string[][] = [["s3:PutObjectAcl with the header x-amz-acl", ...Object.keys(PLACES)]];
    for (const acl of ["private", "bucket-owner-full-control", "public-read"]) {
      const context = { "s3:x-amz-acl": acl };
      const asked = Object.values(PLACES).map((key) => ({ resource: `${BUCKET}/${key}`, context }));
      const answers = await Promise.all(
        asked.map((question) => isAllowed({ server: level, action: "s3:PutObjectAcl", ...question })),
      );
      expect({ acl, answers }).toEqual({ acl, answers: answers.map(() => false) });
      rows.push([acl, ...answers.map((allowed) => (allowed ? "yes" : "-"))]);
    }
    printTable(`Level ${level}, prefix ${PREFIX}: which ACLs its role may set`, rows);
  });

  it("no action on anything else in S3 is allowed", async () => {
    const others = actions.filter(({ target }) => target === "other");
    expect(others.length).toBeGreaterThan(50);
    const granted = rolePolicies(level).flatMap(({ policy }) => grantedActions(policy));
    expect(others.map(({ name }) => name).filter((name) => granted.includes(name))).toEqual([]);
  });

  it("a session is the role narrowed to the token's scopes, for every set of scopes", async () => {
    const sets = Array.from({ length: 2 ** SCOPES.length - 1 }, (_, bits) =>
      SCOPES.filter((_scope, index) => (bits + 1) & (1 << index)),
    );
    const places = ["inside", "sibling with the same start", "other server"] as const;
    const rows = [["scopes granted", "allowed"]];
    for (const scopes of sets) {
      const session = sessionPolicy(BUCKET, PREFIX, scopes);
      const reached: string[] = [];
      for (const action of [...ALLOWED_ON_OBJECTS.full, "s3:PutObjectAcl"]) {
        for (const [place, key] of places.map((name) => [name, PLACES[name]] as const)) {
          const expected =
            INSIDE.includes(place) &&
            ALLOWED_ON_OBJECTS[level].includes(action) &&
            scopes.some((scope) => ALLOWED_BY_SCOPE[scope].includes(action));
          const allowed = await isAllowed({ server: level, action, resource: `${BUCKET}/${key}`, session });
          expect({ scopes, action, key, allowed }).toEqual({ scopes, action, key, allowed: expected });
          if (allowed) reached.push(action);
        }
      }
      const context = { "s3:prefix": PREFIX };
      const lists = await isAllowed({ server: level, action: "s3:ListBucket", resource: BUCKET, context, session });
      expect({ scopes, lists }).toEqual({ scopes, lists: level === "full" && scopes.includes("list") });
      if (lists) reached.push("s3:ListBucket");
      if (scopes.every((scope) => scopesOf(level).includes(scope))) rows.push([scopes.join("+"), reached.join(" ")]);
    }
    printTable(`Level ${level}, prefix ${PREFIX}: what a session may do, and under the prefix alone`, rows);
  });

  it("its scopes are those of its actions", () => {
    expect(new Set(scopesOf(level).flatMap((scope) => ALLOWED_BY_SCOPE[scope]))).toEqual(
      new Set(ALLOWED_ON_OBJECTS[level]),
    );
  });
});
