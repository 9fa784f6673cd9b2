/**
 * Catalog: the jobs of the lab.
 */
import { censusJob } from "./census/job.ts";
import { checkJob } from "./check/job.ts";
import { journalJob } from "./journal/job.ts";
import { jsonJob } from "./json/job.ts";
import type { JobCatalog } from "./lab.ts";
import { mandelbrotJob } from "./mandelbrot/job.ts";
import { outlineJob } from "./outline/job.ts";
import { passwordsJob } from "./passwords/job.ts";
import { searchJob } from "./search/job.ts";
import { thumbnailsJob } from "./thumbnails/job.ts";

export const JOBS: JobCatalog = {
  census: censusJob,
  json: jsonJob,
  mandelbrot: mandelbrotJob,
  passwords: passwordsJob,
  thumbnails: thumbnailsJob,
  search: searchJob,
  journal: journalJob,
  outline: outlineJob,
  check: checkJob,
};
