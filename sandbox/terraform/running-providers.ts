import { join } from "node:path";
import { type SupervisedProcess, startSupervised } from "../process/supervised-process";
import { heldProviders } from "./provider-mirror";
import { registryHost } from "./terraform";

/** Each takes half a gigabyte. */
const MOST_IDLE = 2;
const START_LIMIT_MS = 60_000;
const REATTACHMENT = /TF_REATTACH_PROVIDERS='(.*)'/;

interface RunningProvider {
  readonly process: SupervisedProcess;
  readonly variables: ProviderVariables;
}

/** What makes Terraform use a provider that runs already; empty where it is to start its own. */
export type ProviderVariables = Readonly<Record<string, string>>;

/**
 * AWS providers that stay up between Terraform's commands, which otherwise start one anew for each of their steps: an
 * apply four. That is half of the processor time of a plan. https://developer.hashicorp.com/terraform/plugin/debugging
 */
export class RunningProviders {
  /** By the folder that each runs in, the one that was used last at the end. */
  private readonly idle = new Map<string, RunningProvider>();
  private readonly started: SupervisedProcess[] = [];

  /**
   * @param env of the provider's process, which looks for AWS in it
   * @param mirror where the provider is for folders that are not initialised yet
   */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly mirror?: string,
  ) {}

  /**
   * Calls with the variables of Terraform commands that use a running provider. It is the folder's own, since it reads
   * files from where it runs, and nobody else's meanwhile, since its settings are those of the last command. Where it is
   * not clear which version Terraform would choose, there is none.
   */
  async use<T>(folder: string, action: (variables: ProviderVariables) => Promise<T>): Promise<T> {
    const program = this.programFor(folder);
    if (program === undefined) return action({});
    const provider = this.idle.get(folder) ?? (await this.start(program, folder));
    this.idle.delete(folder);
    try {
      return await action(provider.variables);
    } finally {
      this.idle.set(folder, provider);
      const [oldest] = this.idle;
      if (oldest !== undefined && this.idle.size > MOST_IDLE) {
        this.idle.delete(oldest[0]);
        await oldest[1].process.stop(0);
      }
    }
  }

  /** Ends all; those that are asked for later start anew. */
  async stop(): Promise<void> {
    this.idle.clear();
    await Promise.all(this.started.map((provider) => provider.stop(0)));
  }

  private async start(program: string, folder: string): Promise<RunningProvider> {
    const provider = startSupervised(program, ["-debug"], { cwd: folder, env: this.env });
    this.started.push(provider);
    const { stdout, stderr } = provider.child;
    const reattachment = await new Promise<string>((resolve, reject) => {
      let output = "";
      const fail = (what: string) => reject(new Error(`${program} -debug ${what}:\n${output}`));
      const limit = setTimeout(() => fail(`did not start within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
      stdout?.on("data", (chunk) => {
        output += chunk;
        const found = REATTACHMENT.exec(output)?.[1];
        if (found === undefined) return;
        clearTimeout(limit);
        // What it says from now on is read, lest it waits, and dropped.
        stdout.removeAllListeners("data").resume();
        resolve(found);
      });
      stderr?.resume();
      provider.exited.then(
        (status) => fail(`ended with status ${status}`),
        (error: Error) => fail(error.message),
      );
    });
    return { process: provider, variables: { TF_REATTACH_PROVIDERS: reattachment } };
  }

  private programFor(folder: string): string | undefined {
    const installed = heldProviders(join(folder, ".terraform", "providers"), registryHost(this.env));
    const held =
      this.mirror === undefined || installed.length > 0
        ? installed
        : heldProviders(this.mirror, registryHost(this.env));
    return held.length === 1 ? held[0] : undefined;
  }
}
