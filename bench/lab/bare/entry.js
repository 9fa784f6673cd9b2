/**
 * Entry: the first file of every bare Worker. It loads the job's module and answers each message with the result.
 *
 * It is JavaScript because Node 20 starts no TypeScript file as a Worker; when the job's module is TypeScript (the
 * lab runs from its sources), tsx is registered first. The compiled lab needs no tsx.
 */
import { parentPort, workerData } from "node:worker_threads";

const url = new URL(workerData.module);
if (url.pathname.endsWith(".ts")) {
  const { register } = await import("tsx/esm/api");
  register();
}
const { work } = await import(url.href);

parentPort.on("message", (part) => {
  const { result, transfer = [] } = work(part);
  parentPort.postMessage({ result }, transfer);
});
parentPort.postMessage({ ready: true });
