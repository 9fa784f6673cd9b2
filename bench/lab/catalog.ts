/**
 * Catalog: the jobs of the lab.
 */
import { censusJob } from "./census/job.ts";
import type { JobCatalog } from "./lab.ts";
import { mandelbrotJob } from "./mandelbrot/job.ts";

export const JOBS: JobCatalog = { census: censusJob, mandelbrot: mandelbrotJob };
