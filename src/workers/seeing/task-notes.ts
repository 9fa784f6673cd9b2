// What the thread that runs tasks notes of them for whoever looks: name, start, how many have ended.

import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { preciseNow } from "./timings.ts";

const WORDS = S.TASK_NAME_BYTES / 4;

export class TaskNotes {
  readonly #thread: Thread;
  readonly #isTimed: boolean;
  /** Names as words, written without their zeros. */
  readonly #names = new Map<string, Uint32Array>();

  constructor(thread: Thread) {
    this.#thread = thread;
    this.#isTimed = (thread.heap.u32[S.HEAP_WATCHED_AT >> 2]! & S.WATCH_TIMES) !== 0;
  }

  /** `turn`: Date.now() when this turn of taking tasks began, good to a millisecond; where times are measured it is looked up anew. */
  started(task: number, name: string, turn: number): void {
    const { u32, f64 } = this.#thread.heap;
    f64[(task + L.TASK_STARTED) >> 3] = this.#isTimed ? preciseNow() : turn;
    const words = this.#names.get(name) ?? this.#encode(name);
    const at = (task + S.TASK_NAME) >> 2;
    for (let i = 0; i < words.length; i++) u32[at + i] = words[i]!;
  }

  #encode(name: string): Uint32Array {
    const padded = new Uint8Array(S.TASK_NAME_BYTES);
    padded.set(Buffer.from(name).subarray(0, S.TASK_NAME_BYTES));
    const words = new Uint32Array(padded.buffer);
    const length = words.findIndex((word) => word >>> 24 === 0) + 1; // with the zero at its end
    const kept = words.slice(0, length === 0 ? WORDS : length);
    this.#names.set(name, kept);
    return kept;
  }

  ended(): void {
    this.#thread.notes.taskEnded();
  }
}
