// Runs the bundled handler as Lambda's Node.js runtime would: loads it once, then answers one event after another.
import { parentPort, workerData } from "node:worker_threads";

const module = await import(workerData.file);
// A CommonJS module whose exports Node.js cannot see beforehand has them all in `default`.
const handler = module[workerData.exportName] ?? module.default?.[workerData.exportName];

parentPort.on("message", async ({ event, context, deadline }) => {
  try {
    const getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now());
    parentPort.postMessage({ result: (await handler(event, { ...context, getRemainingTimeInMillis })) ?? null });
  } catch (error) {
    console.error(error);
    parentPort.postMessage({ failed: true });
  }
});
parentPort.postMessage({ ready: true });
