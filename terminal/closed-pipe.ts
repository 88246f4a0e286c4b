/**
 * Lets the reader of this program's output go (`… | head -1`): nobody is left to tell, and that is no fault. Node.js
 * ignores SIGPIPE, and would end with a stack trace at the next line instead. What is being done is brought to its end,
 * since half of it may be worse than all of it, unless `end` ends it.
 */
export function allowClosedPipe(end: () => void = () => {}): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      end();
    });
  }
}
