// What Node tells of a thread, asked of its worker: none of it waits for a thread that is stuck.

import type { EventLoopUtilization } from "node:perf_hooks";
import type { Worker } from "node:worker_threads";

/** How long a thread may take to answer; one that is blocked does not. */
const ANSWER_MS = 50;

export interface Vitals {
  /** Of the time since the thread started, the share its event loop was busy: 0 to 1. */
  readonly utilization: number;
  /** Bytes of JavaScript heap in use; undefined for a thread that does not answer, and before Node 22.16. */
  readonly heapBytes: number | undefined;
  /** CPU time it has used, in milliseconds; undefined for a thread that does not answer, and before Node 24.6. */
  readonly cpuMs: number | undefined;
}

/** Newer Nodes only. */
interface Asked {
  getHeapStatistics?(): Promise<{ used_heap_size: number }>;
  cpuUsage?(): Promise<{ user: number; system: number }>;
}

export async function vitalsOf(worker: Worker): Promise<Vitals> {
  const asked = worker as unknown as Asked;
  const { utilization }: EventLoopUtilization = worker.performance.eventLoopUtilization();
  const [heap, cpu] = await Promise.all([inTime(asked.getHeapStatistics?.()), inTime(asked.cpuUsage?.())]);
  return { utilization, heapBytes: heap?.used_heap_size, cpuMs: cpu && (cpu.user + cpu.system) / 1_000 };
}

function inTime<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  if (answer === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ANSWER_MS, undefined);
    answer
      .then(resolve, () => resolve(undefined)) // it has exited meanwhile
      .finally(() => clearTimeout(timer));
  });
}
