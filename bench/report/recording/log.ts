/**
 * Log: what threads note while a run is recorded, in memory they share.
 *
 * Memory   i32: entries given out · i32: is it on · 56 bytes free │ entries of six f64: kind · at · until · thread · key · count
 * Invariants
 * 1. An entry belongs to whoever took its number; its kind is written last, so an entry without one is not there.
 * 2. Times are milliseconds since the epoch, the same on all threads but for some microseconds.
 * Ordering  the one add claims an entry. Readers read when the run is over, and have heard of that by other ways.
 * Crash     a thread that dies leaves at most one entry without a kind, and calls without an end.
 */
import { threadId } from "node:worker_threads";

export const KIND = {
  /** A function of the job's module, from `at` until `until`; `key` is its number. */
  call: 1,
  /** `count` values into a channel, whose handle is `key`, and out of one. */
  sent: 2,
  received: 3,
  /** The task number `key` is started by one thread and begun by another. */
  asked: 4,
  begun: 5,
  /** It is at its end, and that is heard of. */
  answered: 6,
  heard: 7,
  /** A job into a leased queue, whose handle is `key`, and out of it for the first time. */
  queued: 8,
  leased: 9,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export interface Entry {
  readonly kind: Kind;
  readonly at: number;
  /** NaN: not over, or nothing that lasts. */
  readonly until: number;
  readonly thread: number;
  readonly key: number;
  readonly count: number;
}

const ENTRIES = 2 ** 17;
const FIELDS = 6;
const HEADER_BYTES = 64;
const NEXT = 0;
const IS_ON = 1;

const nothing = () => undefined;

export class Log {
  readonly buffer: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #fields: Float64Array;

  /** A log of its own, or the one whose memory is given. */
  constructor(buffer = new SharedArrayBuffer(HEADER_BYTES + ENTRIES * FIELDS * 8)) {
    this.buffer = buffer;
    this.#header = new Int32Array(buffer, 0, 2);
    this.#fields = new Float64Array(buffer, HEADER_BYTES);
  }

  /** Nothing is noted before, or after stop(). */
  start(): void {
    Atomics.store(this.#header, IS_ON, 1);
  }

  stop(): void {
    Atomics.store(this.#header, IS_ON, 0);
  }

  /** Notes something that happened now, or `at`. */
  note(kind: Kind, key: number, count = 1, at = now()): void {
    if (count > 0) this.#write(kind, key, count, at);
  }

  /** Notes that a call begins; what is answered notes its end. */
  begin(key: number): () => void {
    const from = this.#write(KIND.call, key, 1, now());
    if (from === undefined) return nothing;
    return () => {
      this.#fields[from + 2] = now();
    };
  }

  #write(kind: Kind, key: number, count: number, at: number): number | undefined {
    if (Atomics.load(this.#header, IS_ON) === 0) return undefined;
    const from = FIELDS * Atomics.add(this.#header, NEXT, 1); // claims an entry
    if (from >= this.#fields.length) return undefined;
    this.#fields.set([at, Number.NaN, threadId, key, count], from + 1);
    this.#fields[from] = kind;
    return from;
  }

  /** Entries for which there was no room. */
  get lost(): number {
    return Math.max(0, Atomics.load(this.#header, NEXT) - this.#fields.length / FIELDS);
  }

  /** What was noted, each thread's in its order. */
  entries(): Entry[] {
    const entries: Entry[] = [];
    const end = Math.min(FIELDS * Atomics.load(this.#header, NEXT), this.#fields.length);
    for (let from = 0; from < end; from += FIELDS) {
      const [kind, at, until, thread, key, count] = this.#fields.subarray(from, from + FIELDS) as unknown as number[];
      if (kind !== 0) entries.push({ kind: kind as Kind, at: at!, until: until!, thread: thread!, key: key!, count: count! });
    }
    return entries;
  }
}

/** Milliseconds since the epoch, good to a microsecond. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
