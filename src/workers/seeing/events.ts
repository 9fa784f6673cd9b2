// What a runtime tells whoever listens: rt.on().

import { invalidArg } from "../../runtime/errors.ts";
import type { Death } from "../death.ts";
import type { DeadlockError } from "./deadlock-error.ts";
import { deadlockFound, type ThreadTrace, threadDeath, threadStart } from "./diagnostics.ts";

/** What rt.on() listens to. */
export interface RuntimeEventMap {
  /** A task failed and nobody joined it. With a listener it is no unhandled rejection. */
  error: unknown;
  /** A thread has died and its tasks with it. */
  death: Death;
  /** Waits that can never end were found (option `deadlocks`). With a listener it is no unhandled rejection. */
  deadlock: DeadlockError;
}

type Listener<T> = (value: T) => void;
type Listeners = { readonly [K in keyof RuntimeEventMap]: Set<Listener<RuntimeEventMap[K]>> };

export class RuntimeEvents {
  readonly #runtime: number;
  readonly #listeners: Listeners = { error: new Set(), death: new Set(), deadlock: new Set() };

  constructor(runtime: number) {
    this.#runtime = runtime;
  }

  /** A thread is ready. */
  ready(threadId: number, isReplacement: boolean): void {
    if (threadStart.hasSubscribers) threadStart.publish({ runtime: this.#runtime, threadId, isReplacement } satisfies ThreadTrace);
  }

  died(death: Death): void {
    const { threadId, text } = death;
    if (threadDeath.hasSubscribers) threadDeath.publish({ runtime: this.#runtime, threadId, reason: text } satisfies ThreadTrace);
    this.emit("death", death);
  }

  /** False if no listener was told. */
  stuck(error: DeadlockError): boolean {
    if (deadlockFound.hasSubscribers) deadlockFound.publish(error);
    return this.emit("deadlock", error);
  }

  /** Answers what stops the listening; its second call does nothing. */
  on<K extends keyof RuntimeEventMap>(event: K, listener: Listener<RuntimeEventMap[K]>): () => void {
    const listeners = Object.hasOwn(this.#listeners, event) ? this.#listeners[event] : undefined;
    if (!listeners) throw invalidArg("on: event", "'error', 'death' or 'deadlock'", event);
    if (typeof listener !== "function") throw invalidArg("on: listener", "a function", listener);
    const own: Listener<RuntimeEventMap[K]> = (value) => listener(value); // the same function twice is two listeners
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  /** Tells every listener, in the order they came; false if there is none. What one throws becomes an unhandled rejection, and the others are told all the same. */
  emit<K extends keyof RuntimeEventMap>(event: K, value: RuntimeEventMap[K]): boolean {
    const listeners = [...this.#listeners[event]];
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        void Promise.reject(error);
      }
    }
    return listeners.length > 0;
  }
}
