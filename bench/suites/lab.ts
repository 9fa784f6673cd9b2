/**
 * Lab: S11 of TARGETS. The fixed jobs of the lab (`npm start`), through this harness: each variant in a process of its own, in turns.
 */
import { labJob, labReference } from "../contenders/lab-job.ts";
import type { Effort, Scenario, Suite, Target } from "../harness/scenario.ts";
import { VARIANT_NAMES } from "../lab/job.ts";

/** The jobs that TARGETS names, and what each is made of. */
const FIXED: Readonly<Record<string, string>> = {
  mandelbrot: "rows of the Mandelbrot set",
  passwords: "bcrypt",
  census: "acorn",
  thumbnails: "PNG",
  json: "JSON",
};

const titleOf = (job: string) => `the job ${job} of the lab (${FIXED[job]}) on 2 threads`;

function scenarios({ quick }: Effort): Scenario[] {
  return Object.keys(FIXED).map((job) => ({
    id: "S11",
    title: titleOf(job),
    unit: "ms",
    expected: () => labReference(job, quick),
    contenders: VARIANT_NAMES.map((variant) => labJob(job, variant, quick)),
    warmUps: quick ? 0 : 2, // each has done it once before, when it was opened
  }));
}

const targets: Target[] = Object.keys(FIXED).flatMap((job): Target[] => {
  const of = (contender: string) => ({ scenario: titleOf(job), contender });
  return [
    { id: "S11", target: `${job}: ≥ 0.95 × the speed of bare Workers`, of: of("bare Workers"), to: of("heddle"), atLeast: 0.95 },
    { id: "S11", target: `${job}: threads: 0 within 5 % of the plain loop`, of: of("heddle, threads: 0"), to: of("plain"), atMost: 1.05 },
  ];
});

export const lab: Suite = { name: "lab", scenarios, targets, later: {} };
