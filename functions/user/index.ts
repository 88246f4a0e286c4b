import type { APIGatewayProxyEvent } from "aws-lambda";
import { succeed } from "../success";

/** Answers /user: an example to be replaced by what your users do. */
export const handler = async (event: APIGatewayProxyEvent) => succeed(event);
