/**
 * Echo in a worker of poolifier, made as its documentation shows.
 */
import { ThreadWorker } from "poolifier";

export default new ThreadWorker((value) => value);
