/**
 * Entry of a worker of poolifier, made as its documentation shows.
 */
import { ThreadWorker } from "poolifier";
import * as jobs from "./jobs.js";

const { THREAD, ...functions } = jobs;
export default new ThreadWorker(functions);
