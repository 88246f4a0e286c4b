import { createHash } from "node:crypto";
import { ApiGatewayAuthorizer } from "@cdktf/provider-aws/lib/api-gateway-authorizer";
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayResource } from "@cdktf/provider-aws/lib/api-gateway-resource";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { Construct } from "constructs";
import { pathAddress, pathsOf } from "../../config/rules/api-routes";
import type { ApiConfig } from "../../config/schema/api-types";
import { protection } from "../protection";
import { literal, reference } from "../terraform-text";
import { ApiStage, type ApiStageProps } from "./api-stage";
import { RouteMethod } from "./route-method";
import type { MachineUserPool } from "./user-pool";

const API = "aws_api_gateway_rest_api.api";
const AUTHORIZER = "aws_api_gateway_authorizer.cognito";
const DEPLOYMENT = "aws_api_gateway_deployment.api";

export interface RestApiProps {
  readonly config: ApiConfig;
  readonly userPool: MachineUserPool;
}

/** The REST API whose methods ask for scopes. It has no CORS: its callers are machines, never web pages. */
export class RestApi extends Construct {
  /** The API's address; it ends with a slash. */
  readonly endpoint: string;

  constructor(scope: Construct, id: string, { config, userPool }: RestApiProps) {
    super(scope, id);
    new ApiGatewayRestApi(this, API, {
      name: literal(config.apiName),
      description: literal(config.apiDescription),
      endpointConfiguration: { types: ["REGIONAL"] },
      ...protection(config.deletionProtection),
    });
    new ApiGatewayAuthorizer(this, AUTHORIZER, {
      name: literal(config.authorizerName),
      restApiId: reference(API, "id"),
      type: "COGNITO_USER_POOLS",
      providerArns: [userPool.arn],
    });
    this.resources(config);
    const methods = config.routes.map(
      (route) =>
        new RouteMethod(this, `route-${route.address}`, {
          route,
          functions: config.functions,
          restApiId: reference(API, "id"),
          resourceId: resourceId(route.path),
          authorizerId: reference(AUTHORIZER, "id"),
        }),
    );
    this.deployment(methods);
    const stage: ApiStageProps = {
      config,
      restApiId: reference(API, "id"),
      deploymentId: reference(DEPLOYMENT, "id"),
    };
    this.endpoint = new ApiStage(this, "stage", stage).endpoint;
  }

  private resources({ routes }: ApiConfig): void {
    const paths = new Set(routes.flatMap(({ path }) => pathsOf(path)));
    for (const path of paths) {
      const cut = path.lastIndexOf("/");
      new ApiGatewayResource(this, resourceAddress(path), {
        restApiId: reference(API, "id"),
        parentId: resourceId(path.slice(0, cut) || "/"),
        pathPart: path.slice(cut + 1),
      });
    }
  }

  /**
   * A deployment is a snapshot of what clients can call, and must be made anew when that changes. The trigger is a hash
   * of what is configured, known when stacks are synthesised: a hash of the resources themselves, the usual way, is not
   * known before they are applied, and replaced the deployment at every second plan.
   */
  private deployment(methods: readonly RouteMethod[]): void {
    const snapshot = createHash("sha256").update(JSON.stringify(methods.map(({ snapshot }) => snapshot)));
    new ApiGatewayDeployment(this, DEPLOYMENT, {
      restApiId: reference(API, "id"),
      triggers: { configuration: snapshot.digest("hex") },
      dependsOn: methods.flatMap(({ addresses }) => addresses.map((fqn) => ({ fqn }))),
      lifecycle: { createBeforeDestroy: true, replaceTriggeredBy: [`${AUTHORIZER}.provider_arns`] },
    });
  }
}

/** What calls a function in the name of this API's stage, whatever its method and path. */
export function callerArn({ stageName }: ApiConfig): string {
  return `${reference(API, "execution_arn")}/${stageName}/*/*`;
}

function resourceAddress(path: string): string {
  return `aws_api_gateway_resource.${pathAddress(path)}`;
}

function resourceId(path: string): string {
  return path === "/" ? reference(API, "root_resource_id") : reference(resourceAddress(path), "id");
}
