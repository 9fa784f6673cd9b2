/**
 * Entry of a Worker that exposes its functions through comlink, as its documentation shows for Node.
 */
import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";
import * as jobs from "./jobs.js";

expose({ ...jobs }, nodeEndpoint(parentPort));
