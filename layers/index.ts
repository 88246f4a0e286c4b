import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { SERVER_RESOURCES } from "../access/addresses";
import { withUploader } from "../config";
import type { LayerConfiguration } from "../config/layer";
import { apiConfiguration } from "../config/rules/api";
import { loggingNote } from "../config/rules/api-logging";
import { foundationConfiguration } from "../config/rules/foundation";
import { serversConfiguration } from "../config/rules/servers";
import { usersConfiguration } from "../config/rules/users";
import type { ApiConfig } from "../config/schema/api-types";
import type { EnvironmentConfig } from "../config/schema/types";

/**
 * A part of an environment that is deployed by itself: one stack, with a state and two files of its own. Whatever needs
 * cdktf or a bundle is loaded when it is asked for: checking files, planning and bootstrapping never do.
 */
export interface Layer extends LayerConfiguration {
  /** Whether a stack without resources is right, as that of an environment without servers is. */
  readonly mayBeEmpty: boolean;
  /** What a plan groups changes by, where that is not the resource alone: the server, for example. */
  readonly subject?: PlanSubject;
  /** Loads the stack's class, and makes what the layer's stacks of all environments have in common. */
  stack(): Promise<MakeStack>;
  /** What a deployment of the layer needs that only AWS knows of, if anything. */
  beforeDeployment?(environment: EnvironmentConfig): string | undefined;
  /** Loads what writes the file that hands a deployment back to the Terraform that it was taken over from. */
  rollback?(): Promise<(environment: EnvironmentConfig) => string>;
}

/** One of many equal things in a layer. */
export interface PlanSubject {
  readonly noun: string;
  /** How the addresses of its resources begin; the rest is its name, as addresses spell it. */
  readonly addresses: readonly string[];
}

export type MakeStack = (
  app: Construct,
  stackName: string,
  environment: EnvironmentConfig,
) => TerraformStack | Promise<TerraformStack>;

/** Every layer, in order of deployment: a layer reads only the state of layers before it. */
export const LAYERS: readonly Layer[] = [
  {
    ...foundationConfiguration,
    mayBeEmpty: false,
    async stack() {
      const [{ FoundationStack }, { bundleLambda }] = await Promise.all([
        import("../stacks/foundation-stack.ts"),
        import("../build/lambda.ts"),
      ]);
      const { code: lambdaCode } = await bundleLambda();
      return (app, stackName, environment) =>
        new FoundationStack(app, stackName, { environment: withUploader(environment), lambdaCode });
    },
    async rollback() {
      const { foundationRollback } = await import("../stacks/rollback.ts");
      return (environment) => foundationRollback(withUploader(environment));
    },
  },
  {
    ...serversConfiguration,
    mayBeEmpty: true,
    subject: {
      noun: "server",
      addresses: Object.values(SERVER_RESOURCES).map((start) => `${start}_`),
    },
    async stack() {
      const { ServersStack } = await import("../stacks/servers-stack.ts");
      return (app, stackName, environment) =>
        new ServersStack(app, stackName, { environment: withUploader(environment) });
    },
    async rollback() {
      const { serversRollback } = await import("../stacks/rollback.ts");
      return (environment) => serversRollback(withUploader(environment));
    },
  },
  {
    ...apiConfiguration,
    mayBeEmpty: false,
    subject: { noun: "client", addresses: ["aws_cognito_user_pool_client."] },
    async stack() {
      const [{ ApiStack }, { bundleFunction }] = await Promise.all([
        import("../stacks/api-stack.ts"),
        import("../build/lambda.ts"),
      ]);
      return async (app, stackName, environment) => {
        const { functions } = environment.optional.api as ApiConfig;
        const bundles = functions.map(async ({ key, entry }) => [key, (await bundleFunction(entry)).code] as const);
        return new ApiStack(app, stackName, { environment, functionCode: new Map(await Promise.all(bundles)) });
      };
    },
    beforeDeployment: ({ optional }) => loggingNote(optional.api as ApiConfig),
    rollback: async () => (await import("../stacks/rollback.ts")).apiRollback,
  },
  {
    ...usersConfiguration,
    mayBeEmpty: false,
    subject: {
      noun: "group",
      // Of a role that is no group's, the name is its own.
      addresses: [
        ...["aws_cognito_user_group.", "aws_iam_role.group_", "aws_iam_role."],
        ...["s3", "dynamodb", "lambda", "custom"].map((policy) => `aws_iam_role_policy.${policy}_`),
      ],
    },
    async stack() {
      const { UsersStack } = await import("../stacks/users-stack.ts");
      return (app, stackName, environment) => new UsersStack(app, stackName, { environment });
    },
  },
];

/** The name of a layer's stack in an environment. */
export function stackName(layer: string, environment: string): string {
  return `${layer}-${environment}`;
}

/** The layers that an environment has. */
export function layersOf({ backends }: EnvironmentConfig, layers: readonly Layer[] = LAYERS): readonly Layer[] {
  return layers.filter(({ name }) => Object.hasOwn(backends, name));
}
