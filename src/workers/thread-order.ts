// What the supervising thread tells a new thread, and what it hears of its end. Types only.

import type { WasmMemory } from "../runtime/memory/heap.ts";

export interface ThreadOrder {
  readonly memory: WasmMemory;
  readonly slot: number;
  readonly epoch: number;
  readonly queue: number;
  readonly limit: number;
  /** How long the import of a task's module may take. */
  readonly startMs: number;
  /** How much JavaScript heap it may use. */
  readonly threadHeapBytes: number;
  /** A module to be imported first. */
  readonly init: string | undefined;
  /** A function to be called, with these arguments (encoded), before the thread is ready. */
  readonly setUp: { readonly url: string; readonly name: string; readonly args: Uint8Array } | undefined;
  /** URL of thread-main, .ts in development and .js as built. */
  readonly main: string;
}

export interface ThreadExit {
  readonly threadId: number;
  readonly code: number;
  /** What its 'error' event carried, if there was one. */
  readonly error: { readonly thrown: unknown } | undefined;
  /** What it said of its end itself. */
  readonly last: LastWords | undefined;
}

/** The error was a rejection nobody handled; it stopped because it had used more memory than it may. */
export type LastWords = "rejection" | "out-of-memory";
