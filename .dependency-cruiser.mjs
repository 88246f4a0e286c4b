// Who may import whom. `npm run check:imports` reads this; ARCHITECTURE.md says why the rooms are as they are.

/** The rooms, from the ground up, and the rooms that each may import besides itself. */
export const ROOMS = {
  access: [],
  config: ["access", "terminal"],
  terminal: [],
  iam: ["iam"],
  lambda: ["access"],
  client: ["access", "terminal"],
  functions: ["functions"],
  build: ["lambda", "client", "terminal"],
  constructs: ["access", "config", "lambda"],
  stacks: ["access", "config", "constructs"],
  layers: ["access", "config", "stacks", "build"],
  plan: ["access", "config", "fleet", "layers", "terminal"],
  bootstrap: ["access", "config", "layers", "terminal"],
  users: ["access", "config", "layers", "terminal"],
  cost: ["config", "layers", "terminal"],
  fleet: ["access", "config", "cost", "layers", "terminal"],
  audit: ["access", "config", "iam", "layers", "terminal"],
  scripts: ["access", "config", "layers", "terminal"],
  sandbox: ["access", "config", "iam", "layers", "lambda", "build", "fleet", "terminal"],
  bench: [
    "access",
    "config",
    "layers",
    "lambda",
    "build",
    "client",
    "plan",
    "sandbox",
    "__tests__/[^.]*support",
    "terminal",
  ],
  __tests__: [".+"],
};

/** What starts by itself, or is named by its path. Everything else is there because one of these imports it. */
const ENTRIES = [
  "^main\\.ts$",
  "^(audit|bootstrap|build|cost|fleet|plan|sandbox|users)/main\\.ts$",
  "^scripts/[^/]+$",
  // Each bench is a process of its own.
  "^bench/[^/]+$",
  // What the bundler starts at, and what it puts in the place of a package.
  "^lambda/index\\.ts$",
  "^client/cli/(entry|run)\\.ts$",
  "^functions/[^/]+/index\\.(m?ts|m?js)$",
  "\\.mjs$",
];

/** What jest.config.js or a test names by its path. */
const SETUP_FILES = [
  "/(time-limit|global-teardown|shared-cloud-process|synthesis-process)\\.ts$",
  "/(setup/[^/]+|global-setup)\\.(ts|js)$",
];

const anyOf = (rooms) => `^(${rooms.join("|")})/`;
const packages = (...names) => `(^|/)node_modules/(${names.join("|")})(/|$)`;
const ROOM_NAMES = Object.keys(ROOMS);
const PRODUCT = ROOM_NAMES.filter((room) => room !== "__tests__");

const rooms = PRODUCT.map((room) => ({
  name: `room-${room}`,
  comment:
    ROOMS[room].length === 0
      ? `${room}/ imports nothing but itself, no package and no part of Node.js either`
      : `${room}/ imports itself and ${ROOMS[room].map((other) => `${other}/`).join(", ")}, and no other room`,
  from: { path: `^${room}/` },
  to: {
    pathNot: anyOf([room, ...ROOMS[room]]),
    ...(ROOMS[room].length === 0 ? {} : { dependencyTypes: ["local"] }),
  },
}));

export default {
  forbidden: [
    ...rooms,
    {
      name: "known-rooms",
      comment: "a new room is entered in ROOMS, with the rooms that it may import",
      from: { path: "/", pathNot: anyOf(ROOM_NAMES) },
      to: {},
    },
    {
      name: "no-circular-files",
      comment: "move what both files need into the one that is nearer to the ground",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-provider-root",
      comment: "import @cdktf/provider-…/lib/<resource>: the root of provider-aws costs 2.5 s and 565 MB",
      from: {},
      to: { path: "(^|/)node_modules/@cdktf/provider-[^/]+/lib/index\\." },
    },
    {
      name: "cdktf-in-stacks-only",
      comment: "what is not a construct, a stack or their synthesis works without CDKTF",
      from: { path: anyOf(PRODUCT), pathNot: anyOf(["constructs", "stacks", "layers"]) },
      to: { path: packages("cdktf", "constructs", "@cdktf/provider-[^/]+") },
    },
    {
      name: "esbuild-in-build-only",
      comment: "bundling is build/'s: nothing else may load esbuild",
      from: { pathNot: "^build/" },
      to: { path: packages("esbuild") },
    },
    {
      name: "declared-packages",
      comment: "enter the package in package.json",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-development-packages",
      comment: "what runs at a deployment or on a server stands in package.json's dependencies",
      from: {
        path: `${anyOf(["access", "config", "lambda", "client", "constructs", "stacks", "layers", "plan", "bootstrap", "users", "cost", "fleet"])}|^main\\.ts$`,
      },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "resolvable",
      comment: "the import names a file or package that is not there",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-test-imports",
      comment: "what two tests share goes into a support/ folder",
      from: {},
      to: { path: "\\.test\\.ts$" },
    },
    {
      name: "no-unused-files",
      comment:
        "no program imports this file: delete it, enter it in ENTRIES, or move what only tests use to __tests__/",
      from: { path: ENTRIES },
      to: { path: anyOf(PRODUCT), pathNot: ENTRIES, reachable: false },
    },
    {
      name: "no-unused-test-support",
      comment: "no test imports this file: delete it",
      from: { path: ["\\.test\\.ts$", "^bench/"] },
      to: { path: "^__tests__/", pathNot: ["\\.test\\.ts$", "\\.mjs$", ...SETUP_FILES], reachable: false },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)fixtures/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
