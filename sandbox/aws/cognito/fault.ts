export type Json = Readonly<Record<string, unknown>>;

/** What Cognito answers to a request that it does not carry out. */
export class CognitoFault extends Error {
  override readonly name = "CognitoFault";
  constructor(
    readonly type: "ResourceNotFoundException" | "InvalidParameterException" | "LimitExceededException",
    message: string,
  ) {
    super(message);
  }
}
