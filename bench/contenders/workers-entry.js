/**
 * Entry of a bare Worker: calls what it is told to and sends back the result.
 */
import { parentPort } from "node:worker_threads";
import * as jobs from "./jobs.js";

const functions = new Map(Object.entries(jobs));

parentPort.on("message", ({ id, job, input }) => {
  parentPort.postMessage({ id, result: functions.get(job)(input) });
});
