// What makes sync primitives: rt.sync. Each is owned by the runtime until it is closed; 128 bytes of the shared heap.

import type { Thread } from "../memory/thread.ts";
import { AtomicFlag, AtomicFloat, AtomicInt } from "./atomic.ts";
import { Barrier } from "./barrier.ts";
import { Cond } from "./cond.ts";
import { KeyedLimiter, type KeyedLimiterOptions } from "./keyed-limiter.ts";
import { Limiter, type LimiterOptions, Limiters } from "./limiter.ts";
import { Mutex } from "./mutex.ts";
import { Once } from "./once.ts";
import { OnceValue } from "./once-value.ts";
import { RwMutex } from "./rw-mutex.ts";
import { Semaphore } from "./semaphore.ts";
import { SingleFlight, type SingleFlightOptions } from "./single-flight.ts";
import { WaitGroup } from "./wait-group.ts";

/**
 * Makes locks, wait groups and the like. All are handles: pass them as arguments of tasks, in structures, through channels (syncOf).
 * Waits: never. Threads: any. Throws: ERR_INVALID_ARG, ERR_HEAP_EXHAUSTED, ERR_CLOSED. Cost: 128 bytes each until close().
 */
export class Sync {
  readonly #thread: () => Thread;

  /** @internal `thread` answers this thread's place, or throws if nothing can be made any more. */
  constructor(thread: () => Thread) {
    this.#thread = thread;
  }

  /** A lock for one. */
  mutex(): Mutex {
    return Mutex.make(this.#thread());
  }
  /** A lock for many readers or one writer. */
  rwMutex(): RwMutex {
    return RwMutex.make(this.#thread());
  }
  /** A condition of a mutex or rw mutex, for as long as that is open. */
  cond(lock: Mutex | RwMutex): Cond {
    return Cond.make(this.#thread(), lock);
  }
  /** A count that is waited for until it is 0, which it is at first. */
  waitGroup(): WaitGroup {
    return WaitGroup.make(this.#thread());
  }
  /** Something that is done by whoever comes first. */
  once(): Once {
    return Once.make(this.#thread());
  }
  /** A value that whoever comes first computes, and all have. */
  onceValue<T>(): OnceValue<T> {
    return OnceValue.make<T>(this.#thread());
  }
  /** Calls for one key at one time as one call. */
  singleFlight(options?: SingleFlightOptions): SingleFlight {
    return SingleFlight.make(this.#thread(), options);
  }
  /** `permits`: 1 or more. */
  semaphore(permits: number): Semaphore {
    return Semaphore.make(this.#thread(), permits);
  }
  /** `parties`: 1 or more. */
  barrier(parties: number): Barrier {
    return Barrier.make(this.#thread(), parties);
  }
  /** `perSecond`: tokens a second, 0 or more, Infinity for no limit; `burst`: most that are there at once, a whole number, 0 or more. */
  limiter(options: LimiterOptions): Limiter {
    return Limiter.make(this.#thread(), options);
  }
  /** One for each key. Otherwise as limiter. */
  keyedLimiter(options: KeyedLimiterOptions): KeyedLimiter {
    return KeyedLimiter.make(this.#thread(), options);
  }
  /** One to four limiters as one. A view of this thread's, not a handle: nothing is made. */
  limiters(...limiters: readonly Limiter[]): Limiters {
    return new Limiters(limiters);
  }
  /** A whole number of 32 bits, 0 unless given. */
  atomicInt(value?: number): AtomicInt {
    return AtomicInt.make(this.#thread(), value);
  }
  /** A flag, not set at first. */
  atomicFlag(): AtomicFlag {
    return AtomicFlag.make(this.#thread());
  }
  /** A number of 64 bits, 0 unless given. */
  atomicFloat(value?: number): AtomicFloat {
    return AtomicFloat.make(this.#thread(), value);
  }
}
