/**
 * Entry: the first file of every bare Worker. It loads the job's module and answers each part of the work with its result.
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
const { [workerData.task]: work } = await import(url.href);
if (typeof work !== "function") throw new TypeError(`${url.href} exports no function ${workerData.task}`);

parentPort.on("message", (part) => {
  const result = work(part);
  parentPort.postMessage({ result }, ownsItsBuffer(result) ? [result.buffer] : []);
});
parentPort.postMessage({ ready: true });

/** Bytes that fill their buffer move to the receiver, and cost no copy. */
function ownsItsBuffer(result) {
  return result instanceof Uint8Array && result.byteLength === result.buffer.byteLength;
}
