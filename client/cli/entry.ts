import { compileFunction } from "node:vm";
import { answerFromCache } from "./answer-from-cache";

/** The text of run.ts and all that it needs, which the build puts beside this into the one file. */
declare function wholeProgram(): string;

if (!answerFromCache(process.argv.slice(2), process.env)) {
  // Kept as text: as code, V8 would read through all of it before it ran the first line of the answer from the cache.
  const filename = process.argv[1] ?? "oidc-s3";
  compileFunction(wholeProgram(), ["require"], { filename: `${filename}#program` })(require);
}
