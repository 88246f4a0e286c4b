export type Json = Readonly<Record<string, unknown>>;

/** What Cognito answers to a request that it does not carry out. */
export class CognitoFault extends Error {
  override readonly name = "CognitoFault";
  constructor(
    readonly type: "ResourceNotFoundException" | "InvalidParameterException",
    message: string,
  ) {
    super(message);
  }
}
