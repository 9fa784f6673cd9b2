// The shared heap: one WebAssembly.Memory for all threads of a runtime, and this thread's instance of the transitions over it.
//
// Memory   layout.ts draws it. Initial = maximum = ceiling: the operating system commits pages when they are first touched, and the memory is never
//          grown (growing under a running transition traps with a lock held; docs/decisions/0001).
// Order    the facts are written before the memory is handed to a second thread; everything after goes through transitions.

import { HeapExhaustedError, HeddleError } from "../errors.ts";
import { TRANSITIONS_BASE64 } from "./generated/transitions.ts";
import * as L from "./layout.ts";

/** The exports of the transitions module; every one answers a status of layout.ts. Addresses are unsigned 32-bit, written as numbers. */
export interface Transitions {
  trySend(channel: number, gen: number, slot: number, epoch: number, value: number): number;
  tryRecv(channel: number, gen: number, slot: number, epoch: number): number;
  trySendMany(channel: number, gen: number, slot: number, epoch: number, source: number, count: number): number;
  tryRecvMany(channel: number, gen: number, slot: number, epoch: number, target: number, count: number): number;
  chanOp(channel: number, gen: number, slot: number, epoch: number, node: number, mode: number): number;
  unlink(channel: number, slot: number, epoch: number, node: number): number;
  cancel(op: number): number;
  close(channel: number, gen: number, slot: number, epoch: number, resume: number): number;
  chanMake(slot: number, epoch: number, capacity: number, codec: number, strideBytes: number): number;
  chanFree(channel: number, gen: number, slot: number, epoch: number, force: number): number;
  chanClaim(channel: number, gen: number, slot: number, epoch: number, direction: number, end: number): number;
  blockAlloc(slot: number, epoch: number, bytes: number): number;
  blockFree(slot: number, epoch: number, block: number): number;
  sweepBlock(dead: number): number;
  schemaAdd(slot: number, epoch: number, block: number, count: number): number;
  slotOpen(slot: number): number;
  fence(slot: number): number;
  slotClose(slot: number): number;
  opChunk(slot: number, epoch: number): number;
  sweepChunk(dead: number): number;
  sweepSlot(dead: number): number;
  syncMake(slot: number, epoch: number, policy: number, permits: number, lock: number, lockGen: number): number;
  syncAcquire(record: number, gen: number, slot: number, epoch: number, node: number, mode: number): number;
  syncRelease(record: number, slot: number, epoch: number, node: number, mode: number): number;
  syncServe(record: number, slot: number, epoch: number, node: number): number;
  syncAdd(record: number, gen: number, slot: number, epoch: number, amount: number): number;
  syncSignal(record: number, gen: number, slot: number, epoch: number, all: number): number;
  syncClose(record: number, gen: number, slot: number, epoch: number): number;
  syncFree(record: number, gen: number, slot: number, epoch: number): number;
  syncKeep(record: number, gen: number, slot: number, epoch: number, block: number): number;
  keyTake(table: number, gen: number, slot: number, epoch: number): number;
  keyDrop(table: number, gen: number, slot: number, epoch: number): number;
  numberDo(record: number, gen: number, slot: number, epoch: number, what: number, a: number): number;
  leasePut(queue: number, gen: number, slot: number, epoch: number, node: number, mode: number): number;
  leaseTake(queue: number, gen: number, slot: number, epoch: number, node: number, mode: number): number;
  leaseServe(queue: number, slot: number, epoch: number, node: number, expires: number): number;
  leaseLook(queue: number, slot: number, epoch: number, job: number): number;
  leaseReturn(queue: number, slot: number, epoch: number, job: number, lease: number, cause: number): number;
  leaseAck(queue: number, slot: number, epoch: number, job: number, lease: number): number;
  leaseJob(slot: number, epoch: number, block: number): number;
  leaseDrop(slot: number, epoch: number, job: number): number;
  leaseMake(slot: number, epoch: number, capacity: number, attempts: number, dead: number, deadGen: number): number;
  leaseClose(queue: number, gen: number, slot: number, epoch: number): number;
  leaseFree(queue: number, gen: number, slot: number, epoch: number): number;
  bucketTake(slot: number, epoch: number, tiers: number, n: number, now: number, most: number): number;
  bucketGive(slot: number, epoch: number, tiers: number, n: number, now: number): number;
  bucketSet(record: number, gen: number, slot: number, epoch: number, what: number, now: number): number;
  taskReserve(slot: number, epoch: number, queue: number, count: number): number;
  taskGo(slot: number, epoch: number, queue: number, payload: number): number;
  taskTake(slot: number, epoch: number, queue: number, mode: number): number;
  taskKick(queue: number): number;
  taskFinish(slot: number, epoch: number, task: number, outcome: number, result: number): number;
  taskFail(slot: number, epoch: number, task: number, cause: number): number;
  taskCancel(slot: number, epoch: number, task: number, gen: number): number;
  taskCollect(slot: number, epoch: number, task: number): number;
}

/** The part of WebAssembly used here; its types live in lib dom, which a Node library must not ask for. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}
type WasmModule = { readonly wasm: "module" };
interface WasmApi {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => { exports: unknown };
}
const wasm = (globalThis as unknown as { WebAssembly?: WasmApi }).WebAssembly;

const PAGE_BYTES = 65_536;
export const DEFAULT_CEILING_BYTES = 512 * 1024 * 1024;
export const MIN_CEILING_BYTES = 2 * 1024 * 1024;
export const MAX_CEILING_BYTES = 4 * 1024 * 1024 * 1024 - PAGE_BYTES;

let compiled: WasmModule | undefined;

function requireWasm(): WasmApi {
  if (wasm) return wasm;
  throw new HeddleError("ERR_WASM_UNAVAILABLE", "expected WebAssembly, and this process has none (is it running with --jitless?)");
}

function transitionsOver(memory: WasmMemory): Transitions {
  const { Module, Instance } = requireWasm();
  compiled ??= new Module(Buffer.from(TRANSITIONS_BASE64, "base64"));
  return new Instance(compiled, { env: { memory } }).exports as Transitions;
}

/** How much of the shared heap is in use, and by how many of what. */
export interface HeapUse {
  /** Bytes of blocks and records in use; freed ones, waiting in their class, and the working blocks of threads do not count. */
  usedBytes: number;
  /** Bytes ever taken from the untouched part; never shrinks. */
  touchedBytes: number;
  ceilingBytes: number;
  /** Without the working blocks of threads and the schemas of structs, which stay. */
  blocks: number;
  channels: number;
  tasks: number;
  opChunks: number;
  /** Records of sync primitives. */
  syncs: number;
  leasedQueues: number;
  /** Jobs in leased queues: waiting, leased, or in the making. */
  jobs: number;
}

export class SharedHeap {
  readonly memory: WasmMemory;
  readonly fn: Transitions;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly u8: Uint8Array;
  readonly view: DataView;

  constructor(memory: WasmMemory) {
    this.memory = memory;
    this.i32 = new Int32Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
    this.f64 = new Float64Array(memory.buffer);
    this.u8 = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    if (this.u32[L.HEAP_MAGIC_AT >> 2] !== L.HEAP_MAGIC) {
      throw new HeddleError("ERR_INVALID_ARG", "expected the memory of a Heddle runtime, and this memory carries none");
    }
    this.fn = transitionsOver(memory);
  }

  /**
   * A heap with room for `ceilingBytes`. Where the system refuses that much address space, half of it is asked for, down to MIN_CEILING_BYTES.
   */
  static create(ceilingBytes: number, runtimeId: number): SharedHeap {
    const { Memory } = requireWasm();
    let pages = Math.floor(ceilingBytes / PAGE_BYTES);
    let memory: WasmMemory | undefined;
    for (; memory === undefined; pages >>>= 1) {
      try {
        memory = new Memory({ initial: pages, maximum: pages, shared: true });
      } catch (cause) {
        if ((pages >>> 1) * PAGE_BYTES < MIN_CEILING_BYTES) {
          throw new HeapExhaustedError(
            `expected ${ceilingBytes} bytes of shared memory, and the system refuses even ${pages * PAGE_BYTES}`,
            {
              cause,
            },
          );
        }
      }
    }
    const words = new Uint32Array(memory.buffer);
    words[L.HEAP_CEILING_AT >> 2] = memory.buffer.byteLength;
    words[L.HEAP_RUNTIME_ID_AT >> 2] = runtimeId;
    words[L.HEAP_SUPERVISOR_AT >> 2] = L.SLOTS_AT;
    words[(L.BUMP_AT + L.BUMP_NEXT) >> 2] = L.RECORDS_AT;
    words[L.HEAP_MAGIC_AT >> 2] = L.HEAP_MAGIC;
    return new SharedHeap(memory);
  }

  get runtimeId(): number {
    return this.u32[L.HEAP_RUNTIME_ID_AT >> 2]!;
  }

  /** Reads the counters of the classes; a snapshot, exact while no other thread allocates. */
  use(): HeapUse {
    const used = (kind: number) => this.u32[(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_USED) >> 2]!;
    let usedBytes = 0;
    let blocks = 0;
    for (let index = 0; index < L.BLOCK_CLASSES; index++) {
      blocks += used(index);
      usedBytes += used(index) * blockClassBytes(index);
    }
    blocks -= Atomics.load(this.i32, (L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2) >>> 1;
    for (let i = Atomics.load(this.i32, L.HEAP_SLOTS_AT >> 2) - 1; i >= 0; i--) {
      const workspace = this.u32[(L.SLOTS_AT + i * L.SLOT_SIZE + L.SLOT_WORKSPACE) >> 2]!;
      if (workspace === 0) continue;
      blocks--;
      usedBytes -= blockClassBytes(this.u32[(workspace + L.BLOCK_CLASS) >> 2]!);
    }
    const channels = used(L.KIND_CHANNEL);
    const tasks = used(L.KIND_TASK);
    const opChunks = used(L.KIND_OP_CHUNK);
    const syncs = used(L.KIND_SYNC);
    const leasedQueues = used(L.KIND_LEASED);
    const jobs = used(L.KIND_JOB);
    usedBytes += channels * L.CHANNEL_SIZE + tasks * L.TASK_SIZE + opChunks * L.OP_CHUNK_SIZE + syncs * L.SYNC_SIZE;
    usedBytes += leasedQueues * L.LEASED_SIZE + jobs * L.JOB_SIZE;
    return {
      usedBytes,
      touchedBytes: this.u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2]! - L.RECORDS_AT,
      ceilingBytes: this.u32[L.HEAP_CEILING_AT >> 2]!,
      blocks,
      channels,
      tasks,
      opChunks,
      syncs,
      leasedQueues,
      jobs,
    };
  }

  /** Every record of a kind that was ever used, free ones included: the caller looks at its state. */
  *records(kind: number, size: number): Generator<number> {
    const home = L.CLASSES_AT + kind * L.CLASS_SIZE;
    const newest = this.u32[(home + L.CLASS_CHUNKS) >> 2]!;
    for (let chunk = newest; chunk !== 0; chunk = this.u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
      const end = chunk === newest ? this.u32[(home + L.CLASS_NEXT) >> 2]! : chunk + L.LINE + size * L.CHUNK_RECORDS;
      for (let record = chunk + L.LINE; record < end; record += size) yield record;
    }
  }

  /** The error for a heap that is full: names the ceiling and who holds most of it. */
  exhausted(what: string): HeapExhaustedError {
    const use = this.use();
    const parts = [
      { name: "channels", bytes: use.channels * L.CHANNEL_SIZE, count: use.channels },
      { name: "tasks", bytes: use.tasks * L.TASK_SIZE, count: use.tasks },
      { name: "sync primitives", bytes: use.syncs * L.SYNC_SIZE, count: use.syncs },
      { name: "leased queues", bytes: use.leasedQueues * L.LEASED_SIZE, count: use.leasedQueues },
      { name: "jobs", bytes: use.jobs * L.JOB_SIZE, count: use.jobs },
      { name: "chunks of waiting operations", bytes: use.opChunks * L.OP_CHUNK_SIZE, count: use.opChunks },
    ];
    for (let index = 0; index < L.BLOCK_CLASSES; index++) {
      const count = this.u32[(L.CLASSES_AT + index * L.CLASS_SIZE + L.CLASS_USED) >> 2]!;
      const bytes = blockClassBytes(index);
      if (count > 0) parts.push({ name: `blocks of ${bytes} bytes`, bytes: count * bytes, count });
    }
    const largest = parts
      .filter((part) => part.count > 0)
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 3)
      .map((part) => `${part.count} ${part.name} (${part.bytes} bytes)`);
    return new HeapExhaustedError(
      `no room for ${what}: the shared heap's ceiling is ${use.ceilingBytes} bytes (option heapBytes), ${use.usedBytes} in use; largest users: ${largest.join(", ") || "none"}`,
    );
  }
}

/** Bytes of a block class, header included. */
export function blockClassBytes(index: number): number {
  return index & 1 ? 32 * 2 ** (index >> 1) : 24 * 2 ** (index >> 1);
}

export function blockPayload(block: number): number {
  return block + L.BLOCK_HEADER;
}
