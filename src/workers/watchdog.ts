// The heap watchdog: asks the engine, from outside, how much JavaScript heap each thread uses, and has a thread stopped that uses more than it may. The
// engine's own limit comes too late: it can take the whole process down (docs/reliability.md).
//
// A thread that runs is asked every PERIOD_MS, one that sleeps every PERIOD_MS × SLEEPER_TICKS, and never while an answer is outstanding. Node 20 cannot
// be asked: there a thread looks itself, between its tasks.

import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";
import type { Threads } from "./threads.ts";
import { sayLast } from "./voice.ts";

const PERIOD_MS = 10;
const SLEEPER_TICKS = 10;

/** Whether this Node can ask a thread that computes or blocks. */
const canAsk = "getHeapStatistics" in Worker.prototype;

export class Watchdog {
  readonly #thread: Thread;
  readonly #roster: Roster;
  readonly #threads: Threads;
  readonly #limitBytes: number;
  readonly #onOver: (member: Member, usedBytes: number) => void;
  readonly #asked = new Set<Member>();
  #ticks = 0;
  /** Not in the thread's wheel: what is there counts as waited for. */
  #timer: NodeJS.Timeout | undefined;

  constructor(thread: Thread, roster: Roster, threads: Threads, limitBytes: number, onOver: (member: Member, usedBytes: number) => void) {
    this.#thread = thread;
    this.#roster = roster;
    this.#threads = threads;
    this.#limitBytes = limitBytes;
    this.#onOver = onOver;
    if (canAsk) this.#timer = setInterval(this.#tick, PERIOD_MS).unref();
  }

  readonly #tick = (): void => {
    const looksAtAll = this.#ticks++ % SLEEPER_TICKS === 0;
    for (const member of this.#roster.all) {
      if (member.isFenced || this.#asked.has(member)) continue;
      if (looksAtAll || this.#runs(member)) void this.#ask(member);
    }
  };

  #runs(member: Member): boolean {
    return Atomics.load(this.#thread.heap.i32, (member.slot + L.SLOT_PARK) >> 2) === L.PARK_RUNNING;
  }

  async #ask(member: Member): Promise<void> {
    this.#asked.add(member);
    const bytes = await this.#threads.heapBytes(member.threadId);
    this.#asked.delete(member);
    if (bytes !== undefined && bytes > this.#limitBytes && !this.#thread.isClosed) this.#onOver(member, bytes);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** On a thread of a Node that cannot be asked: what looks, between two tasks, whether it uses more than it may, and ends it then. Else undefined. */
export function selfWatch(limitBytes: number): (() => void) | undefined {
  if (canAsk || limitBytes === Number.POSITIVE_INFINITY) return undefined;
  let lookedMs = 0;
  return () => {
    if (performance.now() - lookedMs < PERIOD_MS) return;
    lookedMs = performance.now();
    if (getHeapStatistics().used_heap_size <= limitBytes) return;
    sayLast("out-of-memory");
    process.exit(1);
  };
}
