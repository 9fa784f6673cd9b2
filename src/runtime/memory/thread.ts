// One OS thread's place in one runtime's heap: its slot and epoch, its sleeper, its operations, its timers. Everything that waits or changes
// shared memory goes through one of these; there is one per runtime on each of its threads.

import { fileURLToPath } from "node:url";
import { type VirtualClock, virtualClock } from "../clock.ts";
import { FencedError, HeapExhaustedError, HeddleError } from "../errors.ts";
import { TimerWheel } from "../timer-wheel.ts";
import { blockPayload, type SharedHeap, type Transitions } from "./heap.ts";
import * as L from "./layout.ts";
import { Notes } from "./notes.ts";
import { type Op, OpSlab } from "./op.ts";
import { Parker } from "./park.ts";
import { pause } from "./spin.ts";
import { WORKSPACE_BYTES, Workspace } from "./workspace.ts";

const TRIES_BEFORE_NAP = 24;
const READY_PER_TURN = 1_000;
/** Where this library's own files lie, as they show in a stack. */
const OWN_FILES = fileURLToPath(new URL("../../", import.meta.url));
/**
 * A block of bytes begins with how many there are, and with 4 bytes of nothing: V8 copies out of and into shared memory word by word only if both places
 * are multiples of 8, else byte by byte, which takes eight times as long.
 */
const LENGTH_BYTES = 8;

/** What a thread does beside waiting; filled in by whoever runs tasks on it. */
export interface ThreadDuties {
  /** A task this thread started has ended. */
  onTaskDone(task: number): void;
  onIdle(): boolean;
  onBusy(): void;
  isNeeded(): boolean;
  /** Watched: to find out whether anything but the heap could wake this thread. */
  onAsked?(): void;
}

export class Thread {
  readonly heap: SharedHeap;
  readonly slot: number;
  readonly epoch: number;
  readonly ops: OpSlab;
  readonly notes: Notes;
  readonly parker: Parker;
  readonly timers = new TimerWheel();
  /** Only of a runtime that was started with one. */
  readonly #clock = virtualClock();
  /** Never linked: carries the value of a single try. */
  readonly tryOp: Op;
  /** Operations that promises of this thread wait for. */
  readonly pending = new Set<Op>();
  /** Those that keep no process alive and are no leftovers. */
  readonly background = new Set<Op>();
  duties: ThreadDuties | undefined;
  /** Why a sync door must not wait here, or undefined if it may. */
  mayNotBlock: (() => HeddleError) | undefined;
  /** The runtime was closed here: calls are refused by that name. */
  isClosed = false;
  #nextEnd = 1;

  constructor(heap: SharedHeap, slot: number, epoch: number) {
    this.heap = heap;
    this.slot = slot;
    this.epoch = epoch;
    this.notes = new Notes(heap, slot);
    this.parker = new Parker(heap, slot, epoch, this.notes, {
      onReady: (record) => this.#settle(record),
      onIdle: () => this.duties?.onIdle() ?? false,
      onBusy: () => this.duties?.onBusy(),
      isNeeded: () => this.duties?.isNeeded() ?? false,
      timers: () => this.timers.size,
      onDoomed: () => this.#giveUpDoomed(),
      onAsked: () => this.duties?.onAsked?.(),
    });
    this.ops = new OpSlab(heap, slot, epoch, {
      newChunk: () => {
        this.call("a chunk of waiting operations", () => heap.fn.opChunk(slot, epoch));
        return this.answered;
      },
      freeBlock: (block) => this.free(block),
    });
    this.tryOp = this.ops.acquire();
  }

  /** Opens a free slot of the heap for this thread. Supervisor only. */
  static open(heap: SharedHeap, slot: number): number {
    const status = heap.fn.slotOpen(slot);
    if (status !== L.OK)
      throw new HeddleError("ERR_THREAD_START", `expected slot ${slotIndex(slot)} to be free, and it is not (status ${status})`);
    return heap.i32[(slot + L.SLOT_RESULT) >> 2]!;
  }

  #settle(record: number): void {
    if (this.#clock?.random) this.#clock.step(() => this.#settleNow(record));
    else this.#settleNow(record);
  }

  #settleNow(record: number): void {
    this.#clock?.touch();
    if (this.heap.u32[(record + L.READY_RECORD) >> 2] === L.RECORD_TASK) {
      this.duties?.onTaskDone(record);
      return;
    }
    const op = this.ops.at(record);
    if (!op) return; // of a thread that had this slot before
    op.isSettled = true;
    op.onSettled?.();
  }

  /** The address a transition handed back beside its status. */
  get answered(): number {
    return this.heap.u32[(this.slot + L.SLOT_RESULT) >> 2]!;
  }

  /** The second word of it: a generation, an outcome, a task. */
  get answeredGen(): number {
    return this.heap.i32[(this.slot + L.SLOT_RESULT_GEN) >> 2]!;
  }

  /**
   * Calls a transition until no lock is in its way; its status, with FENCED and NO_MEMORY turned into errors. A lock is held for tens of nanoseconds,
   * unless the operating system has taken the core from its holder: some tries, each a little later, then naps of at most 1 ms.
   */
  call(what: string, transition: (fn: Transitions) => number): number {
    const fn = this.heap.fn;
    for (let tries = 0; ; tries++) {
      const status = transition(fn);
      if (status === L.BUSY) {
        if (tries >= TRIES_BEFORE_NAP) this.parker.nap(tries - TRIES_BEFORE_NAP + 1);
        else pause(4 * tries);
        continue;
      }
      if (status === L.FENCED) throw this.isClosed ? runtimeClosed() : new FencedError();
      if (status === L.NO_MEMORY) throw this.heap.exhausted(what);
      return status;
    }
  }

  /** A private block with room for `bytes` of payload. */
  alloc(what: string, bytes: number): number {
    if (bytes > L.BLOCK_MAX - L.BLOCK_HEADER) throw this.heap.exhausted(`${what} of ${bytes} bytes`);
    this.call(what, (fn) => fn.blockAlloc(this.slot, this.epoch, bytes));
    return this.answered;
  }

  free(block: number): void {
    this.call("free", (fn) => fn.blockFree(this.slot, this.epoch, block));
  }

  /** A private block with room for `length` bytes behind their length. */
  allocBytes(what: string, length: number): number {
    const block = this.alloc(what, LENGTH_BYTES + length);
    this.heap.u32[blockPayload(block) >> 2] = length; // private until published
    return block;
  }

  /** The bytes of such a block, in place. */
  bytesIn(block: number): Uint8Array {
    const start = blockPayload(block);
    return this.heap.u8.subarray(start + LENGTH_BYTES, start + LENGTH_BYTES + this.heap.u32[start >> 2]!);
  }

  /** Says that only the first `length` bytes of a private block count. */
  truncate(block: number, length: number): void {
    this.heap.u32[blockPayload(block) >> 2] = length;
  }

  /** A private block that holds a copy of `bytes`. */
  store(what: string, bytes: Uint8Array): number {
    const block = this.allocBytes(what, bytes.byteLength);
    this.heap.u8.set(bytes, blockPayload(block) + LENGTH_BYTES);
    return block;
  }

  /** A copy of what store() put into a block. */
  read(block: number): Uint8Array {
    return this.bytesIn(block).slice();
  }

  /** The same of a block that may be no such block any more: undefined if its length makes no sense. */
  readIfWhole(block: number): Uint8Array | undefined {
    const start = blockPayload(block);
    const { u32, u8 } = this.heap;
    const end = start + LENGTH_BYTES + (u32[start >> 2] ?? 0);
    return end <= u8.length ? u8.slice(start + LENGTH_BYTES, end) : undefined;
  }

  /** The same from a block that is now this thread's, and the block is freed. */
  take(block: number): Uint8Array {
    const bytes = this.read(block);
    this.free(block);
    return bytes;
  }

  /** The same into memory of the caller's, if it fits there; else a copy of its own. */
  takeInto(block: number, target: Uint8Array): Uint8Array {
    const bytes = this.bytesIn(block);
    if (bytes.byteLength > target.byteLength) return this.take(block);
    target.set(bytes);
    this.free(block);
    return target.subarray(0, bytes.byteLength);
  }

  /** This thread's working memory, made at its first use and swept with the thread. */
  get workspace(): Workspace {
    this.#workspace ??= new Workspace(this.heap, this.slot, this.alloc("a thread's working memory", WORKSPACE_BYTES));
    return this.#workspace;
  }
  #workspace: Workspace | undefined;

  /** Rejects every promise that waits here; a wait a peer has just completed keeps its success. */
  giveUpAll(reason: () => Error): void {
    for (const op of [...this.pending, ...this.background]) op.onGiveUp?.(reason);
    this.parker.drain();
  }

  /** Promises that nothing can settle any more reject. */
  #giveUpDoomed(): void {
    this.notes.doomOver();
    for (const op of [...this.pending]) op.onGiveUp?.(() => this.deadlocked("wait"));
  }

  /** Takes note that its supervisor has found it in a deadlock. */
  deadlocked(what: string): HeddleError {
    this.notes.doomOver();
    return new HeddleError("ERR_DEADLOCK", `${what}: it could never have ended, since whoever could end it waits as well`);
  }

  /** Writes down where an operation waits, if there is room for it. */
  tellWhere(op: Op): void {
    const lines = op.where?.stack?.split("\n").slice(1).filter(isOfUser);
    op.where = undefined;
    if (lines === undefined || op.whereBlock !== 0) return;
    try {
      op.noteWhere(this.store("where it waits", Buffer.from(lines.map((line) => line.trim()).join("\n"))));
    } catch (error) {
      if (!(error instanceof HeapExhaustedError)) throw error;
      // A full heap: who looks is told where nothing waits, and everything else.
    }
  }

  /**
   * A promise resolved at once; every READY_PER_TURN of them one is resolved on the next turn of the event loop. A loop of awaits that are always ready
   * would otherwise stop timers, I/O and every other task of the thread.
   */
  resolved<T>(value: T): Promise<T> {
    if (this.#clock !== undefined) return this.#resolvedVirtually(this.#clock, value);
    if (--this.#readyLeft > 0) return Promise.resolve(value);
    this.#readyLeft = READY_PER_TURN;
    return new Promise((resolve) => setImmediate(resolve, value));
  }
  #readyLeft = READY_PER_TURN;

  #resolvedVirtually<T>(clock: VirtualClock, value: T): Promise<T> {
    clock.touch();
    return clock.random ? new Promise((resolve) => clock.step(() => resolve(value))) : Promise.resolve(value);
  }

  /** A number no other end of this thread has, for declared one-to-one channels. */
  newEnd(): number {
    return this.#nextEnd++;
  }
}

function isOfUser(line: string): boolean {
  return !line.includes(OWN_FILES) && !line.includes("new Promise (<anonymous>)");
}

/** The error of every call on a runtime that was closed. */
export function runtimeClosed(): HeddleError {
  return new HeddleError("ERR_CLOSED", "the runtime is closed");
}

export function slotIndex(slot: number): number {
  return (slot - L.SLOTS_AT) / L.SLOT_SIZE;
}

export function slotAt(index: number): number {
  return L.SLOTS_AT + index * L.SLOT_SIZE;
}
