// Runs the bundled function in a Node.js of its own, as Lambda does: events come and answers go over the IPC channel,
// logs and metrics over stdout and stderr.
const { handler } = await import(process.argv[2]);

process.on("message", async ({ id, event, remainingMs, mark }) => {
  if (mark !== undefined) {
    process.stdout.write(mark);
    process.stderr.write(mark);
    return;
  }
  const endsAt = performance.now() + remainingMs;
  const context = {
    awsRequestId: `lambda-${id}`,
    functionName: "cred-vending",
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  };
  try {
    process.send({ id, result: await handler(event, context) });
  } catch (error) {
    process.send({ id, thrown: String(error) });
  }
});
process.send({ id: 0, ready: true });
