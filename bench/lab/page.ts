/**
 * Page: docs/lab.md, made from the figures of a run and nothing else.
 */
import { BUSY_SHARE, type Idleness } from "./idle-gate.ts";
import type { Facts } from "./job.ts";
import type { Machine, Versions } from "./machine.ts";
import type { JobResult } from "./result.ts";

/** What stands in lab.json. */
export interface LabReport {
  readonly jobs: readonly JobResult[];
  readonly machine: Machine & { readonly loadAverageAfter: number; readonly idleness: Idleness };
  readonly versions: Versions;
  readonly settings: { readonly threads: number; readonly quick: boolean };
  readonly input: Readonly<Record<string, Facts>>;
  readonly totalMs: number;
  readonly at: string;
}

/** S11 of TARGETS: the share of the ceiling's speed, and how much `threads: 0` may add to the plain loop. */
const LEAST_SHARE = 0.95;
const MOST_INLINE = 1.05;

export function labPage({ jobs, machine, versions, settings }: LabReport): string {
  const busy = jobs.some(({ othersShare }) => othersShare > BUSY_SHARE);
  const lines = [
    "# The main job",
    "",
    "Made from the figures of one run by `npm start -- --all --markdown docs/lab.md`; not edited by hand. Each job is a loop without a library (*plain*), the same",
    "through a pattern on the calling thread (*inline*, `threads: 0`) and on threads, and bare Workers with the work split beforehand (*ceiling*). The outputs of",
    "every run of all four were equal, byte for byte. Medians of interleaved rounds, in milliseconds.",
    "",
  ];
  if (busy) lines.push("**A busy machine: other programs were at work during this run, and the figures are noisy.**", "");
  if (settings.quick) lines.push("**A quick run: it shows that the jobs work, not how fast they are.**", "");
  lines.push(
    `${settings.threads} threads, ${machine.cores} × ${machine.cpuModel}, ${machine.memoryGiB} GiB, ${machine.platform}, load average ${machine.loadAverage};`,
    `${Object.entries(versions)
      .map((pair) => pair.join(" "))
      .join(", ")}.`,
    "",
    `| job | pattern | plain | inline | threads | ceiling | speed-up | of the ceiling, ≥ ${LEAST_SHARE} | inline to plain, ≤ ${MOST_INLINE} | equal |`,
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ...jobs.map((job) => row(job)),
  );
  return `${lines.join("\n")}\n`;
}

function row(job: JobResult): string {
  const { shareOfCeiling: share, inlineToPlain: inline } = job;
  const cells = [
    job.name,
    job.pattern,
    ...[job.plainMs, job.inlineMs, job.threadsMs, job.ceilingMs].map((ms) => (ms === null ? "" : ms.toFixed(0))),
    job.speedUp === null ? "" : `${job.speedUp.toFixed(2)} ×`,
    share === null ? "" : judged(share, share >= LEAST_SHARE),
    inline === null ? "" : judged(inline, inline <= MOST_INLINE),
    job.equal ? "yes" : `**no**: ${job.differs.join(", ")}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function judged(ratio: number, isMet: boolean): string {
  return isMet ? ratio.toFixed(3) : `**${ratio.toFixed(3)}**`;
}
