/**
 * Echo in a worker of workerpool, registered as its documentation shows.
 */
import workerpool from "workerpool";

workerpool.worker({ echo: (value) => value });
