// How long tasks waited for a thread and how long they ran, in histograms of node:perf_hooks, on the thread that started them.

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** How long something took, over many times, in milliseconds. */
export interface TimesSummary {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The clock that TASK_STARTED is told in: milliseconds since the epoch, the same on all threads. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

export class Timings {
  /** From go() until a thread took the task up. */
  readonly wait = createHistogram();
  /** From then until the end was heard of here. */
  readonly run = createHistogram();

  record(queuedAt: number, startedAt: number): void {
    note(this.wait, startedAt - queuedAt);
    note(this.run, preciseNow() - startedAt);
  }
}

/** Of calls of a pool, whose threads tell themselves how long one ran. */
export class CallTimings {
  readonly wait = createHistogram();
  readonly run = createHistogram();

  record(waitMs: number, runMs: number): void {
    note(this.wait, waitMs);
    note(this.run, runMs);
  }
}

/** Clocks of threads differ by some microseconds: what seems to have taken less than nothing counts as the least there is. */
function note(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * 1e6)));
}

export function summaryOf(histogram: RecordableHistogram): TimesSummary {
  const { count, min, mean, max } = histogram;
  if (count === 0) return { count, minMs: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 };
  return {
    count,
    minMs: min / 1e6,
    meanMs: mean / 1e6,
    p50Ms: histogram.percentile(50) / 1e6,
    p99Ms: histogram.percentile(99) / 1e6,
    maxMs: max / 1e6,
  };
}
