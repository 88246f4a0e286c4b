import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  findMirror,
  type MirrorSearch,
  mirrorConfiguration,
  namesMirror,
} from "../../../sandbox/terraform/provider-mirror";
import { localProviderSource } from "../../../sandbox/terraform/terraform";

const HOST = "registry.terraform.io";
let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "oidc-s3-mirror-"));
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function search(env: NodeJS.ProcessEnv = {}, changes: Partial<MirrorSearch> = {}): MirrorSearch {
  return {
    env,
    projectFolder: join(tree, "project"),
    registryHost: HOST,
    home: join(tree, "home"),
    root: tree,
    platform: "linux",
    architecture: "x64",
    ...changes,
  };
}

function file(...path: string[]): void {
  const name = join(tree, ...path);
  mkdirSync(dirname(name), { recursive: true });
  writeFileSync(name, "");
}

const unpacked = (mirror: string, version = "5.100.0", system = "linux_amd64", host = HOST) =>
  file(mirror, host, "hashicorp/aws", version, system, `terraform-provider-aws_v${version}_x5`);
const packed = (mirror: string, version = "5.100.0", system = "linux_amd64") =>
  file(mirror, HOST, "hashicorp/aws", `terraform-provider-aws_${version}_${system}.zip`);

describe("a mirror is found", () => {
  it.each([
    ["in the project", "project/terraform.d/plugins"],
    ["in the user's folder", "home/.terraform.d/plugins"],
    ["in the user's data folder", "home/.local/share/terraform/plugins"],
    ["in the system's local data folder", "usr/local/share/terraform/plugins"],
    ["in the system's data folder", "usr/share/terraform/plugins"],
    ["in our own cache", "home/.cache/oidc-s3/terraform-providers"],
    ["in /opt itself", "opt"],
    ["in a folder of /opt", "opt/anything"],
    ["in the plugins of a folder of /opt", "opt/terraform/plugins"],
    ["in a folder of /usr/local/lib", "usr/local/lib/mirror"],
    ["in a folder of /usr/local/share", "usr/local/share/mirror"],
  ])("%s", (_, folder) => {
    unpacked(folder);
    expect(findMirror(search())).toBe(join(tree, folder));
  });

  it("with packed providers", () => {
    packed("opt/mirror");
    expect(findMirror(search())).toBe(join(tree, "opt/mirror"));
  });

  it("in XDG_DATA_HOME and XDG_DATA_DIRS instead of their defaults", () => {
    unpacked("data/terraform/plugins");
    unpacked("home/.local/share/terraform/plugins");
    expect(findMirror(search({ XDG_DATA_HOME: join(tree, "data") }))).toBe(join(tree, "data/terraform/plugins"));
    unpacked("shared/terraform/plugins");
    expect(findMirror(search({ XDG_DATA_HOME: "/nowhere", XDG_DATA_DIRS: "/none:/shared" }))).toBe(
      join(tree, "shared/terraform/plugins"),
    );
  });

  it("the nearest first", () => {
    unpacked("opt/b");
    unpacked("opt/a");
    expect(findMirror(search())).toBe(join(tree, "opt/a"));
    unpacked("home/.terraform.d/plugins");
    expect(findMirror(search())).toBe(join(tree, "home/.terraform.d/plugins"));
  });

  it("for OpenTofu under its own registry", () => {
    unpacked("opt/mirror", "5.100.0", "linux_amd64", "registry.opentofu.org");
    expect(findMirror(search())).toBeUndefined();
    expect(findMirror(search({}, { registryHost: "registry.opentofu.org" }))).toBe(join(tree, "opt/mirror"));
  });
});

describe("a folder is no mirror", () => {
  it.each<[string, () => void]>([
    ["with an older version", () => unpacked("opt/mirror", "5.99.1")],
    ["with the next major version", () => unpacked("opt/mirror", "6.0.0")],
    ["with a version that is not one", () => unpacked("opt/mirror", "5.100.0-beta1")],
    ["for another system", () => unpacked("opt/mirror", "5.100.0", "darwin_arm64")],
    ["with a packed one for another system", () => packed("opt/mirror", "5.100.0", "linux_arm64")],
    ["with an empty version folder", () => file("opt/mirror", HOST, "hashicorp/aws/5.100.0/linux_amd64/README.md")],
    ["too deep in /opt", () => unpacked("opt/a/b")],
    ["with another provider", () => file("opt/mirror", HOST, "hashicorp/random/3.0.0/linux_amd64/x")],
  ])("%s", (_, make) => {
    make();
    expect(findMirror(search())).toBeUndefined();
  });

  it("that we may not read, and nothing is said of it", () => {
    unpacked("opt/mirror");
    chmodSync(join(tree, "opt"), 0);
    const found = findMirror(search());
    chmodSync(join(tree, "opt"), 0o700);
    expect(found).toBe(process.getuid?.() === 0 ? join(tree, "opt/mirror") : undefined);
  });
});

describe("the CLI configuration", () => {
  const MIRROR = 'provider_installation { filesystem_mirror { path = "/x" } }';
  it.each([
    ["names a mirror", MIRROR, true],
    ["names a network mirror", 'provider_installation { network_mirror { url = "https://x/" } }', true],
    ["has development overrides only", "provider_installation { dev_overrides {} direct {} }", false],
    ["has a mirror in comments only", `# ${MIRROR}\n// ${MIRROR}\n/* ${MIRROR} */`, false],
    ["is empty", "", false],
  ])("that %s", (_, text, names) => expect(namesMirror(text)).toBe(names));

  it.each([
    ["names a mirror: left alone", MIRROR, { kind: "configured" }],
    ["names none: searched", "disable_checkpoint = true", "found"],
    ["does not exist: searched", undefined, "found"],
  ])("that %s", (_, text, expected) => {
    unpacked("opt/mirror");
    if (text !== undefined) writeFileSync(join(tree, "rc"), text);
    const source = localProviderSource(search({ TF_CLI_CONFIG_FILE: join(tree, "rc") }));
    expect(source).toEqual(expected === "found" ? { kind: "mirror", folder: join(tree, "opt/mirror") } : expected);
  });

  it("that is in the user's folder counts where none is named", () => {
    unpacked("opt/mirror");
    file("home/.terraformrc");
    writeFileSync(join(tree, "home/.terraformrc"), MIRROR);
    expect(localProviderSource(search())).toEqual({ kind: "configured" });
  });

  it("that we write takes from the mirror what it holds, and all else from the registry", () => {
    unpacked("opt/mirror");
    file("opt/mirror", HOST, "hashicorp/archive/2.0.0/linux_amd64/x");
    const text = mirrorConfiguration(join(tree, "opt/mirror"), HOST);
    expect(namesMirror(text)).toBe(true);
    const list = `["${HOST}/hashicorp/archive","${HOST}/hashicorp/aws"]`;
    expect(text).toContain(`path    = "${join(tree, "opt/mirror")}"\n    include = ${list}`);
    expect(text).toContain(`exclude = ${list}`);
  });
});
