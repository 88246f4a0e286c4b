import { main } from "./main";

// Set, not exited with: what is still on its way to stdout and stderr shall arrive.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
