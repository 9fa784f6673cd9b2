// What a queue counts of itself, on all threads together: numbers in the heap, and what Little's law makes of them.
//
// Crash    a thread that dies between doing and counting leaves a count one short. The jobs themselves are the leased queue's, which counts exactly.

import type { AtomicFloat, Sync } from "../../runtime/sync/index.ts";
import { together } from "../../runtime/together.ts";

const NAMES = [
  "arrived",
  "handedOut",
  "begun",
  "waitedMs",
  "done",
  "returned",
  "full",
  "blockedMs",
  "dropped",
  "shed",
  "late",
  "ran",
] as const;
type Name = (typeof NAMES)[number];

export type Counts = { readonly [K in Name]: number };

/** Handles, which cross threads. */
export type CounterHandles = { readonly [K in Name]: AtomicFloat };

/** All or none. Throws: ERR_HEAP_EXHAUSTED. */
export function makeCounters(sync: Sync): CounterHandles {
  return together((own) => Object.fromEntries(NAMES.map((name) => [name, own(sync.atomicFloat())]))) as CounterHandles;
}

export class Counters {
  readonly #handles: CounterHandles;
  /** What they were when they were closed. */
  #last: Counts | undefined;

  constructor(handles: CounterHandles) {
    this.#handles = handles;
  }

  /** Nothing once they are closed: the queue has been given up. */
  add(name: Name, n = 1): void {
    const counter = this.#handles[name];
    if (!counter.place.isClosed && !counter.place.thread.isClosed) counter.add(n);
  }

  get shown(): Counts {
    const isOver = this.#handles.arrived.place.isClosed;
    const read = (name: Name) => (isOver ? (this.#last?.[name] ?? 0) : this.#handles[name].load());
    return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as Counts;
  }

  close(): void {
    if (this.#handles.arrived.place.isClosed) return;
    this.#last = this.shown;
    for (const name of NAMES) this.#handles[name][Symbol.dispose]();
  }
}

/** What a queue tells of itself. `begun`: handed out for the first time; `waitedMs`: their waits together. All counts are of all threads. */
export interface QueueStats extends Counts {
  /** Jobs that wait, that are in hand, and that went to the dead letters, as of now. */
  readonly length: number;
  readonly leased: number;
  readonly dead: number;
  readonly capacity: number;
  /** When it was read, and since when it counts: milliseconds on a clock that all threads share. */
  readonly atMs: number;
  readonly sinceMs: number;
  /** Arrivals a second. */
  readonly arrivalRate: number;
  /** How long a job has waited to be handed out for the first time, on average: from its put() on, time before a full queue included. */
  readonly waitingMs: number;
  /** Jobs that wait, on average: by Little's law, arrivals × waiting. */
  readonly meanLength: number;
}

/** Arrivals, waiting and length of the time between two counts. See: Little, "A Proof for the Queuing Formula L = λW". */
export function littlesLaw(
  before: Counts | undefined,
  after: Counts,
  ms: number,
): Pick<QueueStats, "arrivalRate" | "waitingMs" | "meanLength"> {
  const since = (name: Name) => after[name] - (before?.[name] ?? 0);
  const arrivalRate = ms > 0 ? (since("arrived") / ms) * 1_000 : 0;
  const waitingMs = since("begun") > 0 ? since("waitedMs") / since("begun") : 0;
  return { arrivalRate, waitingMs, meanLength: (arrivalRate * waitingMs) / 1_000 };
}
