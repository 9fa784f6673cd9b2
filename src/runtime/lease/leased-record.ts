// A leased queue's record as this thread sees it, and its transitions (transitions/lease.ts draws it). It holds no state of its own.

import { now, sharedNow } from "../clock.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import type { Place } from "../operation/shared.ts";
import { addFailure } from "./failures.ts";

/** A job that was handed out, and the number of the lease. */
export interface Handed {
  readonly job: number;
  readonly lease: number;
}

export class LeasedRecord implements Place {
  readonly thread: Thread;
  readonly address: number;
  readonly gen: number;

  constructor({ thread, address, gen }: Place) {
    this.thread = thread;
    this.address = address;
    this.gen = gen;
  }

  static make(thread: Thread, capacity: number, attempts: number, dead: Place | undefined): LeasedRecord | undefined {
    const { slot, epoch } = thread;
    const status = thread.call("a leased queue", (fn) => fn.leaseMake(slot, epoch, capacity, attempts, dead?.address ?? 0, dead?.gen ?? 0));
    return status === L.OK ? new LeasedRecord({ thread, address: thread.answered, gen: thread.answeredGen }) : undefined;
  }

  /** What the transitions do not look at; written before anybody else has the handle. */
  describe(codec: number, leaseMs: number): void {
    this.thread.heap.u32[(this.address + L.LEASED_CODEC) >> 2] = codec;
    this.thread.heap.f64[(this.address + L.LEASED_LEASE_MS) >> 3] = leaseMs;
  }

  word(offset: number): number {
    return this.thread.heap.u32[(this.address + offset) >> 2]!;
  }

  get isStale(): boolean {
    return this.thread.heap.i32[(this.address + L.LEASED_GEN) >> 2] !== this.gen;
  }

  get isClosed(): boolean {
    return this.isStale || (this.word(L.LEASED_FLAGS) & L.LEASED_CLOSED) !== 0;
  }

  get leaseMs(): number {
    return this.thread.heap.f64[(this.address + L.LEASED_LEASE_MS) >> 3]!;
  }

  /** The record of its dead letters. */
  get dead(): Place | undefined {
    const address = this.word(L.LEASED_DEAD);
    return this.isStale || address === 0 ? undefined : { thread: this.thread, address, gen: this.word(L.LEASED_DEAD_GEN) };
  }

  /** Puts the job of an operation's node: OK, BLOCK, PARKED or CLOSED. */
  put(op: Op, mode: number): number {
    const { thread, address, gen } = this;
    const status = thread.call("send", (fn) => fn.leasePut(address, gen, thread.slot, thread.epoch, op.node, mode));
    return this.#done(status);
  }

  /** Leases the next job: OK, BLOCK, PARKED or CLOSED. What was handed out is in the operation then. */
  take(op: Op, mode: number): number {
    const { thread, address, gen } = this;
    op.prepare(L.RECEIVING, expiryAt(thread, address));
    const status = thread.call("take", (fn) => fn.leaseTake(address, gen, thread.slot, thread.epoch, op.node, mode));
    if (status === L.CLOSED) goOn(thread, address, status);
    return this.#done(status);
  }

  #done(status: number): number {
    if (status !== L.AGAIN) return status;
    goOn(this.thread, this.address, status);
    return L.OK;
  }

  /** What a taker was handed. */
  handedTo(op: Op): Handed {
    const { u32 } = this.thread.heap;
    return { job: u32[(op.address + L.OP_VALUE) >> 2]!, lease: u32[(op.address + L.OP_VALUE + 4) >> 2]! };
  }

  withdraw(op: Op): void {
    withdraw(this.thread, this.address, op.node);
  }

  /** The lease that has been running longest, and when it expires on this thread's clock; undefined if none is running. */
  oldest(): (Handed & { expiresMs: number }) | undefined {
    const { thread, address } = this;
    if (thread.call("take", (fn) => fn.leaseLook(address, thread.slot, thread.epoch, 0)) !== L.OK) return undefined;
    const expiresMs = thread.heap.f64[(thread.slot + L.SLOT_VALUE) >> 3]! - sharedNow() + now();
    return { job: thread.answered, lease: thread.answeredGen >>> 0, expiresMs };
  }

  /** The job is done. False: the lease was over. */
  acknowledge({ job, lease }: Handed): boolean {
    const { thread, address } = this;
    const status = thread.call("ack", (fn) => fn.leaseAck(address, thread.slot, thread.epoch, job, lease));
    if (status === L.NONE) return false;
    const blocks = [thread.answered, thread.answeredGen >>> 0];
    for (const block of blocks) if (block !== 0) thread.free(block);
    goOn(thread, address, status);
    return true;
  }

  close(): boolean {
    const { thread, address, gen } = this;
    const status = thread.call("close", (fn) => fn.leaseClose(address, gen, thread.slot, thread.epoch));
    if (status === L.STALE) return false;
    goOn(thread, address, status);
    return true;
  }
}

/** Gives a job back; `failure` tells why, encoded. False: the lease was over. */
export function giveBack(thread: Thread, queue: number, { job, lease }: Handed, failure: Uint8Array): boolean {
  const causes = addFailure(thread, job, failure);
  const status = thread.call("nack", (fn) => fn.leaseReturn(queue, thread.slot, thread.epoch, job, lease, causes));
  if (status === L.NONE) {
    if (causes !== 0) thread.free(causes);
    return false;
  }
  const replaced = thread.answered;
  const dead = thread.answeredGen >>> 0;
  if (replaced !== 0) thread.free(replaced);
  if (dead !== 0) goOn(thread, dead, L.AGAIN);
  goOn(thread, queue, status);
  return true;
}

/** Takes a node back that waits at a queue, and serves whoever can be served. */
export function withdraw(thread: Thread, queue: number, node: number): void {
  const { slot, epoch } = thread;
  const status = thread.call("withdraw", (fn) => fn.leaseServe(queue, slot, epoch, node, expiryAt(thread, queue)));
  goOn(thread, queue, status);
}

/** Serves whoever can be served, one a call, and frees the record once it has ended and nobody waits. What it fed may have ended with it. */
export function goOn(thread: Thread, queue: number, first: number): void {
  const { slot, epoch, heap } = thread;
  let status = first;
  while (status === L.AGAIN) status = thread.call("serve", (fn) => fn.leaseServe(queue, slot, epoch, 0, expiryAt(thread, queue)));
  if (status !== L.CLOSED) return;
  // Read after it was seen to have ended: if somebody else has freed it meanwhile, this is the generation of a record that is free or in use, and refused.
  const gen = heap.i32[(queue + L.LEASED_GEN) >> 2]!;
  const freed = thread.call("free", (fn) => fn.leaseFree(queue, gen, slot, epoch));
  if (freed === L.OK && thread.answered !== 0) goOn(thread, thread.answered, L.AGAIN);
}

/** When a lease that begins now expires, on the clock that all threads share. */
function expiryAt({ heap }: Thread, queue: number): number {
  const leaseMs = heap.f64[(queue + L.LEASED_LEASE_MS) >> 3]!;
  return leaseMs === Number.POSITIVE_INFINITY ? leaseMs : sharedNow() + leaseMs;
}
