/**
 * Result: what one job's measurement comes to, as it stands in `report/lab.json`.
 */
import type { Facts, Job, VariantName } from "./job.ts";
import { hashOf, type Measurement } from "./rounds.ts";

/** Times are medians in milliseconds, `null` when outputs differed: a wrong result has no speed. */
export interface JobResult {
  readonly name: string;
  readonly pattern: string;
  readonly title: string;
  readonly plainMs: number | null;
  readonly inlineMs: number | null;
  readonly threadsMs: number | null;
  readonly ceilingMs: number | null;
  /** plain / threads */
  readonly speedUp: number | null;
  /** plain / ceiling */
  readonly ceilingSpeedUp: number | null;
  /** ceiling / threads: the share of the ceiling's speed that the threads reach. */
  readonly shareOfCeiling: number | null;
  /** inline / plain: 1 is no overhead. */
  readonly inlineToPlain: number | null;
  /** Whether every run of every variant gave the same output. */
  readonly equal: boolean;
  /** The variants that gave another output than the plain loop. */
  readonly differs: readonly VariantName[];
  readonly outputSha256: string;
  /** Where the output was written, below the report folder. */
  readonly output: string;
  /** What came out, in one line. */
  readonly outcome: string;
  /** Where the recorded run was written; `null` if there is none. */
  readonly trace: string | null;
  readonly threads: number;
  /** Share of the cores that other processes used meanwhile. */
  readonly othersShare: number;
  readonly warmUps: number;
  readonly rounds: number;
  /** Median processor time by variant, all threads together. */
  readonly cpuMs: Readonly<Record<string, number | null>>;
  readonly samplesMs: Readonly<Record<string, readonly number[]>>;
  readonly hashes: Readonly<Record<string, readonly string[]>>;
  readonly input: Facts;
}

/** What surrounds a measurement. */
export interface Circumstances {
  readonly threads: number;
  readonly output: string;
  readonly outcome: string;
  readonly trace: string | null;
  readonly othersShare: number;
}

export function summarize(job: Job, measured: Measurement, around: Circumstances): JobResult {
  const ms = (name: VariantName) => median(measured.samples.get(name) ?? []);
  const [plain, inline, threaded, ceiling] = [ms("plain"), ms("inline"), ms("threads"), ms("ceiling")];
  return {
    name: job.name,
    pattern: job.pattern,
    title: job.title,
    plainMs: rounded(plain, 1),
    inlineMs: rounded(inline, 1),
    threadsMs: rounded(threaded, 1),
    ceilingMs: rounded(ceiling, 1),
    speedUp: ratio(plain, threaded),
    ceilingSpeedUp: ratio(plain, ceiling),
    shareOfCeiling: ratio(ceiling, threaded),
    inlineToPlain: ratio(inline, plain),
    equal: measured.differs.length === 0,
    differs: measured.differs,
    outputSha256: hashOf(measured.output),
    output: around.output,
    outcome: around.outcome,
    trace: around.trace,
    threads: around.threads,
    othersShare: rounded(around.othersShare, 3)!,
    warmUps: measured.warmUps,
    rounds: measured.samples.get("plain")?.length ?? 0,
    cpuMs: Object.fromEntries([...measured.cpuSamples].map(([name, list]) => [name, rounded(median(list), 1)])),
    samplesMs: Object.fromEntries([...measured.samples].map(([name, list]) => [name, list.map((value) => rounded(value, 1)!)])),
    hashes: Object.fromEntries(measured.hashes),
    input: job.facts,
  };
}

/** The middle value, `null` of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : rounded(a / b, 3);
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
