// This thread's operations: the JavaScript side of the 128-byte records in its slot's chunks.
//
// Memory   chunks of 32 operations hang in SLOT_CHUNKS; the free list is a plain array here: if the thread dies the supervisor scans the chunks.
// States   free (OP_IDLE, in #free) → in use → linked (OP_WAITING) → fired (≥ OP_FIRED, through the ready list) or cancelled → free
// Invariant  an operation is reused only when it is in no ready list and no node of it is linked; then nothing can point at it.

import type { SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";
import * as S from "./layout-seeing.ts";

export class Op {
  readonly address: number;
  readonly node: number;
  readonly #heap: SharedHeap;
  /** The private block that holds the cell of this operation's node while it may wait, 0 for none; freed with the operation. */
  cellBlock = 0;
  /** The private block that tells where it waits, 0 for none; freed with the operation. */
  whereBlock = 0;
  /** Where it waits, not yet written down. */
  where: Error | undefined;
  /** Set when it was taken from the ready list; cleared by reuse. */
  isSettled = false;
  /** Called when it is taken from the ready list. */
  onSettled: (() => void) | undefined;
  /** Ends the wait from outside with an error, unless a peer has completed it. */
  onGiveUp: ((reason: () => Error) => void) | undefined;

  constructor(heap: SharedHeap, address: number, slot: number, epoch: number) {
    this.#heap = heap;
    this.address = address;
    this.node = address + L.OP_NODE;
    // Private memory until a node is linked: plain writes.
    heap.u32[(address + L.READY_RECORD) >> 2] = L.RECORD_OP;
    heap.u32[(address + L.OP_SLOT) >> 2] = slot;
    heap.i32[(address + L.OP_EPOCH) >> 2] = epoch;
    heap.u32[(this.node + L.NODE_OP) >> 2] = address;
  }

  /** Makes the node a case of the given direction and number; `value` is what a send case sends. */
  prepare(direction: number, value: number, index = 0): void {
    this.#heap.i32[(this.node + L.NODE_KIND) >> 2] = (index << 1) | direction;
    this.#heap.f64[(this.node + L.NODE_VALUE) >> 3] = value;
  }

  /** The same with an address as the node's value: of a block that is sent, or of a cell to copy from or to. */
  prepareAddress(direction: number, address: number, index = 0): void {
    this.#heap.i32[(this.node + L.NODE_KIND) >> 2] = (index << 1) | direction;
    this.#heap.u32[(this.node + L.NODE_VALUE) >> 2] = address;
  }

  /** The address the node was prepared with. */
  get nodeAddress(): number {
    return this.#heap.u32[(this.node + L.NODE_VALUE) >> 2]!;
  }

  /** The received block; valid as value is. */
  get block(): number {
    return this.#heap.u32[(this.address + L.OP_VALUE) >> 2]!;
  }

  /** The received value; valid once the operation answered OK or was fired. */
  get value(): number {
    return this.#heap.f64[(this.address + L.OP_VALUE) >> 3]!;
  }

  /** The number of the case a peer has chosen. */
  get firedCase(): number {
    return (this.state - L.OP_FIRED) >> 2;
  }

  /** Makes this operation's node a further case of `primary`, until unlend(). */
  lend(primary: Op): void {
    this.#heap.u32[(this.node + L.NODE_OP) >> 2] = primary.address;
  }

  unlend(): void {
    this.#heap.u32[(this.node + L.NODE_OP) >> 2] = this.address;
  }

  get state(): number {
    return Atomics.load(this.#heap.i32, (this.address + L.OP_STATE) >> 2);
  }

  /** It was fired because the channel closed. */
  get isClosed(): boolean {
    return (this.state & 1) === 1;
  }

  /** A promise waits for it from now on, and who can end that. For whoever looks. */
  noteWait(end: number): void {
    this.#heap.f64[(this.address + S.OP_SINCE) >> 3] = Date.now();
    this.noteEnd(end);
  }

  /** Who can end the wait; one that blocks its thread tells since when if it comes to sleep (Notes.parks). */
  noteEnd(end: number): void {
    this.#heap.u32[(this.address + S.OP_END) >> 2] = end;
  }

  /** The same: in `block` is written where. */
  noteWhere(block: number): void {
    this.whereBlock = block;
    this.#heap.u32[(this.address + S.OP_WHERE) >> 2] = block;
  }

  reset(): void {
    Atomics.store(this.#heap.i32, (this.address + L.OP_STATE) >> 2, L.OP_IDLE);
    this.#heap.f64[(this.address + S.OP_SINCE) >> 3] = 0;
    this.cellBlock = 0;
    this.where = undefined;
    if (this.whereBlock !== 0) this.noteWhere(0);
    this.isSettled = false;
    this.onSettled = undefined;
    this.onGiveUp = undefined;
  }
}

/** Where operations and their cells lie. */
export interface OpMemory {
  /** The address of a zeroed chunk of this slot. */
  newChunk(): number;
  freeBlock(block: number): void;
}

export class OpSlab {
  readonly #heap: SharedHeap;
  readonly #slot: number;
  readonly #epoch: number;
  readonly #memory: OpMemory;
  readonly #free: Op[] = [];
  readonly #byAddress = new Map<number, Op>();

  constructor(heap: SharedHeap, slot: number, epoch: number, memory: OpMemory) {
    this.#heap = heap;
    this.#slot = slot;
    this.#epoch = epoch;
    this.#memory = memory;
  }

  acquire(): Op {
    if (this.#free.length === 0) {
      const chunk = this.#memory.newChunk();
      for (let i = L.OPS_PER_CHUNK - 1; i >= 0; i--) {
        const op = new Op(this.#heap, chunk + L.LINE + i * L.OP_SIZE, this.#slot, this.#epoch);
        this.#byAddress.set(op.address, op);
        this.#free.push(op);
      }
    }
    return this.#free.pop()!;
  }

  /** Not on a retired thread: there the operation may stand in the ready list, and the supervisor looks at its state after us. */
  release(op: Op): void {
    if (Atomics.load(this.#heap.i32, (this.#slot + L.SLOT_EPOCH) >> 2) !== this.#epoch) return;
    const { cellBlock, whereBlock } = op;
    op.reset();
    this.#free.push(op);
    if (cellBlock !== 0) this.#memory.freeBlock(cellBlock);
    if (whereBlock !== 0) this.#memory.freeBlock(whereBlock);
  }

  /** An operation that was never linked: there is nothing to reset, and nobody else has seen it. */
  putBack(op: Op): void {
    this.#free.push(op);
  }

  at(address: number): Op | undefined {
    return this.#byAddress.get(address);
  }

  /** Operations in use, for leak checks. */
  get inUse(): number {
    return this.#byAddress.size - this.#free.length;
  }
}
