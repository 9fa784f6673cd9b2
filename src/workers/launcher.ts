// What can be started, and what starts it: the shapes of go() and gang().

import type { SendableArgs } from "../runtime/channel/index.ts";
import type { AnyFunction } from "./module-ref.ts";
import type { Task } from "./task.ts";

/** One call of a gang. */
export interface Call<R> {
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
  /** Only for the type. */
  readonly result?: R;
}

/** Names a call for rt.gang: its arguments are checked as go() checks them. */
export function call<F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>): Call<Awaited<ReturnType<F>>> {
  return { fn, args };
}

export type Tasks<C extends readonly Call<unknown>[]> = { [K in keyof C]: C[K] extends Call<infer R> ? Task<R> : never };

/** What starts tasks: a runtime, or one with options from rt.with(). */
export interface Launcher {
  /**
   * Starts a function of a module reference as a task.
   * Waits: never; the task waits in the shared queue until a thread is free. Threads: any thread of the runtime.
   * Order: tasks are taken oldest first, by whichever thread comes first: two light tasks may share a thread. Tasks that receive and compute side by
   * side for long ask for threads of their own (`dedicated`).
   * Throws: ERR_NO_FUNCTION, ERR_UNSENDABLE (with the path), ERR_HEAP_EXHAUSTED, ERR_CLOSED, and with `dedicated` ERR_GANG_REFUSED when no
   * dedicated thread is free. Cost: the arguments are copied once; a record of 128 bytes and a block until the task has ended.
   */
  go<F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>): Task<Awaited<ReturnType<F>>>;
  /**
   * Starts dedicated tasks that need each other: all get their threads, or none does (ERR_GANG_REFUSED says how many are free) and nothing is started.
   * Otherwise as go().
   */
  gang<const C extends readonly Call<unknown>[]>(...calls: C): Tasks<C>;
}
