// Pulse: what a task beats with, on its own thread.
//
// Memory   three words that all threads share (AtomicInt), and a channel of one value:
//            beats   counted up by the task: a unit of work is done
//            turns   counted up by a timer of its thread: the event loop still turns
//            thread  Node's id of its thread, and one; 0: it has not begun
//          progress  what the task told last; the first pulse always leaves something there, which wakes whoever waits for it
// Crash    nothing is ever half done; a dead thread's words stand still, which is the point.

import { threadId } from "node:worker_threads";
import type { Channel } from "../../runtime/channel/index.ts";
import { later } from "../../runtime/clock.ts";
import type { AtomicInt } from "../../runtime/sync/index.ts";

/** Handles, which cross threads. */
export interface PulseHandles {
  readonly beats: AtomicInt;
  readonly turns: AtomicInt;
  readonly thread: AtomicInt;
  readonly progress: Channel<unknown>;
  readonly everyMs: number;
}

/** `P`: what it tells of its progress. */
export class Pulse<P = unknown> {
  readonly #handles: PulseHandles;
  #isFirst = true;
  #isOver = false;

  /** @internal */
  constructor(handles: PulseHandles) {
    this.#handles = handles;
  }

  /**
   * A unit of work is begun or done; `progress` replaces what was told before and not read yet.
   * Waits: never, however slow whoever listens is. After the end, and after close(): nothing. Throws: ERR_UNSENDABLE for a progress that cannot cross.
   * Cost: one atomic increment; with a progress one try to send.
   */
  beat(progress?: P): void {
    if (this.#isOver) return;
    this.#quietly(() => {
      this.#handles.beats.add(1); // before it is told: whoever hears of the first pulse finds it counted
      if (progress !== undefined || this.#isFirst) this.#tell(progress);
      this.#isFirst = false;
    });
  }

  #tell(progress: unknown): void {
    const { progress: told } = this.#handles;
    if (told.sender.trySend(progress)) return;
    told.receiver.tryRecv();
    told.sender.trySend(progress);
  }

  /** No more pulses come: whoever watches need not wait for one. Second call: nothing. */
  close(): void {
    this.#quietly(() => this.#handles.beats.close());
    this.#isOver = true;
  }

  /** @internal The task begins. Counts the turns of this thread's event loop until the answer is called. */
  begin(): () => void {
    const { turns, thread, everyMs } = this.#handles;
    thread.store(threadId + 1);
    const turn = () => {
      this.#quietly(() => turns.add(1));
      timer = later(turn, everyMs);
    };
    let timer = later(turn, everyMs);
    return () => timer.cancel();
  }

  /** The task was given up, and its words are gone, or the runtime is: what still runs of it is not disturbed. */
  #quietly(count: () => void): void {
    try {
      count();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== "ERR_SYNC_CLOSED" && code !== "ERR_CHANNEL_CLOSED" && code !== "ERR_CLOSED") throw error;
      this.#isOver = true;
    }
  }
}
