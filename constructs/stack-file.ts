import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";

export interface StackFileProps {
  /** Relative to the stack's folder, with `/` between folders. */
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * A file beside the stack's Terraform JSON. Unlike cdktf's `TerraformAsset` its path holds no hash (a plan then shows
 * a change of the content only) and it needs no source on disk.
 */
export class StackFile extends Construct {
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
