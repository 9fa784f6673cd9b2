// The heap at rest: every block and record in exactly one place, counters that say so, and nothing left behind by the dead.

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import { blockClassBytes, chain, recordsOf } from "./records.ts";
import * as T from "./thread.ts";
import { CHUNK_BYTES, Violation, type World } from "./world.ts";

function bad(message: string): never {
  throw new Violation(`heap at rest: ${message}`);
}

/** The blocks that lie in a ring of blocks. */
function held({ m }: World, channel: number): number[] {
  const at = (offset: number) => m[(channel + offset) >> 2]!;
  const list: number[] = [];
  for (let word = at(L.CHANNEL_RECV_WORD) & -2; word !== (at(L.CHANNEL_SEND_WORD) & -2) && list.length < 16; word = (word + 2) | 0) {
    list.push(m[(at(L.CHANNEL_BUFFER) + L.BLOCK_HEADER + ((word >>> 1) & at(L.CHANNEL_MASK)) * 8) >> 2]!);
  }
  return list;
}

export function checkHeap({ world, history, threads, supervisor }: Scene): void {
  const at = (address: number) => world.m[address >> 2]!;
  const places = new Map<number, string>();
  const put = (block: number, place: string) => {
    const before = places.get(block);
    if (before !== undefined) bad(`the block at ${block} is both ${before} and ${place}`);
    places.set(block, place);
  };

  for (let index = 0; index < L.BLOCK_CLASSES; index++) {
    const first = at(L.CLASSES_AT + index * L.CLASS_SIZE + L.CLASS_FREE);
    const free = chain(world, first, L.BLOCK_NEXT) ?? bad(`the free list of class ${index} is a circle`);
    for (const block of free) {
      if (at(block + L.BLOCK_CLASS) !== index) bad(`a free block of class ${at(block + L.BLOCK_CLASS)} lies in class ${index}`);
      put(block, "free");
    }
    if (index < L.COOL_CLASS) continue;
    if (at(L.CLASSES_AT + index * L.CLASS_SIZE + L.CLASS_COOLING) !== free.length)
      bad(`the free blocks of class ${index} are counted wrong`);
    if (free.length > 0 && at(L.CLASSES_AT + index * L.CLASS_SIZE + L.CLASS_LAST) !== free.at(-1))
      bad(`the free list of class ${index} does not end where its class says`);
  }
  const used: number[] = [];
  const keep = (block: number, place: string) => {
    put(block, place);
    used.push(block);
    if (at(block + L.BLOCK_OWNER) !== 0) bad(`a block ${place} is still private`);
  };
  const slots = new Set(threads.map((t) => t.slot).filter((slot) => slot !== 0));
  for (const slot of slots) {
    let before = 0;
    for (const block of chain(world, at(slot + L.SLOT_BLOCKS), L.BLOCK_NEXT) ?? bad("a private list is a circle")) {
      if (at(block + L.BLOCK_OWNER) !== slot || at(block + L.BLOCK_PREV) !== before) bad(`a private list of slot ${slot} is torn`);
      before = block;
      put(block, "private");
      used.push(block);
    }
  }
  let channels = 0;
  for (const channel of recordsOf(world, L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
    if (at(channel + L.CHANNEL_LIVE) === 0) continue;
    channels += 1;
    const ring = at(channel + L.CHANNEL_BUFFER);
    const capacity = at(channel + L.CHANNEL_CAPACITY);
    const stride = at(channel + L.CHANNEL_STRIDE);
    const bytes = (at(channel + L.CHANNEL_MASK) + 1) * stride + L.BLOCK_HEADER;
    if ((ring !== 0) !== capacity > 0) bad("a channel has a ring and no capacity, or the other way round");
    if (((bytes - L.BLOCK_HEADER) / stride) & at(channel + L.CHANNEL_MASK)) bad("the slots of a ring are no power of two");
    if (ring !== 0 && (bytes < capacity * stride + L.BLOCK_HEADER || blockClassBytes(at(ring + L.BLOCK_CLASS)) < bytes))
      bad("a ring is too small");
    if (ring !== 0) {
      put(ring, "a ring");
      used.push(ring);
      if (at(ring + L.BLOCK_OWNER) !== 0) bad("a ring is still private");
      if (at(channel + L.CHANNEL_FLAGS) & L.FLAG_BLOCKS) for (const block of held(world, channel)) keep(block, "in a ring");
    }
  }
  const texts = new Set<number>();
  for (let number = history.model.schemas ?? 0; number < at(L.SCHEMAS_AT + L.SCHEMA_WORD) >>> 1; number++) {
    const block = at(L.SCHEMAS_AT + L.SCHEMA_TABLE + 4 * number);
    keep(block, "a schema");
    texts.add(at(block + L.BLOCK_HEADER));
    if (texts.size !== number + 1 - (history.model.schemas ?? 0)) bad("a description stands twice in the table of schemas");
  }
  for (const record of recordsOf(world, L.KIND_SYNC, L.SYNC_SIZE)) {
    const block = at(record + L.SYNC_BLOCK);
    if (block !== 0 && at(record + L.SYNC_LIVE) === 0) bad("a freed sync record still has a block");
    if (block !== 0) keep(block, "of a sync record");
  }
  let tasks = 0;
  for (const task of recordsOf(world, L.KIND_TASK, L.TASK_SIZE)) {
    if (at(task + L.TASK_STATE) === L.TASK_FREE) continue;
    tasks += 1;
    for (const block of [at(task + L.TASK_PAYLOAD), at(task + L.TASK_RESULT)]) {
      if (block === 0) continue;
      put(block, "of a task");
      if (at(block + L.BLOCK_OWNER) !== 0) bad("a task's block is still private");
      used.push(block);
    }
  }
  for (const job of recordsOf(world, L.KIND_JOB, L.JOB_SIZE)) {
    if (at(job + L.JOB_STAGE) === L.JOB_FREE) continue;
    for (const block of [at(job + L.JOB_BLOCK), at(job + L.JOB_CAUSES)]) if (block !== 0) keep(block, "of a job");
  }
  const count = (kind: number) => at(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_USED);
  for (let index = 0; index < L.BLOCK_CLASSES; index++) {
    const inUse = used.filter((block) => at(block + L.BLOCK_CLASS) === index).length;
    if (count(index) !== inUse) bad(`class ${index} counts ${count(index)} in use, and ${inUse} are`);
  }
  if (count(L.KIND_CHANNEL) !== channels) bad(`${count(L.KIND_CHANNEL)} channels count as in use, and ${channels} are`);
  if (count(L.KIND_TASK) !== tasks) bad(`${count(L.KIND_TASK)} tasks count as in use, and ${tasks} are`);
  let chunks = 0;
  for (const slot of slots) chunks += (chain(world, at(slot + L.SLOT_CHUNKS), L.CHUNK_NEXT) ?? bad("a list of chunks is a circle")).length;
  if (count(L.KIND_OP_CHUNK) !== chunks) bad(`${count(L.KIND_OP_CHUNK)} chunks count as in use, and ${chunks} are`);
  for (const [kind, size, link, live, name] of [
    [L.KIND_SYNC, L.SYNC_SIZE, L.SYNC_FREE_NEXT, L.SYNC_LIVE, "sync records"],
    [L.KIND_LEASED, L.LEASED_SIZE, L.LEASED_FREE_NEXT, L.LEASED_LIVE, "leased queues"],
    [L.KIND_JOB, L.JOB_SIZE, L.JOB_NEXT, L.JOB_STAGE, "jobs"],
  ] as const) {
    const all = recordsOf(world, kind, size);
    const alive = all.filter((record) => at(record + live) !== 0).length;
    if (count(kind) !== alive) bad(`${count(kind)} ${name} count as in use, and ${alive} are`);
    const free = chain(world, at(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_FREE), link) ?? bad("a free list is a circle");
    if (free.length + alive !== all.length) bad(`${all.length} ${name}: ${free.length} free and ${alive} used`);
  }
  for (const kind of [L.KIND_CHANNEL, L.KIND_TASK]) {
    const link = kind === L.KIND_CHANNEL ? L.CHANNEL_FREE_NEXT : L.TASK_FREE_NEXT;
    const all = recordsOf(world, kind, kind === L.KIND_CHANNEL ? L.CHANNEL_SIZE : L.TASK_SIZE).length;
    const free =
      chain(world, at(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_FREE), link) ?? bad(`the free list of kind ${kind} is a circle`);
    if (free.length + count(kind) + history.retired(kind) !== all)
      bad(`${all} records of kind ${kind}: ${free.length} free and ${count(kind)} used`);
  }
  const opChunks =
    chain(world, at(L.CLASSES_AT + L.KIND_OP_CHUNK * L.CLASS_SIZE + L.CLASS_CHUNKS), L.CHUNK_NEXT) ?? bad("the chunks form a circle");
  const freeChunks =
    chain(world, at(L.CLASSES_AT + L.KIND_OP_CHUNK * L.CLASS_SIZE + L.CLASS_FREE), L.CHUNK_NEXT) ?? bad("the free chunks form a circle");
  if (freeChunks.length + chunks !== opChunks.length)
    bad(`${opChunks.length} chunks of operations: ${freeChunks.length} free and ${chunks} used`);
  // Every byte ever carved is in one of those places: pieces lie end to end, and only before a chunk, which begins at a line, may bytes be left over.
  const pieces = [...places.keys()].map((start) => ({ start, bytes: blockClassBytes(at(start + L.BLOCK_CLASS)), isChunk: false }));
  for (const [kind, bytes] of CHUNK_BYTES) {
    const list = chain(world, at(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_CHUNKS), L.CHUNK_NEXT) ?? bad("chunks form a circle");
    for (const start of list) pieces.push({ start, bytes: L.LINE + bytes, isChunk: true });
  }
  pieces.sort((one, other) => one.start - other.start);
  let end = L.RECORDS_AT;
  for (const { start, bytes, isChunk } of pieces) {
    const aligned = isChunk ? (end + L.LINE - 1) & -L.LINE : end;
    if (start !== aligned) bad(`the piece at ${start} should begin at ${aligned}`);
    end = start + bytes;
  }
  if (end !== at(L.BUMP_AT + L.BUMP_NEXT)) bad(`the pieces end at ${end}, and the bump pointer stands at ${at(L.BUMP_AT + L.BUMP_NEXT)}`);
  if (end > world.ceiling) bad("the heap has grown past its ceiling");

  for (const t of threads) {
    if (t === supervisor || t.slot === 0) continue;
    if (t.status === T.FINISHED && !history.keepsBlocks(t.index) && at(t.slot + L.SLOT_BLOCKS) !== 0)
      bad(`thread ${t.index} has finished and still owns a block`);
    const isOver = t.status === T.DEAD || t.status === T.ENDED;
    const isReused = threads.some((other) => other !== t && other.slot === t.slot && other.status !== T.UNBORN);
    if (
      isOver &&
      !isReused &&
      (at(t.slot + L.SLOT_STATE) !== L.SLOT_FREE || at(t.slot + L.SLOT_BLOCKS) !== 0 || at(t.slot + L.SLOT_RESERVED) !== 0)
    )
      bad(`the slot of dead thread ${t.index} was not given back`);
  }
}
