// A job of a queue, in the hands of a consumer.

import type { Lease } from "../../runtime/lease/index.ts";
import type { Counters } from "./counters.ts";

/** What travels: when it was put, when it is too late for it, and the value. */
export type Envelope<T> = readonly [atMs: number, lateMs: number, value: T];

/** A job of a queue in the hands of one thread: ack() when it is done, nack() to give it back. Disposed of without either it is given back. */
export class Job<T> {
  readonly value: T;
  /** The how manieth time it is handed out: 1 at first. */
  readonly attempt: number;
  /** From put() to this hand-out, in milliseconds. */
  readonly waitedMs: number;
  readonly #lease: Lease<Envelope<T>>;
  /** None of a dead letter: it was counted while it lived. */
  readonly #counters: Counters | undefined;

  /** @internal */
  constructor(lease: Lease<Envelope<T>>, waitedMs: number, counters: Counters | undefined) {
    this.value = lease.value[2];
    this.attempt = lease.attempt;
    this.waitedMs = waitedMs;
    this.#lease = lease;
    this.#counters = counters;
  }

  /** Why it came back before, oldest first: what nack() was given, ThreadDiedError, TimeoutError. */
  get causes(): unknown[] {
    return this.#lease.causes;
  }

  get isHeld(): boolean {
    return this.#lease.isHeld;
  }

  /** It is done. As Lease.ack. */
  ack(): boolean {
    const counts = this.#lease.ack();
    if (counts) this.#counters?.add("done");
    return counts;
  }

  /** Gives it back, to be handed out again, or to the dead letters. As Lease.nack. */
  nack(error?: unknown): boolean {
    const counts = this.#lease.nack(error);
    if (counts) this.#counters?.add("returned");
    return counts;
  }

  /** nack(), if it is still held. */
  [Symbol.dispose](): void {
    if (!this.#lease.isHeld) return;
    this.#counters?.add("returned");
    this.#lease[Symbol.dispose]();
  }
}
