/**
 * What the build, the function's resource and the sandbox agree on about the function's package. It imports nothing:
 * constructs read it without loading the bundler.
 */

/** The file in the function's zip. */
export const LAMBDA_FILE = "index.mjs";
/** The exported function in that file, as AWS Lambda names it. */
export const LAMBDA_HANDLER = "index.handler";
export const LAMBDA_RUNTIME = "nodejs22.x";
