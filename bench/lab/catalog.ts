/**
 * Catalog: the jobs of the lab, in the order they run.
 */
import { archiveJob } from "./archive/job.ts";
import { backupJob } from "./backup/job.ts";
import { censusJob } from "./census/job.ts";
import { checkJob } from "./check/job.ts";
import { ingestJob } from "./ingest/job.ts";
import { journalJob } from "./journal/job.ts";
import { jsonJob } from "./json/job.ts";
import type { JobCatalog } from "./lab.ts";
import { mandelbrotJob } from "./mandelbrot/job.ts";
import { outlineJob } from "./outline/job.ts";
import { passwordsJob } from "./passwords/job.ts";
import { puzzlesJob } from "./puzzles/job.ts";
import { renderJob } from "./render/job.ts";
import { searchJob } from "./search/job.ts";
import { thumbnailsJob } from "./thumbnails/job.ts";
import { twinsJob } from "./twins/job.ts";

/** What runs unless more, or something else, is asked for. */
const STANDARD_JOBS: JobCatalog = {
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

/** All twelve patterns. */
export const JOBS: JobCatalog = {
  ...STANDARD_JOBS,
  render: renderJob,
  puzzles: puzzlesJob,
  backup: backupJob,
  archive: archiveJob,
  twins: twinsJob,
  ingest: ingestJob,
};

/** Their names, for the command line. */
export const JOB_NAMES = { standard: Object.keys(STANDARD_JOBS), all: Object.keys(JOBS) };
