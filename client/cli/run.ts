import { main } from "./main";

// Set instead of process.exit(): pending output must still be written.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
