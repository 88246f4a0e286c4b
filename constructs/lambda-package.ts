import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";
import { zipSync } from "fflate";
import type { LambdaPackage as LambdaPackageKind } from "../config/schema/types";
import { LAMBDA_FILE } from "../lambda/package-format";

const ZIP_FILE = "credential-vending.zip";

export interface LambdaPackageProps {
  readonly kind: LambdaPackageKind;
  /** The bundled Lambda: one ECMAScript module. */
  readonly code: Uint8Array;
}

/** The vending Lambda's zip, made by Terraform or at synth; the same code gives the same bytes either way. */
export class LambdaPackage extends Construct {
  readonly filename: string;
  /** Base64 of the zip's SHA-256, by which Terraform sees that the code changed. */
  readonly sourceCodeHash: string;

  constructor(scope: Construct, id: string, { kind, code }: LambdaPackageProps) {
    super(scope, id);
    if (kind === "asset") {
      const zip = new ZipAsset(this, "zip", { path: ZIP_FILE, code });
      this.filename = zip.filename;
      this.sourceCodeHash = zip.sourceCodeHash;
      return;
    }
    const bundle = new StackFile(this, "bundle", { path: `credential-vending/${LAMBDA_FILE}`, content: code });
    new ArchiveProvider(this, "archive");
    TerraformStack.of(this).addOverride("terraform.required_providers.archive", {
      source: "hashicorp/archive",
      version: "~> 2.7",
    });
    const archive = new DataArchiveFile(this, "data.archive_file.credential_vending", {
      type: "zip",
      sourceFile: bundle.path,
      outputPath: `\${path.module}/${ZIP_FILE}`,
      // Without a mode the zip's bytes follow the umask of whoever planned.
      outputFileMode: "0644",
    });
    this.filename = archive.outputPath;
    this.sourceCodeHash = archive.outputBase64Sha256;
  }
}

export interface ZipAssetProps {
  /** Relative to the stack's folder. */
  readonly path: string;
  /** The bundled function: one ECMAScript module. */
  readonly code: Uint8Array;
}

/** A function's zip, made at synth: the machine that deploys needs no archive provider. */
export class ZipAsset extends Construct {
  readonly filename: string;
  /** Base64 of the zip's SHA-256, by which Terraform sees that the code changed. */
  readonly sourceCodeHash: string;

  constructor(scope: Construct, id: string, { path, code }: ZipAssetProps) {
    super(scope, id);
    const zip = reproducibleZip(code);
    this.filename = new StackFile(this, "file", { path, content: zip }).path;
    this.sourceCodeHash = createHash("sha256").update(zip).digest("base64");
  }
}

function reproducibleZip(code: Uint8Array): Uint8Array {
  const readableFile = 0o100644;
  return zipSync(
    { [LAMBDA_FILE]: [code, { mtime: new Date(1980, 0, 1), os: 3, attrs: readableFile << 16 }] },
    { level: 9 },
  );
}

interface StackFileProps {
  /** Relative to the stack's folder, with `/` between folders. */
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * A file beside the stack's Terraform JSON. Unlike cdktf's `TerraformAsset` its path holds no hash (a plan then shows
 * a change of the content only) and it needs no source on disk.
 */
class StackFile extends Construct {
  /** The file as Terraform expressions name it. */
  readonly path: string;

  constructor(scope: Construct, id: string, { path, content }: StackFileProps) {
    super(scope, id);
    this.path = `\${path.module}/${path}`;
    addCustomSynthesis(this, {
      onSynthesize: (session) => {
        const { workingDirectory } = session.manifest.forStack(TerraformStack.of(this));
        const target = join(session.outdir, workingDirectory, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content);
      },
    });
  }
}
