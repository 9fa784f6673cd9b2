// Watching for deadlocks, on the supervising thread. One look every LOOK_MS; what looks like a deadlock is one when nobody has moved until the next look.
//
//   look ─ a cycle, twice the same ─────────────────────────────────────────────────▶ report
//        ─ all asleep, twice the same ─ threads unsure? ask them (quiet.ts), look again
//                                     └ all quiet ─ let this thread go ─ 'beforeExit' ─ still the same? ─▶ report
//
// A test runner that keeps a channel to its parent open (Vitest) keeps the loop alive by that: modules come through it, so what is still to come cannot be
// known, and there only cycles are found.
// Cost     only where it is on: a look reads the operations of every thread. It keeps no process alive.

import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import { slotIndex, type Thread } from "../../runtime/memory/thread.ts";
import { findAsleep, findCycle, keyOf } from "./deadlock.ts";
import { DeadlockError } from "./deadlock-error.ts";
import { Inspection } from "./inspect.ts";
import { ask, doom } from "./rouse.ts";
import { readWaits, type Wait, type Waits } from "./waits.ts";

const LOOK_MS = 120;

/** What happens when waits can never end: option `deadlocks` of Runtime.start(). */
export type DeadlockMode = "report" | "throw" | "off";

export interface WatchOptions {
  readonly mode: "report" | "throw";
  /** Tells it; false if nobody listens. */
  readonly tell: (error: DeadlockError) => boolean;
  /** Nothing can be waited for without end, though it looks so: a thread is being replaced, a signal may end a task. */
  readonly isUnderWay: () => boolean;
}

/** 'report' where a test runner runs, else 'off'. */
export function defaultMode({ NODE_ENV, VITEST, NODE_TEST_CONTEXT }: NodeJS.ProcessEnv = process.env): DeadlockMode {
  return NODE_ENV === "test" || VITEST !== undefined || NODE_TEST_CONTEXT !== undefined ? "report" : "off";
}

export class Watch {
  readonly #thread: Thread;
  readonly #options: WatchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #onEmptyLoop = () => this.#decide();
  #cycle = "";
  #asleep = "";
  #told = "";
  #isLetGo = false;

  constructor(thread: Thread, options: WatchOptions) {
    this.#thread = thread;
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#keep();
  }

  #look(): void {
    const { heap } = this.#thread;
    const waits = readWaits(heap);
    const cycle = findCycle(heap, waits);
    const key = keyOf(heap, cycle);
    if (cycle.length > 0 && key === this.#cycle) this.#tell("cycle", key, cycle);
    this.#cycle = key;

    const asleep = this.#isAwaited(waits) ? findAsleep(heap, waits, this.#thread.slot) : undefined;
    const isSame = asleep !== undefined && asleep.key === this.#asleep;
    this.#asleep = asleep?.key ?? "";
    if (!isSame) this.#keep();
    else if (asleep.key !== this.#told && !this.#options.isUnderWay() && isLoopQuiet()) {
      if (asleep.unsure.length > 0) for (const slot of asleep.unsure) ask(heap, slot);
      else this.#letGo();
    }
  }

  /** A task has not ended, or a promise here waits for what only a peer could bring. Service calls, which go by messages, are none of that. */
  #isAwaited({ waits }: Waits): boolean {
    const { heap, slot, timers } = this.#thread;
    if (timers.size > 0) return false; // a timeout or a deadline of this thread goes on by itself
    if (Atomics.load(heap.i32, (L.LIVE_AT + L.LIVE_TASKS) >> 2) > 0) return true;
    return waits.some((wait) => wait.slot === slot && wait.end === S.BY_PEERS);
  }

  #letGo(): void {
    if (this.#isLetGo) return;
    this.#isLetGo = true;
    process.once("beforeExit", this.#onEmptyLoop);
    this.#thread.parker.letGo();
  }

  #keep(): void {
    if (!this.#isLetGo) return;
    this.#isLetGo = false;
    process.off("beforeExit", this.#onEmptyLoop);
    this.#thread.parker.keep();
  }

  /** Nothing is left on this thread's event loop. If nobody has moved since the last look, it is certain. */
  #decide(): void {
    this.#keep();
    const { heap, slot } = this.#thread;
    const waits = readWaits(heap);
    const asleep = findAsleep(heap, waits, slot);
    if (asleep === undefined || asleep.key !== this.#asleep || asleep.unsure.length > 0) return;
    if (this.#options.isUnderWay() || !this.#isAwaited(waits)) return;
    this.#tell("all-asleep", asleep.key, waits.waits);
  }

  #tell(kind: DeadlockError["kind"], key: string, waits: readonly Wait[]): void {
    if (key === this.#told) return;
    this.#told = key;
    const { heap, slot: own, pending } = this.#thread;
    for (const op of pending) this.#thread.tellWhere(op);
    const inspection = new Inspection(this.#thread);
    const slots = new Set(waits.map((wait) => slotIndex(wait.slot)));
    const threads = inspection.threads.filter((thread) => slots.has(thread.slot) || (kind === "all-asleep" && thread.tasks.length > 0));
    const error = new DeadlockError(kind, threads, inspection);
    const isHeard = this.#options.tell(error);
    if (this.#options.mode === "throw" && waits.length > 0) {
      for (const slot of new Set(waits.map((wait) => wait.slot))) if (slot !== own) doom(heap, slot);
      if (kind === "all-asleep") for (const op of [...pending]) op.onGiveUp?.(() => error);
    } else if (!isHeard) void Promise.reject(error); // as loud as a failed task nobody joined
  }
}

/** Resources that are listed whether they keep the loop alive or not: the standard streams are among them. */
const UNDECIDED = new Set(["PipeWrap", "TTYWrap"]);

/** A first look, so that 'beforeExit' is not provoked where a server or a timer can be seen to keep the loop alive, or a handler waits for a signal. */
function isLoopQuiet(): boolean {
  if (process.eventNames().some((name) => typeof name === "string" && name.startsWith("SIG"))) return false;
  const active = process.getActiveResourcesInfo().filter((type) => !UNDECIDED.has(type));
  return active.length === 0 || (active.length === 1 && active[0] === "Timeout"); // the parker's own
}
