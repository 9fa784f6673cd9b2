// The state of one explored world: the shared heap and, behind it, the private words of every modelled thread. One array of 32-bit words, a hash
// of all of it kept up to date by every write, and a log that takes writes back when the explorer turns around.
//
// The heap keeps its real addresses (layout.ts), so the shipped bytes run on it as they are. Rules that hold on real addresses are checked here:
// control words (≡ 60 mod 64 in a record) atomically and nothing else so; no null page, no access past the ceiling, alignment.

import * as L from "../src/runtime/memory/layout.ts";

/** A property does not hold in this state. */
export class Violation extends Error {}

export const HEAP_BYTES = L.RECORDS_AT + 98_304;
/** First of the words behind the heap: the model's own state. */
export const MODEL_WORDS = HEAP_BYTES >> 2;
/** For each 64 bytes of the heap, who holds the lock in their control word: thread + 1, or 0. */
const HOLDERS = MODEL_WORDS + 2048;
/** For each thread, how many locks it holds. */
const HELD = MODEL_WORDS + 200;
const WORDS = HOLDERS + (HEAP_BYTES >> 6);
const SCHEMAS = L.SCHEMAS_AT + L.SCHEMA_TABLE;
const LOWEST_ADDRESS = 128;

const scratchF64 = new Float64Array(1);
const scratchI32 = new Int32Array(scratchF64.buffer);

function mixLow(index: number, value: number): number {
  let x = Math.imul(index, 0x9e3779b1) ^ Math.imul(value, 0x85ebca77);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return x ^ (x >>> 15);
}

function mixHigh(index: number, value: number): number {
  let x = (Math.imul(index, 0x7feb352d) + Math.imul(value ^ 0x5bd1e995, 0x846ca68b)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 16);
}

/** The control words that are locks: of slots, queues, classes, the bump pointer, and the two index words of channels. */
function isLock(m: Int32Array, address: number): boolean {
  if (address < L.SLOTS_AT)
    return address >= L.CLASSES_AT || ((address & 127) === 60 && address !== L.LIVE_AT + L.LIVE_TASKS && address >= L.BUMP_AT);
  if (address < L.RECORDS_AT) return (address & (L.SLOT_SIZE - 1)) === L.SLOT_LOCK;
  let chunk = m[(L.CLASSES_AT + L.KIND_CHANNEL * L.CLASS_SIZE + L.CLASS_CHUNKS) >> 2]!;
  for (let limit = 0; chunk !== 0 && limit < 8; limit++) {
    const offset = address - chunk - L.LINE;
    if (offset >= 0 && offset < L.CHANNEL_SIZE * L.CHUNK_RECORDS) {
      return offset % L.CHANNEL_SIZE === L.CHANNEL_SEND_WORD || offset % L.CHANNEL_SIZE === L.CHANNEL_RECV_WORD;
    }
    chunk = m[(chunk + L.CHUNK_NEXT) >> 2]!;
  }
  for (const [kind, size, lock] of [
    [L.KIND_SYNC, L.SYNC_SIZE, L.SYNC_LOCK],
    [L.KIND_LEASED, L.LEASED_SIZE, L.LEASED_LOCK],
  ] as const) {
    chunk = m[(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_CHUNKS) >> 2]!;
    const offset = address - chunk - L.LINE;
    if (chunk !== 0 && offset >= 0 && offset < size * L.CHUNK_RECORDS) return offset % size === lock;
  }
  return false;
}

/** Bytes of a chunk of each kind, after its line of header. */
export const CHUNK_BYTES: readonly (readonly [kind: number, bytes: number])[] = [
  [L.KIND_CHANNEL, L.CHANNEL_SIZE * L.CHUNK_RECORDS],
  [L.KIND_TASK, L.TASK_SIZE * L.CHUNK_RECORDS],
  [L.KIND_OP_CHUNK, L.OP_CHUNK_SIZE],
  [L.KIND_SYNC, L.SYNC_SIZE * L.CHUNK_RECORDS],
  [L.KIND_LEASED, L.LEASED_SIZE * L.CHUNK_RECORDS],
  [L.KIND_JOB, L.JOB_SIZE * L.CHUNK_RECORDS],
];

export class World {
  readonly m = new Int32Array(WORDS);
  hashLow = 0;
  hashHigh = 0;
  /** Words written since the start: index, old value, index, old value … */
  log = new Int32Array(1 << 16);
  logged = 0;
  /** Addresses of plain accesses of the running step, when a race check wants them: address << 1 | written. */
  accesses: number[] | undefined;
  /** The running step began with a plain store: an interleaving point that orders nothing. */
  isPlainPoint = false;
  /** The thread whose action runs. */
  actor = 0;
  /** Called when a transition notifies the sleeper of an address. */
  onNotify: (address: number) => void = () => {};
  ceiling = HEAP_BYTES;
  /** What the last finished fine call returned. */
  result = 0;

  set(index: number, value: number): void {
    const old = this.m[index]!;
    if (old === value) return;
    if (this.logged + 2 > this.log.length) {
      const longer = new Int32Array(this.log.length * 2);
      longer.set(this.log);
      this.log = longer;
    }
    this.log[this.logged] = index;
    this.log[this.logged + 1] = old;
    this.logged += 2;
    this.hashLow ^= mixLow(index, old) ^ mixLow(index, value);
    this.hashHigh ^= mixHigh(index, old) ^ mixHigh(index, value);
    this.m[index] = value;
  }

  undoTo(mark: number): void {
    for (let at = this.logged - 2; at >= mark; at -= 2) {
      const index = this.log[at]!;
      const old = this.log[at + 1]!;
      const value = this.m[index]!;
      this.hashLow ^= mixLow(index, old) ^ mixLow(index, value);
      this.hashHigh ^= mixHigh(index, old) ^ mixHigh(index, value);
      this.m[index] = old;
    }
    this.logged = mark;
  }

  /** The address lies in a record, not in a block or in the table of schemas: only there the rule of control words holds. */
  inRecord(address: number): boolean {
    if (address < L.RECORDS_AT) return address < SCHEMAS || address >= SCHEMAS + 4 * L.SCHEMA_MAX;
    for (const [kind, bytes] of CHUNK_BYTES) {
      let chunk = this.m[(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_CHUNKS) >> 2]!;
      for (let limit = 0; chunk !== 0 && limit < 64; limit++) {
        if (address >= chunk && address < chunk + L.LINE + bytes) return true;
        // A chunk of operations has one record, at a line's distance; its header links the chunks.
        chunk = this.m[(chunk + L.CHUNK_NEXT) >> 2]!;
      }
    }
    return false;
  }

  private reject(address: number, what: string): never {
    throw new Violation(`${what} at address ${address} (${address % 64} mod 64)`);
  }

  private plain(address: number, written: number): void {
    if (address < LOWEST_ADDRESS || address + 4 > this.ceiling) this.reject(address, "trap or null: plain access");
    if (address & 3) this.reject(address, "misaligned plain access");
    if ((address & 63) === L.CONTROL_REMAINDER && this.inRecord(address)) this.reject(address, "plain access to a control word");
    if (this.accesses !== undefined) this.accesses.push((address << 1) | written);
  }

  private atomic(address: number): void {
    if (address < LOWEST_ADDRESS || address + 4 > this.ceiling) this.reject(address, "trap or null: atomic access");
    if ((address & 63) !== L.CONTROL_REMAINDER || !this.inRecord(address)) this.reject(address, "atomic access beside the control words");
  }

  ld(address: number): number {
    this.plain(address, 0);
    return this.m[address >> 2]!;
  }

  st(address: number, value: number): void {
    this.plain(address, 1);
    this.set(address >> 2, value);
  }

  ldF64(address: number): number {
    scratchI32[0] = this.ld(address);
    scratchI32[1] = this.ld(address + 4);
    return scratchF64[0]!;
  }

  stF64(address: number, value: number): void {
    scratchF64[0] = value;
    const high = scratchI32[1]!;
    this.st(address, scratchI32[0]!);
    this.st(address + 4, high);
  }

  /** memory.fill: fresh record memory, control words included. */
  fill(address: number, value: number, bytes: number): void {
    if (address < L.RECORDS_AT || address + bytes > this.ceiling || address & 3 || bytes & 3) this.reject(address, "fill");
    for (let at = address; at < address + bytes; at += 4) {
      if (this.accesses !== undefined && (at & 63) !== L.CONTROL_REMAINDER) this.accesses.push((at << 1) | 1);
      this.set(at >> 2, value * 0x01010101);
    }
  }

  /** memory.copy: plain reads and writes of every word, so never of a control word. */
  copy(to: number, from: number, bytes: number): void {
    if (bytes & 3 || to + bytes > this.ceiling || from + bytes > this.ceiling) this.reject(to, `copy of ${bytes} bytes from ${from}`);
    const words: number[] = [];
    for (let at = 0; at < bytes; at += 4) words.push(this.ld(from + at));
    for (let i = 0; i < words.length; i++) this.st(to + 4 * i, words[i]!);
  }

  aLoad(address: number): number {
    this.atomic(address);
    return this.m[address >> 2]!;
  }

  /** The thread that holds the lock in a control word, or −1. Index words count as held while their lowest bit is theirs. */
  holderOf(address: number): number {
    return this.m[HOLDERS + (address >> 6)]! - 1;
  }

  /** How many locks a thread holds. */
  locksHeldBy(thread: number): number {
    return this.m[HELD + thread]!;
  }
  private claimed(address: number): void {
    if (this.holderOf(address) >= 0) this.reject(address, "a lock that is held was taken");
    this.set(HOLDERS + (address >> 6), this.actor + 1);
    this.set(HELD + this.actor, this.m[HELD + this.actor]! + 1);
  }
  private released(address: number): void {
    if (this.holderOf(address) !== this.actor) this.reject(address, "a lock was released by a thread that does not hold it");
    this.set(HOLDERS + (address >> 6), 0);
    this.set(HELD + this.actor, this.m[HELD + this.actor]! - 1);
  }

  aStore(address: number, value: number): void {
    this.atomic(address);
    if (isLock(this.m, address)) {
      if (value & 1) this.reject(address, "a lock was set by a plain store");
      this.released(address);
    }
    this.set(address >> 2, value);
  }

  cas(address: number, expected: number, value: number): number {
    this.atomic(address);
    const old = this.m[address >> 2]!;
    if (old !== expected) return old;
    this.set(address >> 2, value);
    if (isLock(this.m, address)) this.claimed(address);
    return old;
  }

  xchg(address: number, value: number): number {
    this.atomic(address);
    const old = this.m[address >> 2]!;
    this.set(address >> 2, value);
    if (isLock(this.m, address)) this.claimed(address);
    return old;
  }

  add(address: number, value: number): number {
    this.atomic(address);
    const old = this.m[address >> 2]!;
    this.set(address >> 2, (old + value) | 0);
    return old;
  }

  notify(address: number): number {
    this.atomic(address);
    this.onNotify(address);
    return 1;
  }

  /** Two words of a 64-bit value kept among the model's words. */
  setF64(index: number, value: number): void {
    scratchF64[0] = value;
    const high = scratchI32[1]!;
    this.set(index, scratchI32[0]!);
    this.set(index + 1, high);
  }

  getF64(index: number): number {
    scratchI32[0] = this.m[index]!;
    scratchI32[1] = this.m[index + 1]!;
    return scratchF64[0]!;
  }

  setI64(index: number, value: bigint): void {
    this.set(index, Number(BigInt.asIntN(32, value)));
    this.set(index + 1, Number(BigInt.asIntN(32, value >> 32n)));
  }

  getI64(index: number): bigint {
    return (BigInt(this.m[index + 1]!) << 32n) | BigInt(this.m[index]! >>> 0);
  }
}
