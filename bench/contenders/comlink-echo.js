/**
 * Echo in a Worker that exposes it through comlink, as its documentation shows for Node.
 */
import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";

expose({ echo: (value) => value }, nodeEndpoint(parentPort));
