import * as programs from "../../../plan/programs";
import { PROJECT_FOLDER } from "../../../sandbox/terraform/cdktf";
import { connectTo, SHARED_PROCESSES_VARIABLE } from "./shared-processes";

export interface SynthesisQuestion {
  /** Where the environments' folders are. */
  readonly directory: string;
  readonly environment: string;
  /** The folder to synthesise into. */
  readonly outdir: string;
}

export interface SynthesisAnswer {
  readonly fault: string | null;
}

/**
 * Synthesises an environment as `main.ts` does, in the process that all suites of a run share.
 * @throws {Error} with what the app says where it refuses the configuration.
 */
export async function synthesise(question: SynthesisQuestion): Promise<void> {
  if (process.env[SHARED_PROCESSES_VARIABLE] === undefined) {
    // A benchmark: nobody shares anything.
    const { directory, environment, outdir } = question;
    const env = { ...process.env, OIDC_S3_ENVIRONMENTS_DIR: directory, CDKTF_OUTDIR: outdir };
    await programs.synthesise(PROJECT_FOLDER, environment, env);
    return;
  }
  const { url } = await connectTo<{ url: string }>("synthesis");
  const response = await fetch(url, { method: "POST", body: JSON.stringify(question) });
  const { fault } = (await response.json()) as SynthesisAnswer;
  if (fault !== null) throw new Error(`the synthesis refused ${question.environment}:\n${fault}`);
}
