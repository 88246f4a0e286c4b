import type { DeployedMethod, DeployedStage, UnsupportedMethod } from "./deployed-api";
import { RouteTable } from "./routes";

/** Milliseconds after which the control plane is asked again whether a stage has another deployment. */
const LOOK_AGAIN_MS = 1000;

export interface ControlPlane {
  stages(): Promise<readonly DeployedStage[]>;
  methods(): Promise<readonly (DeployedMethod | UnsupportedMethod)[]>;
}

export interface ServedStage extends DeployedStage {
  readonly routes: RouteTable<DeployedMethod | UnsupportedMethod>;
}

/**
 * The stages of a REST API with what each serves. As in AWS, that is a snapshot: what is changed in the API is served
 * once a new deployment is in the stage, and not before. The emulator keeps no snapshots, so they are taken here, when
 * a stage is first seen with a deployment.
 */
export class Stages {
  private served: ReadonlyMap<string, ServedStage> = new Map();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | undefined;

  /** @param now milliseconds. */
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws {Error} where the control plane cannot be asked. */
  async find(name: string): Promise<ServedStage | undefined> {
    if (this.now() - this.lookedAt >= LOOK_AGAIN_MS) await this.look();
    return this.served.get(name);
  }

  /** Looks for new deployments now: a look that has begun already may have missed the last one. */
  async renew(): Promise<void> {
    await this.looking?.catch(() => {});
    await this.look();
  }

  /** One look at a time, whoever asks. */
  private look(): Promise<void> {
    this.looking ??= this.takeSnapshots().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async takeSnapshots(): Promise<void> {
    const at = this.now();
    const stages = await this.controlPlane.stages();
    const isKnown = (stage: DeployedStage) => this.served.get(stage.name)?.deploymentId === stage.deploymentId;
    const current = stages.every(isKnown) ? undefined : new RouteTable(await this.controlPlane.methods());
    this.served = new Map(
      stages.flatMap((stage) => {
        const routes = isKnown(stage) ? this.served.get(stage.name)?.routes : current;
        return routes === undefined ? [] : [[stage.name, { ...stage, routes }] as const];
      }),
    );
    this.lookedAt = at;
  }
}
