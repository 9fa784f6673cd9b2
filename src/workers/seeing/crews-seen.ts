// What pools and services tell of themselves, for rt.stats(): each that is open has left a way to ask it.

import type { PoolStats } from "../pool/tally.ts";
import type { TimesSummary } from "./timings.ts";

/** A pool, counted, as rt.stats() has it. */
export interface PoolSummary extends PoolStats {
  /** Of its module. */
  readonly url: string;
  /** Of the time its threads have been there, the share they spent in calls that were answered: 0 to 1. */
  readonly utilization: number;
  /** With the option `timings`, of answered calls: how long they waited, inside and out, and how long they ran. */
  readonly wait: TimesSummary | undefined;
  readonly run: TimesSummary | undefined;
}

/** A service, counted, as rt.stats() has it. */
export interface ServiceSummary {
  readonly id: string;
  readonly state: "starting" | "running" | "down";
  /** Node's id of its thread, as long as it has one; 0 for the calling thread. */
  readonly threadId: number | undefined;
  /** How often it was started again. */
  readonly restarts: number;
  /** Calls that have not settled, and those of them that wait for it to be there. */
  readonly pending: number;
  readonly waiting: number;
}

export class CrewsSeen {
  readonly pools = new Set<() => PoolSummary>();
  readonly services = new Set<() => ServiceSummary>();
}
