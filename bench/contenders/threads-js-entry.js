/**
 * Entry of a worker of threads.js, which exposes its functions as its documentation shows.
 */
import { expose } from "threads/worker";
import * as jobs from "./jobs.js";

const { THREAD, ...functions } = jobs;
expose(functions);
