// HangWatch: sees a thread that has stopped turning its event loop, and tells what it does instead, without its help: from the
// operations it has linked in the heap.
//
// The thread counts a word up on its event loop; the watch looks at it LOOKS times in hangMs. So many looks without a change are a hang, however long each
// took to come: a process that was asleep as a whole wakes with one look, not with a hang.

import { type Later, later } from "../../runtime/clock.ts";
import type { SharedHeap } from "../../runtime/memory/heap.ts";
import type { AtomicInt } from "../../runtime/sync/index.ts";
import { readWaits, type Wait } from "../seeing/waits.ts";

const LOOKS = 8;

export class HangWatch {
  readonly #beat: AtomicInt;
  readonly #everyMs: number;
  readonly #onHang: (forMs: number) => void;
  #timer: Later;
  #seen: number;
  #still = 0;

  constructor(beat: AtomicInt, hangMs: number, onHang: (forMs: number) => void) {
    this.#beat = beat;
    this.#everyMs = hangMs / LOOKS;
    this.#onHang = onHang;
    this.#seen = beat.load();
    this.#timer = later(() => this.#look(), this.#everyMs);
  }

  /** How often the thread is to count. */
  get beatMs(): number {
    return Math.max(1, Math.floor(this.#everyMs));
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const beat = this.#beat.load();
    const isOpen = this.#seen !== 0 || beat !== 0; // until the first beat the thread has not opened the service: that has a limit of its own
    this.#still = beat === this.#seen && isOpen ? this.#still + 1 : 0;
    this.#seen = beat;
    this.#timer = later(() => this.#look(), this.#everyMs);
    if (this.#still < LOOKS) return;
    this.stop();
    this.#onHang(Math.round(this.#still * this.#everyMs));
  }

  /** What a thread does that does not turn its event loop: it waits for something of the heap's, or it computes. */
  whatOf(heap: SharedHeap, threadId: number): string {
    const wait = readWaits(heap).waits.find((one) => one.isBlocking && one.threadId === threadId);
    if (!wait) return "in a loop or a native call";
    const since = wait.since > 0 ? ` since ${new Date(wait.since).toISOString()}` : "";
    return `waiting ${targetsOf(wait)}${since}`;
  }
}

function targetsOf({ on }: Wait): string {
  return `to ${on.map(({ text }) => text).join(" or to ") || "go on"}`;
}
