import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

/**
 * The documented answer. It logs who called what, by the client's id: never the whole event, which holds the access
 * token, nor CORS headers, since callers are machines.
 */
export function succeed({ httpMethod, path, requestContext }: APIGatewayProxyEvent): APIGatewayProxyResult {
  const client = requestContext.authorizer?.claims?.client_id;
  console.log(JSON.stringify({ client, httpMethod, path, requestId: requestContext.requestId }));
  return {
    statusCode: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ Result: "Success", Description: `your ${httpMethod} for ${path} is completed` }),
  };
}
