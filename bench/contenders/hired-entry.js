/**
 * Entry: the first file of every bare Worker of the benchmark. It loads a module and calls its functions by name.
 *
 * It is JavaScript because Node 20 starts no TypeScript file as a Worker; when the module is TypeScript, tsx is registered first.
 */
import { parentPort, workerData } from "node:worker_threads";

if (new URL(workerData.module).pathname.endsWith(".ts")) {
  const { register } = await import("tsx/esm/api");
  register();
}
const functions = await import(workerData.module);

parentPort.on("message", async ({ name, args }) => {
  parentPort.postMessage({ result: await functions[name](...args) });
});
parentPort.postMessage({ result: undefined });
