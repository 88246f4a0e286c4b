/** Fields that the access logs of both kinds of API begin with; none of them holds a token. */
export const REQUEST_FIELDS = {
  requestId: "$context.requestId",
  requestTime: "$context.requestTime",
  sourceIp: "$context.identity.sourceIp",
  userAgent: "$context.identity.userAgent",
  httpMethod: "$context.httpMethod",
} as const;

/** Fields about the answer that both have. */
export const ANSWER_FIELDS = {
  protocol: "$context.protocol",
  status: "$context.status",
  responseLength: "$context.responseLength",
  responseLatency: "$context.responseLatency",
} as const;
