// What stands between the JavaScript of src and the machine on a thread under the controller: Atomics, the transitions, the clock, timers and
// callbacks of the event loop, random numbers. src is run as it is; it finds these under the global names it uses.
//
// Gates    every transition; of JavaScript's own atomics those on a ready list, a park word or the cell of a number, waits and waitAsync. The rest (a thread's own epoch,
//          the state of an operation that is settled) cannot be disturbed or run with the step before them.

import type { SharedHeap } from "../../src/runtime/memory/heap.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import * as B from "./board.ts";
import { type Controller, Stopped } from "./controller.ts";
import type { Loop } from "./loop.ts";

const { real } = B;

type Views = Pick<SharedHeap, "i32" | "u32" | "f64" | "u8">;
type Open<T> = { -readonly [K in keyof T]: T[K] };

/** The part of a run that the hooks work for; replaced from run to run. */
export interface Bench {
  controller: Controller;
  loop: Loop;
  /** Steps are taken at once, without asking: while a run is set up and taken down. */
  isOpen: boolean;
}

function viewsOf(buffer: ArrayBufferLike): Views {
  return {
    i32: new Int32Array(buffer as ArrayBuffer),
    u32: new Uint32Array(buffer as ArrayBuffer),
    f64: new Float64Array(buffer as ArrayBuffer),
    u8: new Uint8Array(buffer as ArrayBuffer),
  } as Views;
}

const slotWord = (index: number): number => {
  const offset = index * 4 - L.SLOTS_AT;
  return offset >= 0 && offset < L.SLOT_SIZE * B.MAX_THREADS ? offset % L.SLOT_SIZE : -1;
};

/** The word of a sync record that JavaScript's own atomics change. */
const isCell = (index: number): boolean => index * 4 >= L.RECORDS_AT && (index * 4) % L.SYNC_SIZE === L.SYNC_CELL;

export class Hooks {
  readonly #heap: Open<SharedHeap>;
  readonly #views: Views;
  readonly #elsewhere: Views;
  bench!: Bench;

  constructor(heap: SharedHeap) {
    this.#heap = heap;
    this.#views = { i32: heap.i32, u32: heap.u32, f64: heap.f64, u8: heap.u8 };
    this.#elsewhere = viewsOf(new ArrayBuffer(heap.memory.buffer.byteLength));
    this.#heap.fn = this.#gated(heap.fn);
    this.#install();
  }

  begin(bench: Bench): void {
    this.bench = bench;
    Object.assign(this.#heap, this.#views);
  }

  /** A stopped thread unwinds through finally blocks of src: what those write by plain stores goes nowhere. */
  leaveHeap(): void {
    if (this.#heap.i32 !== this.#views.i32) return;
    for (const view of Object.values(this.#elsewhere)) view.fill(0);
    Object.assign(this.#heap, this.#elsewhere);
  }

  #check(): Bench {
    const { bench } = this;
    if (!bench.controller.isStopped) return bench;
    this.leaveHeap();
    throw new Stopped();
  }

  /** Stands at a gate; a thread that is stopped there has left the heap before anything of src unwinds. */
  #at<T>(step: (bench: Bench) => T): T {
    try {
      return step(this.#check());
    } catch (error) {
      if (error instanceof Stopped) this.leaveHeap();
      throw error;
    }
  }

  #gated(fn: SharedHeap["fn"]): SharedHeap["fn"] {
    const entries = Object.entries(fn) as [string, (...args: number[]) => number][];
    return Object.fromEntries(
      entries.map(([name, transition], index) => [
        name,
        (...args: number[]) => {
          if (this.bench.isOpen) return transition(...args);
          return this.#at(({ controller }) => controller.step(B.FIRST_TRANSITION + index, L.BUSY, () => transition(...args)));
        },
      ]),
    ) as unknown as SharedHeap["fn"];
  }

  #gate(array: unknown, index: number, ready: number, park: number): void {
    if (array !== this.#views.i32 || this.bench.isOpen) return;
    const word = slotWord(index);
    if (word === L.SLOT_READY) this.#at(({ controller }) => controller.gate(ready));
    else if (word === L.SLOT_PARK) this.#at(({ controller }) => controller.gate(park));
    else if (isCell(index)) this.#at(({ controller }) => controller.gate(B.CELL));
    else this.#check();
  }

  #install(): void {
    const heap = this.#views.i32;
    const hooks = this;
    const atomics = Object.create(Atomics) as typeof Atomics;
    Object.assign(atomics, {
      load(array: Int32Array, index: number) {
        hooks.#gate(array, index, B.LOAD_READY, B.LOAD_PARK);
        return real.load(array, index);
      },
      store(array: Int32Array, index: number, value: number) {
        hooks.#gate(array, index, B.TAKE_READY, B.STORE_PARK);
        return real.store(array, index, value);
      },
      exchange(array: Int32Array, index: number, value: number) {
        hooks.#gate(array, index, B.TAKE_READY, B.STORE_PARK);
        return real.exchange(array, index, value);
      },
      add(array: Int32Array, index: number, value: number) {
        hooks.#gate(array, index, B.TAKE_READY, B.STORE_PARK);
        return real.add(array, index, value);
      },
      compareExchange(array: Int32Array, index: number, before: number, value: number) {
        hooks.#gate(array, index, B.TAKE_READY, B.STORE_PARK);
        return real.compareExchange(array, index, before, value);
      },
      wait(array: Int32Array, index: number, value: number, timeoutMs = Number.POSITIVE_INFINITY) {
        if (array !== heap) return real.wait(array, index, value, timeoutMs);
        if (slotWord(index) === L.SLOT_PARK)
          return hooks.#at(({ controller }) => controller.block(index, value, timeoutMs !== Number.POSITIVE_INFINITY));
        hooks.#at(({ controller }) => controller.gate(B.NAP));
        return "timed-out";
      },
      waitAsync(array: Int32Array, index: number, value: number) {
        if (array !== heap) return real.waitAsync(array, index, value);
        hooks.#at(({ controller }) => controller.gate(B.WAIT_ASYNC));
        return hooks.bench.loop.hold(real.waitAsync(array, index, value));
      },
    });
    Object.assign(globalThis, {
      Atomics: atomics,
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => this.bench.loop.addCallback(() => run(...args)),
      clearImmediate: (handle: unknown) => this.bench.loop.dropCallback(handle),
      setTimeout: (run: () => void, ms: number) => this.bench.loop.addTimer(run, ms),
      clearTimeout: (handle: unknown) => this.bench.loop.dropTimer(handle),
      setInterval: () => ({ ref() {}, unref() {} }), // the sleeper's keep-alive, which never fires
      clearInterval: () => undefined,
    });
    Object.defineProperty(globalThis, "performance", { configurable: true, value: { timeOrigin: 0, now: () => this.bench.loop.nowMs } });
    Math.random = () => this.bench.loop.random();
  }
}
