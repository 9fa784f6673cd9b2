/**
 * Entry of a worker of workerpool, its functions registered as its documentation shows.
 */
import workerpool from "workerpool";
import * as jobs from "./jobs.js";

const { THREAD, ...functions } = jobs;
workerpool.worker(functions);
