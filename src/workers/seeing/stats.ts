// rt.stats(): the figures a dashboard wants, from the heap and from Node.

import { performance } from "node:perf_hooks";
import { memoryUsage } from "node:process";
import { slotIndex, type Thread } from "../../runtime/memory/thread.ts";
import type { CrewsSeen, PoolSummary, ServiceSummary } from "./crews-seen.ts";
import { Inspection } from "./inspect.ts";
import type { InspectedThread } from "./inspected.ts";
import { summaryOf, type TimesSummary, type Timings } from "./timings.ts";
import type { Vitals } from "./vitals.ts";

/** A thread, counted. */
export interface ThreadStats extends Pick<InspectedThread, "threadId" | "serves" | "state" | "since" | "tasksEnded"> {
  /** Names of the functions it runs, and since when, in milliseconds since the epoch. */
  readonly tasks: readonly { readonly name: string; readonly since: number | undefined }[];
  /** Waits for something of the heap that have not ended. */
  readonly waits: number;
  readonly utilization: number | undefined;
  readonly heapBytes: number | undefined;
  readonly cpuMs: number | undefined;
}

/** A channel, counted. */
export interface ChannelStats {
  readonly number: number;
  readonly name: string | undefined;
  readonly capacity: number;
  readonly length: number;
  readonly receivers: number;
  readonly senders: number;
}

/** What rt.stats() has counted. */
export interface RuntimeStats {
  readonly at: number;
  readonly threads: readonly ThreadStats[];
  readonly tasks: {
    readonly queued: number;
    readonly running: number;
    /** Of those this thread has started, with the option `timings`: how long they waited for a thread, and how long they ran. */
    readonly wait: TimesSummary | undefined;
    readonly run: TimesSummary | undefined;
  };
  readonly channels: readonly ChannelStats[];
  /** Those that are not closed, and not stopped, in the order they were made. */
  readonly pools: readonly PoolSummary[];
  readonly services: readonly ServiceSummary[];
  readonly heap: Inspection["heap"];
}

/** What can be asked of a runtime's threads; undefined for one that is gone. */
export type VitalsOf = (threadId: number) => Promise<Vitals | undefined>;

export async function statsOf(
  thread: Thread,
  vitalsOf: VitalsOf,
  timings: Timings | undefined,
  seen: CrewsSeen | undefined,
): Promise<RuntimeStats> {
  const { at, threads, channels, queuedTasks, heap } = new Inspection(thread);
  const vitals = await Promise.all(
    threads.map(({ slot, threadId }) => (slot === slotIndex(thread.slot) ? ownVitals() : vitalsOf(threadId))),
  );
  return {
    at,
    threads: threads.map(({ threadId, serves, state, since, tasks, tasksEnded, waits }, i) => ({
      threadId,
      serves,
      state,
      since,
      tasksEnded,
      tasks: tasks.map((task) => ({ name: task.name, since: task.since })),
      waits: waits.length,
      utilization: vitals[i]?.utilization,
      heapBytes: vitals[i]?.heapBytes,
      cpuMs: vitals[i]?.cpuMs,
    })),
    tasks: {
      queued: queuedTasks,
      running: threads.reduce((sum, one) => sum + one.tasks.length, 0),
      wait: timings && summaryOf(timings.wait),
      run: timings && summaryOf(timings.run),
    },
    channels: channels.map(({ number, name, capacity, length, receivers, senders }) => ({
      number,
      name,
      capacity,
      length,
      receivers: receivers.length,
      senders: senders.length,
    })),
    pools: [...(seen?.pools ?? [])].map((tell) => tell()),
    services: [...(seen?.services ?? [])].map((tell) => tell()),
    heap,
  };
}

/** Of the thread that asks; CPU time is known of threads of their own alone. */
async function ownVitals(): Promise<Vitals> {
  return { utilization: performance.eventLoopUtilization().utilization, heapBytes: memoryUsage().heapUsed, cpuMs: undefined };
}
