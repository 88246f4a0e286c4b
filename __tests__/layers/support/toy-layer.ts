import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import type { Construct } from "constructs";
import { type UploaderEnvironment, withUploader } from "../../../config";
import type { CheckedLayer } from "../../../config/layer";
import { wrongEnvironment } from "../../../config/layer";
import { namePart } from "../../../config/schema/aws-rules";
import { checkKeys } from "../../../config/schema/check-keys";
import { number, text, wholeNumber } from "../../../config/schema/terraform-types";
import { LAYERS, type Layer } from "../../../layers";
import { LayerStack } from "../../../stacks/layer-stack";
import { devDirectory } from "../../config/support/load";

export interface ToyConfig {
  readonly project: string | undefined;
  readonly balls: number;
}

/** The stack class of a third layer: one topic for each ball. */
class ToyStack extends LayerStack {
  constructor(scope: Construct, id: string, { optional, backends, foundation }: UploaderEnvironment) {
    const { toy: backend } = backends;
    if (backend === undefined) throw new Error("this environment has no toy layer");
    super(scope, id, { backend, awsRegion: foundation.awsRegion, defaultTags: {} });
    const { balls, project } = optional.toy as ToyConfig;
    for (let ball = 1; ball <= balls; ball++) {
      new SnsTopic(this, `aws_sns_topic.ball_${ball}`, { name: `${project}-ball-${ball}` });
    }
  }
}

const keys = {
  environment: text(namePart).describe("Name of the environment."),
  balls: number(wholeNumber(1, 3, "three are enough"))
    .default(1)
    .describe("How many balls there are."),
};

/** The entry of a third layer, which is optional and reads the foundation. */
export const toyLayer: Layer = {
  name: "toy",
  contents: "a few balls",
  backendFile: "toy-backend.hcl",
  variablesFile: "toy.tfvars",
  optional: true,
  reads: [{ layer: "foundation", outputs: ["aws_region"] }],
  keys,
  entries: {},
  check(source, { environment, facts, hint }): CheckedLayer<ToyConfig> {
    const { values, faults: keyFaults } = checkKeys(keys, source, [], source.values, hint);
    const faults = [...keyFaults, ...wrongEnvironment(source, values.environment, environment)];
    const config = { project: facts.foundation?.projectName, balls: values.balls ?? 1 };
    return { faults, config: faults.length === 0 ? config : undefined };
  },
  mayBeEmpty: false,
  subject: { noun: "toy", addresses: ["aws_sns_topic.ball_"] },
  stack: async () => (app, id, environment) => new ToyStack(app, id, withUploader(environment)),
};

/** What every environment has, and the documented folder alone. */
export const REQUIRED: readonly Layer[] = LAYERS.filter(({ optional }) => !optional);
export const WITH_TOY: readonly Layer[] = [...LAYERS, toyLayer];

export const TOY_FILES = {
  "toy.tfvars": 'environment = "dev"\nballs = 2\n',
  "toy-backend.hcl": 'bucket = "toy-states"\nkey = "dev/toy"\nregion = "eu-west-1"\nuse_lockfile = true\n',
} as const;

/** The documented environment dev, with the toy layer's files, or what replaces them. */
export function directoryWithToy(replaced: Readonly<Record<string, string | null>> = {}): string {
  return devDirectory({ ...TOY_FILES, ...replaced });
}
