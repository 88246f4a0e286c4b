import { loadEnvironments } from "../../../config";
import { usersConfiguration } from "../../../config/rules/users";
import { LAYERS } from "../../../layers";
import { documentedFiles, temporaryDirectory } from "../support/temporary-environments";

const others = LAYERS.filter(({ name }) => name !== usersConfiguration.name);

/** What is said of environments with these entries of `servers` and lines of `users.tfvars`; without servers, people alone. */
async function load(environments: Readonly<Record<string, readonly [servers: string | undefined, users: string]>>) {
  const files: Record<string, string> = {};
  for (const [name, [servers, users]] of Object.entries(environments)) {
    const head = `environment = "${name}"\naws_region = "eu-west-1"\n`;
    if (servers !== undefined) {
      Object.assign(files, documentedFiles(name), { [`${name}/servers.tfvars`]: `${head}servers = { ${servers} }\n` });
    }
    files[`${name}/users.tfvars`] = `${head}${users}\n`;
    files[`${name}/users-backend.hcl`] =
      `bucket = "oidc-s3-uploader-tfstate"\nkey = "${name}/users"\nregion = "eu-west-1"\n`;
  }
  const loaded = await loadEnvironments(temporaryDirectory(files), [...others, usersConfiguration]);
  return loaded.flatMap((each) =>
    "faults" in each ? each.faults.map(({ key, message }) => `${each.name} ${key} ${message}`) : [],
  );
}

const PEOPLE = 'access = { s3 = { permissions = "full" } }';
const OWN_BUCKET = 'in the same bucket "oidc-s3-cognito-dev-uploads"';

describe("a server and people in one bucket", () => {
  it("may not have one prefix, or one below the other's: both are told", async () => {
    const faults = await load({ dev: ['a = { s3_path_prefix = "users/" }', PEOPLE] });
    expect(faults).toEqual([
      `dev servers["a"].s3_path_prefix is the prefix of everybody who has signed in of this environment, ${OWN_BUCKET}, too`,
      `dev access.s3.prefix is the prefix of the server "a" of this environment, ${OWN_BUCKET}, too`,
    ]);
    expect(await load({ dev: ['a = { s3_path_prefix = "users/a/" }', PEOPLE] })).toHaveLength(2);
  });

  it("may where both say so, and not where one does", async () => {
    const server = 'a = { s3_path_prefix = "users/", shared_prefix = true }';
    expect(await load({ dev: [server, PEOPLE.replace("permissions", "shared_prefix = true, permissions")] })).toEqual(
      [],
    );
    expect(await load({ dev: [server, PEOPLE] })).toHaveLength(2);
  });

  it("have folders of their own", async () => {
    expect(await load({ dev: ['a = { s3_path_prefix = "logs/" }', PEOPLE] })).toEqual([]);
  });

  it("of two environments count as well", async () => {
    const theirs = PEOPLE.replace("permissions", 'bucket = "oidc-s3-cognito-dev-uploads", permissions');
    const faults = await load({ dev: ['a = { s3_path_prefix = "users/" }', ""], prod: [undefined, theirs] });
    expect(faults).toEqual([
      expect.stringContaining("everybody who has signed in of the environment prod"),
      expect.stringContaining('the server "a" of the environment dev'),
    ]);
  });
});

describe("groups of people in one bucket", () => {
  const groups = (a: string, b: string) => `groups = {
  a = { precedence = 1, access = { s3 = { ${a}, permissions = "full" } } }
  b = { precedence = 2, access = { s3 = { ${b}, permissions = "full" } } }
}`;

  it("may each have folders of identities under one prefix", async () => {
    expect(await load({ dev: ["", groups('prefix = "users/"', 'prefix = "users/"')] })).toEqual([]);
  });

  it("reach into those of others knowingly alone", async () => {
    const all = 'prefix = "users/", user_specific = false';
    expect(await load({ dev: ["", groups('prefix = "users/"', all)] })).toEqual([
      `dev groups["a"].access.s3.prefix is the prefix of the group "b" of this environment, ${OWN_BUCKET}, too`,
      `dev groups["b"].access.s3.prefix is the prefix of the group "a" of this environment, ${OWN_BUCKET}, too`,
    ]);
    const knowingly = [`shared_prefix = true, prefix = "users/"`, `shared_prefix = true, ${all}`] as const;
    expect(await load({ dev: ["", groups(...knowingly)] })).toEqual([]);
  });
});

it("roles and domains are compared with those of other environments", async () => {
  const files = {
    dev: [undefined, 'domain = { prefix = "acme" }'],
    prod: [undefined, 'domain = { prefix = "acme" }'],
  } as const;
  expect(await load(files)).toEqual([
    'dev domain.prefix gives the Cognito domain "acme", as another environment of the region does: prod',
    'prod domain.prefix gives the Cognito domain "acme", as another environment of the region does: dev',
  ]);
  const named = (name: string, project: string) =>
    [
      undefined,
      `project_name = "${project}"\ngroups = { ${name} = { precedence = 1, access = { lambda = ["x"] } } }`,
    ] as const;
  const faults = await load({ a: named("x-users-b-group-y", "p"), "a-group-x-users-b": named("y", "p") });
  expect(faults.filter((fault) => fault.includes("IAM role"))).toHaveLength(2);
});

it("people's bucket needs a foundation, or a name", async () => {
  expect(await load({ dev: [undefined, PEOPLE] })).toEqual([expect.stringContaining("dev access.s3 names no bucket")]);
  expect(await load({ dev: [undefined, PEOPLE.replace("permissions", 'bucket = "mine-alone", permissions')] })).toEqual(
    [],
  );
});
