/**
 * Report: figures as pages, for the lab and for the benchmarks.
 */
export { benchPage } from "./bench-page.ts";
export { jobsPage } from "./jobs-page.ts";
