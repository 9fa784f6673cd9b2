// What an inspection tells: plain data. Types only.

import type { HeapUse } from "../../runtime/memory/heap.ts";

/** 'idle': asleep in its event loop, or in a callback of it that something else than the heap has brought, such as a timer's. 'retired': it can change nothing any more. */
export type ThreadState = "running" | "blocked" | "idle" | "retired";

/** A wait that had not ended. */
export interface InspectedWait {
  /** All that can end it: several for a select. */
  readonly on: readonly string[];
  /** It blocks its thread; else a promise waits. */
  readonly isBlocking: boolean;
  /** A timeout, a timer, a signal or a context of its own may end it as well. */
  readonly mayEndByItself: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The stack of the call, where deadlocks are watched for and the wait has lasted. */
  readonly where: string | undefined;
}

/** A task, as it was seen. */
export interface InspectedTask {
  readonly name: string;
  readonly state: "queued" | "running" | "ended";
  /** Node's id of the thread that runs it or ran it; 0 for the supervising one, undefined while it is queued. */
  readonly threadId: number | undefined;
  /** When it was started, in milliseconds since the epoch; undefined while it is queued. */
  readonly since: number | undefined;
}

/** A thread, as it was seen: what it runs and what it waits for. */
export interface InspectedThread {
  readonly slot: number;
  /** Node's id; 0 for the supervising thread. */
  readonly threadId: number;
  /** Whose tasks it takes. */
  readonly serves: "nobody" | "light" | "dedicated" | "crew";
  readonly state: ThreadState;
  /** Since when it is blocked or idle, in milliseconds since the epoch; undefined for one that is neither. */
  readonly since: number | undefined;
  readonly waits: readonly InspectedWait[];
  readonly tasks: readonly InspectedTask[];
  readonly tasksEnded: number;
  /** Timeouts and deadlines it had when it last parked. */
  readonly timers: number;
}

/** A channel, as it was seen. */
export interface InspectedChannel {
  readonly number: number;
  readonly name: string | undefined;
  readonly capacity: number;
  readonly length: number;
  readonly isClosed: boolean;
  readonly madeBy: number;
  /** Node's ids of the threads that wait, in the order they will be served. */
  readonly receivers: readonly number[];
  readonly senders: readonly number[];
}

/** A lock, semaphore, wait group and the like, as it was seen. */
export interface InspectedSync {
  readonly number: number;
  readonly kind: string;
  readonly name: string | undefined;
  /** A wait group's count; else permits that are not free. */
  readonly taken: number;
  readonly isClosed: boolean;
  readonly isAbandoned: boolean;
  readonly madeBy: number;
  readonly holders: readonly number[];
  readonly waiters: readonly number[];
}

/** A leased queue, as it was seen. */
export interface InspectedLeasedQueue {
  readonly number: number;
  readonly name: string | undefined;
  /** Jobs that may be queued before producers wait. */
  readonly capacity: number;
  /** Leases a job gets before it goes to the dead letters; Infinity for no end of them. */
  readonly attempts: number;
  readonly queued: number;
  readonly isClosed: boolean;
  readonly madeBy: number;
  /** The number of the leased queue that has its dead letters. */
  readonly deadLetters: number | undefined;
  /** Node's ids of the threads that have a job of it in hand, one for each job, oldest lease first. */
  readonly holders: readonly number[];
  /** Those that wait for a job, and for room, in the order they will be served. */
  readonly takers: readonly number[];
  readonly senders: readonly number[];
}

/** A queue of tasks that no thread has begun. */
export interface InspectedQueue {
  readonly of: "light" | "dedicated" | "reports";
  readonly length: number;
}

/** Everything rt.inspect() has seen, as data. */
export interface Inspected {
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number;
  /** The runtime's number in this process. */
  readonly runtime: number;
  readonly threads: readonly InspectedThread[];
  readonly queues: readonly InspectedQueue[];
  readonly queuedTasks: number;
  readonly channels: readonly InspectedChannel[];
  readonly syncs: readonly InspectedSync[];
  readonly leasedQueues: readonly InspectedLeasedQueue[];
  readonly heap: HeapUse;
}
