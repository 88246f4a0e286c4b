"""Updates in place that the emulator lacks, or makes only in part, and that plans of the layers contain.

Python runs this module at startup when its folder is in PYTHONPATH. Without it Terraform would ask for the first three
again and again, and find the others undone at its next plan.
"""

import json
from urllib.parse import unquote

try:
    from moto.apigateway.responses import APIGatewayResponse
    from moto.apigatewayv2.models import Api
    from moto.apigatewayv2.responses import ApiGatewayV2Response
    from moto.awslambda.models import LambdaFunction
    from moto.cognitoidp.responses import CognitoIdpResponse
    from moto.core.responses import ActionResult
    from moto.iam.models import IAMBackend
except ImportError:
    pass  # A program other than the emulator: there is nothing to add to it.
else:

    def update_resource_server(self):
        """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateResourceServer.html"""
        server = self.backend.describe_resource_server(self._get_param("UserPoolId"), self._get_param("Identifier"))
        server.name = self._get_param("Name")
        server.scopes = self._get_param("Scopes")
        return ActionResult({"ResourceServer": server.to_json()})

    def update_stage(self):
        """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html"""
        parts = self.path.split("/")
        stage = self.apigatewayv2_backend.get_stage(parts[-3], unquote(parts[-1]))
        changes = json.loads(self.body)
        stage.default_route_settings = {**stage.default_route_settings, **changes.get("defaultRouteSettings", {})}
        stage.access_log_settings = changes.get("accessLogSettings", stage.access_log_settings)
        stage.auto_deploy = changes.get("autoDeploy", stage.auto_deploy)
        stage.description = changes.get("description", stage.description)
        return 200, {}, json.dumps(stage.to_json())

    def update_method(self):
        """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateMethod.html, as far as scopes go"""
        parts = self.path.split("/")
        method = self.backend.get_method(parts[2], parts[4], parts[6])
        scopes = list(method.authorization_scopes or [])
        for change in json.loads(self.body)["patchOperations"]:
            if change["path"] != "/authorizationScopes":
                raise NotImplementedError(change["path"])
            if change["op"] == "add":
                scopes.append(change["value"])
            else:
                scopes.remove(change["value"])
        method.authorization_scopes = scopes
        return json.dumps(method.to_json())

    APIGatewayResponse.update_method = update_method
    CognitoIdpResponse.update_resource_server = update_resource_server
    ApiGatewayV2Response.update_stage = update_stage

    def with_architectures(update_code):
        def update_function_code(self, body):
            if "Architectures" in body:
                self.architectures = body["Architectures"]
            return update_code(self, body)

        return update_function_code

    def with_description(update_role):
        def update(self, role_name, role_description, max_session_duration):
            # An update that does not name it leaves it unchanged.
            description = role_description or self.get_role(role_name).description
            return update_role(self, role_name, description, max_session_duration)

        return update

    def without_empty_cors(update_api):
        def update(self, *positional, **named):
            update_api(self, *positional, **named)
            self.cors_configuration = self.cors_configuration or None

        return update

    LambdaFunction.update_function_code = with_architectures(LambdaFunction.update_function_code)
    IAMBackend.update_role = with_description(IAMBackend.update_role)
    Api.update = without_empty_cors(Api.update)
