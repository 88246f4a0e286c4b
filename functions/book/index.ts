import type { APIGatewayProxyEvent } from "aws-lambda";
import { succeed } from "../success";

/** Answers /book: an example to be replaced by what your books do. */
export const handler = async (event: APIGatewayProxyEvent) => succeed(event);
