// One instance of the bundled function, which measures itself: `performance.now()` counts from the process's start.
const importedAt = performance.now();
const { handler } = await import(process.argv[2]);
const loadMs = performance.now() - importedAt;

let sequence = 0;
async function invoke(event) {
  const startedAt = performance.now();
  const context = { awsRequestId: `bench-${sequence++}`, getRemainingTimeInMillis: () => 10_000 };
  const { statusCode } = await handler(event, context);
  if (statusCode !== 200) throw new Error(`the handler answered ${statusCode}`);
  return performance.now() - startedAt;
}

async function measure({ event, requests, concurrency }) {
  const latencies = [];
  let left = requests;
  const startedAt = performance.now();
  const caller = async () => {
    while (left-- > 0) latencies.push(await invoke(event));
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return { latencies, elapsedMs: performance.now() - startedAt };
}

process.on("message", async (job) => {
  if (job.requests !== undefined) process.send(await measure(job));
  else {
    await invoke(job.event);
    process.send({ loadMs, firstCredentialsMs: performance.now() });
  }
});
process.send({ ready: true });
